"""Traces a labelled loop of each framework, live, and compares the steps with the labels one by one."""
import gzip
import json
import shutil
import sys
import tarfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from ..agent import Agent, AgentRefused, summary_of
from ..host import last_lines
from ..match import score
from ..programs import run_logged
from .build import REPOSITORY, BuildFailed, build

WORKLOADS = REPOSITORY / "fixtures/gpu-workloads"
FAULTS = "cpu,gpu,gil,copy,straggler,alloc"
# It has to be there before the first program of a row maps the driver.
STARTING_S = 2.5
# The loop in CUDA C has no warm-up; it waits until it is watched.
WAITING_S = 3
# What a workload did last is still on its way.
LAST_S = 1


@dataclass(frozen=True)
class Row:
    name: str
    title: str
    # Of fixtures/gpu-workloads; empty for the loop in CUDA C.
    workload: str = ""
    nvcc_flags: tuple = ()
    timeout_s: int = 110


ROWS = (
    Row("eager", "PyTorch eager", "llama-sdpa"),
    Row("graph", "PyTorch, CUDA graphs", "static-graph"),
    Row("compile", "torch.compile, CUDA graphs", "compile", timeout_s=130),
    Row("compile-kernels", "torch.compile, kernels one by one", "compile-kernels", timeout_s=130),
    Row("cupy", "CuPy", "cupy-loop"),
    Row("triton", "Triton", "triton-loop"),
    Row("jax", "JAX", "jax-decode"),
    Row("cuda-c", "CUDA C, static runtime", timeout_s=60),
    Row("cuda-c-ptds", "CUDA C, per-thread default stream", nvcc_flags=("--default-stream", "per-thread"), timeout_s=60),
)


def trace_frameworks(context):
    wanted = context.options.frameworks
    for row in ROWS:
        if wanted and row.name not in wanted:
            continue
        if context.left_s() < 45:
            context.results.add("framework", row=row.name, title=row.title, failure="no time was left for it")
            continue
        context.say(f"frameworks: {row.title}")
        try:
            trace_row(context, row)
        except (AgentRefused, BuildFailed, OSError, ValueError, KeyError) as failure:
            context.say(f"frameworks: {row.title}: {failure}")
            context.results.add("framework", row=row.name, title=row.title, failure=str(failure))


def trace_row(context, row):
    labels_path = Path(context.folder, f"{row.name}.labels.json")
    log = Path(context.folder, f"{row.name}.workload.log")
    capture = Path(context.folder, f"{row.name}.igr") if row.name in context.options.recordings else None
    command = workload_command(context, row, labels_path)
    flags = ["--inference", "--emit", "steps,outliers", *(["--capture", str(capture)] if capture else [])]
    with Agent(context.ingero, flags, context.folder, f"row-{row.name}") as agent:
        time.sleep(STARTING_S)
        agent.must_run()
        timeout_s = min(row.timeout_s, max(20, context.left_s() - 15))
        code = run_logged(command, log, timeout_s, context.folder)
        time.sleep(LAST_S)
        messages = agent.stop()
        said = agent.said()
    if not labels_path.exists():
        raise AgentRefused(f"the workload left no labels, exit code {code}: {last_lines(log)}")
    labels = json.loads(labels_path.read_text(encoding="utf-8"))
    if not labels["steps"]:
        raise AgentRefused(f"the workload labelled nothing: {labels['skipped'] or last_lines(log)}")
    summary = summary_of(messages)
    context.results.add(
        "framework",
        row=row.name,
        title=row.title,
        captured=capture is not None,
        **score(labels["steps"], messages),
        skipped=labels["skipped"],
        events=summary["events"],
        ledgers=summary["ledgers"],
        said=said,
    )
    if capture:
        pack(context, row, capture, labels_path)


def workload_command(context, row, labels):
    if row.workload == "":
        program = build(context, WORKLOADS / "infer_phases.cu", row.name, *row.nvcc_flags)
        # Steps of some 100 µs and of 3 ms, one after the other.
        pace = ["--steps", "1500", "--step-delay-ms", "0", "--slow-decode-us", "10000"]
        go = Path(context.folder, f"{row.name}.go")
        threading.Timer(STARTING_S + WAITING_S, go.touch).start()
        return [str(program), "--labels", str(labels), "--workload", row.name, "--wait-for", str(go), *pace]
    command = [sys.executable, str(WORKLOADS / "record.py"), "--workloads", row.workload, "--labels", str(labels)]
    # Faults belong into a recording; the table is of what is seen.
    faults = ["--faults", FAULTS] if row.name in context.options.recordings else []
    return [*command, "--seed", str(context.options.seed), "--seconds", "15", *faults]


def pack(context, row, capture, labels):
    """OUT/NAME.tar, as make-recordings.sh makes it."""
    packed = Path(f"{capture}.gz")
    with open(capture, "rb") as source, gzip.open(packed, "wb", compresslevel=9) as target:
        shutil.copyfileobj(source, target)
    capture.unlink()
    with tarfile.open(Path(context.out, f"{row.name}.tar"), "w") as tar:
        for path in (packed, labels):
            tar.add(path, path.name)
