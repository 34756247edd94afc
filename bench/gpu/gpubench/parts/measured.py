"""The parts that compare a loop untraced and traced."""
import os
import sys

from ..loop import LOOPS
from ..rounds import measure_rounds
from ..subject import Subject
from .build import LOOPS as PROGRAMS
from .build import build_launch_loop

# A decode has threads beside the one that launches.
CORES = 4


def launch(context):
    program = str(build_launch_loop(context))
    measure(context, "launches", [program, "1000"])
    measure(context, "steps", [program, "100", "read-back"])


def llama(context):
    measure(context, "llama", decode("llama"))


def lean(context):
    measure(context, "lean", decode("lean"))


def graph(context):
    measure(context, "graph", decode("graph"))


def vllm(context):
    site = os.environ.get("VLLM_SITE", "/tmp/vllm-site")
    program = '. "$1/env.sh" && exec python3 "$2"'
    measure(context, "vllm", ["bash", "-c", program, "bash", site, str(PROGRAMS / "vllm_windows.py")], pinned=False)


def decode(kind):
    return [sys.executable, str(PROGRAMS / "torch_decode.py"), kind]


def measure(context, name, command, pinned=True):
    """Kept on a few cores, the loop is not moved about between two phases; an engine of several processes uses all."""
    context.say(f"{name}: starting")
    cores = sorted(os.sched_getaffinity(0))[-CORES:] if pinned else None
    subject = Subject(name, command, f"{context.folder}/{name}.log", cores)
    try:
        measure_rounds(context, LOOPS[name], subject)
    finally:
        subject.stop()
