"""What `ingero check` says of this host, and of each function, while CUDA programs run."""
import json
import subprocess
import sys

from ..subject import Subject, SubjectFailed
from .build import BuildFailed, build_launch_loop

# PyTorch brings the driver, the runtime and NCCL into its process.
USES_TORCH = """
import json, os, sys, torch
torch.ones(1, device="cuda")
print(json.dumps({"ready": True, "pid": os.getpid()}), flush=True)
sys.stdin.read()
"""


def check_host(context):
    subjects = start_subjects(context)
    try:
        context.results.add(
            "check",
            version=ingero(context, "version"),
            text=ingero(context, "check", "--sites"),
            json=json.loads(ingero(context, "check", "--json")),
        )
    finally:
        for subject in subjects:
            subject.stop()


def start_subjects(context):
    """The programs that can be had; `check` itself works without any."""
    subjects = []
    try:
        subjects.append(Subject("launch loop", [str(build_launch_loop(context)), "1"], f"{context.folder}/check-loop.log"))
    except (BuildFailed, SubjectFailed) as failure:
        context.say(f"check: {failure}")
    try:
        subjects.append(Subject("PyTorch", [sys.executable, "-c", USES_TORCH], f"{context.folder}/check-torch.log"))
    except SubjectFailed as failure:
        context.say(f"check: {failure}")
    return subjects


def ingero(context, *arguments):
    done = subprocess.run(
        [context.ingero, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"ingero {' '.join(arguments)}: exit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout.rstrip()
