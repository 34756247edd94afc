"""Traces loops that count their own calls of NCCL, and compares the counts."""
import json
import sys
import time
from pathlib import Path

from ..agent import Agent, AgentRefused, summary_of
from ..host import last_lines, query_gpus
from ..match import Steps
from ..programs import run_logged
from .build import LOOPS

LOOP_NAMES = ("ddp", "tensor-parallel")
STARTING_S = 2.5
LAST_S = 1
TIMEOUT_S = 100


def trace_nccl(context):
    gpus = len(query_gpus())
    worlds = [1] if gpus < 2 else [1, 2]
    if gpus < 2:
        context.results.add("note", text="This host has one GPU: NCCL was measured in a group of one, not between two GPUs.")
    for world in worlds:
        for loop in LOOP_NAMES:
            context.say(f"nccl: {loop}, {world} GPU")
            try:
                context.results.add("nccl", loop=loop, world=world, **trace_loop(context, loop, world))
            except (AgentRefused, OSError, ValueError, KeyError) as failure:
                context.say(f"nccl: {loop}: {failure}")
                context.results.add("nccl", loop=loop, world=world, failure=str(failure))


def trace_loop(context, loop, world):
    folder = Path(context.folder, f"nccl-{loop}-{world}")
    folder.mkdir(parents=True, exist_ok=True)
    log = Path(folder, "workload.log")
    command = [sys.executable, str(LOOPS / "nccl_loop.py"), loop, "--world", str(world), "--folder", str(folder)]
    flags = ["--inference", "--emit", "steps,outliers"]
    with Agent(context.ingero, flags, folder, "agent") as agent:
        time.sleep(STARTING_S)
        agent.must_run()
        code = run_logged(command, log, TIMEOUT_S)
        time.sleep(LAST_S)
        messages = agent.stop()
        summary = summary_of(messages)
        said = agent.said()
    if code != 0:
        raise AgentRefused(f"the loop ended with code {code}: {last_lines(log)}")
    labels = json.loads(Path(folder, "labels.json").read_text(encoding="utf-8"))
    return {**compare(labels, messages), "nccl": labels["nccl"], "events": summary["events"], "said": said}


def compare(labels, messages):
    """Calls of the labelled steps, and of the whole processes: as the loop counted, as NCCL logged, as the agent saw."""
    steps = Steps(messages)
    equal = seen = counted = traced = 0
    for label in labels["steps"]:
        ended = steps.of(label)
        of_step = sum(step.get("nccl_count", 0) for step in ended)
        seen += len(ended) > 0
        equal += of_step == label["collectives"]
        counted += label["collectives"]
        traced += of_step
    pids = {process["pid"] for process in labels["processes"]}
    return {
        "labels": len(labels["steps"]),
        "seen": seen,
        "equal": equal,
        "counted": counted,
        "traced": traced,
        "counted_all": sum(process["counted"] for process in labels["processes"]),
        "logged_all": sum(sum(process["calls"].values()) for process in labels["processes"]),
        "logged": [process["calls"] for process in labels["processes"]],
        "traced_all": sum(step.get("nccl_count", 0) for step in messages if step.get("pid") in pids),
    }
