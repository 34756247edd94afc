"""Rounds of untraced and traced phases of one loop: off, A, A, off, B, B, off … for the modes A, B …

The untraced phases on both sides of a mode are what it is compared with, so that a drift takes no side. Every round begins with
another mode, every second one goes backwards.
"""
import collections
import time

from . import bpf
from .agent import Agent, AgentRefused, summary_of
from .modes import MODES

SETTLE_S = 0.3
# The first may be bad luck.
REFUSALS = 2
# Longer than any profile takes.
PROFILE_S = 20


def measure_rounds(context, loop, subject):
    """Measures until all rounds are done or the time is up. A mode that the agent refuses twice is left out."""
    run = f"{loop.name} {time.time():.0f}"
    modes = [MODES[name] for name in context.modes or loop.modes]
    context.results.add("loop", run=run, loop=loop.name, facts=subject.facts)
    refusals = collections.Counter()
    longest = 0.0
    for number in range(context.rounds):
        began = time.monotonic()
        if number > 0 and context.left_s() < longest:
            context.say(f"{loop.name}: no time for round {number + 1}")
            break
        left = [mode for mode in modes if refusals[mode.name] < REFUSALS]
        measure_round(context, loop, subject, run, number, left, refusals)
        longest = max(longest, time.monotonic() - began)
        context.say(f"{loop.name}: round {number + 1} of {context.rounds}, {longest:.0f} s")
    for mode in modes:
        if refusals[mode.name] == 0 and context.left_s() > PROFILE_S:
            profile(context, loop, subject, run, mode)


def measure_round(context, loop, subject, run, number, modes, refusals):
    start = number % max(1, len(modes))
    order = modes[start:] + modes[:start]
    if number % 2 == 1:
        order.reverse()
    seconds = context.seconds or loop.seconds

    def phase(mode):
        context.results.add("phase", run=run, round=number, mode=mode, **subject.measure(seconds))

    phase("off")
    for mode in order:
        try:
            attached(context, loop, subject, run, number, mode, lambda mode=mode: (phase(mode.name), phase(mode.name)))
        except AgentRefused as refusal:
            context.say(f"{loop.name}: {mode.name}: {refusal}")
            context.results.add("refused", run=run, round=number, mode=mode.name, reason=str(refusal))
            refusals[mode.name] += 1
        phase("off")


def attached(context, loop, subject, run, number, mode, measure):
    """Measures with an agent attached, and notes what the agent did meanwhile."""
    with Agent(context.ingero, flags_of(context, mode, subject), context.folder, f"{loop.name}-{mode.name}-{number}") as agent:
        agent.wait_until_watching()
        first = subject.count()
        settle(context, loop, subject, mode)
        began, cpu_s = time.monotonic(), agent.cpu_s()
        measure()
        agent.must_run()
        cpu_share = (agent.cpu_s() - cpu_s) / (time.monotonic() - began)
        memory_bytes = agent.memory_bytes()
        iterations = subject.count() - first
        summary = summary_of(agent.stop())
        context.results.add(
            "attached",
            run=run,
            round=number,
            mode=mode.name,
            cpu_share=cpu_share,
            memory_bytes=memory_bytes,
            iterations=iterations,
            steps=sum(summary["steps"].values()),
            level=summary.get("probing", {}).get("level"),
            events=summary["events"],
            ledgers=summary["ledgers"],
            outputs=summary["outputs"],
            said=agent.said(),
        )


def flags_of(context, mode, subject):
    """All processes are traced, as in production; without a GPU only the loop, since others may use the stand-in as well."""
    return [*mode.flags, "--pid", str(subject.pid)] if context.options.standin else mode.flags


def settle(context, loop, subject, mode):
    subject.measure(context.settle_s or loop.settle_s.get(mode.name, SETTLE_S))


def profile(context, loop, subject, run, mode):
    """How often each program of the agent runs, and for how long: not in the rounds, since counting it costs time too."""
    try:
        with Agent(context.ingero, flags_of(context, mode, subject), context.folder, f"{loop.name}-{mode.name}-profile") as agent:
            agent.wait_until_watching()
            settle(context, loop, subject, mode)
            with bpf.statistics():
                before, first = bpf.program_runs(agent.pid), subject.count()
                subject.measure(context.seconds or loop.seconds)
                programs, iterations = bpf.runs_between(before, bpf.program_runs(agent.pid)), subject.count() - first
            agent.stop()
    except (AgentRefused, OSError) as failure:
        context.say(f"{loop.name}: {mode.name}: no profile: {failure}")
        return
    context.results.add("profile", run=run, mode=mode.name, iterations=iterations, programs=programs)
