"""From the phases of a loop to what tracing it costs."""
import statistics


def quantile(samples, fraction):
    """The value below which this part of the samples lies, between neighbours by their distance."""
    ordered = sorted(samples)
    at = (len(ordered) - 1) * fraction
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def split_rounds(phases):
    """Of the phases of one run, in the order in which they were measured: for each mode a list of (untraced, traced) pairs.

    A pair is of lists of phases: the untraced ones on both sides of a mode in a round, and the traced ones between them.
    """
    pairs = {}
    before, traced = None, []
    for phase in phases:
        if phase["mode"] != "off":
            traced.append(phase)
            continue
        if before is not None and before["round"] == phase["round"] and traced:
            pairs.setdefault(traced[0]["mode"], []).append(([before, phase], traced))
        before, traced = phase, []
    return pairs


def compare(pairs, figure, higher_is_better):
    """What a mode costs by one figure of its phases.

    `ratio` is the median over the rounds of traced over untraced, `low` and `high` its quartiles; `mean_ratio` the same of the
    phases' means, in which what happens seldom counts too; `best_ratio` compares the best deciles of all phases, what it costs
    where nothing else disturbs.
    """
    best = 0.9 if higher_is_better else 0.1
    untraced = [phase[figure] for off, _ in pairs for phase in off]
    traced = [phase[figure] for _, on in pairs for phase in on]
    ratios = ratios_of(pairs, figure)
    means = ratios_of(pairs, "mean") if all("mean" in phase for off, on in pairs for phase in (*off, *on)) else None
    return {
        "rounds": len(pairs),
        "untraced": statistics.median(untraced),
        "traced": statistics.median(traced),
        "ratio": statistics.median(ratios),
        "low": quantile(ratios, 0.25),
        "high": quantile(ratios, 0.75),
        "mean_ratio": None if means is None else statistics.median(means),
        "best_ratio": quantile(traced, best) / quantile(untraced, best),
    }


def ratios_of(pairs, figure):
    return [mean(on, figure) / mean(off, figure) for off, on in pairs]


def mean(phases, figure):
    return statistics.fmean(phase[figure] for phase in phases)


def where_time_goes(pairs, profile):
    """For each iteration of a loop: what each program was run and took, and what remains of the measured cost.

    `machine` has the programs on events of the whole machine, of whose time the loop paid an unknown part. `remaining_ns` is what
    the hits cost beside the programs on its calls: the breakpoint, the way into the kernel and back. It is None where phases have
    no mean of an iteration.
    """
    if profile is None or profile["iterations"] == 0:
        return None
    rows = [
        {
            "program": program["program"],
            "on_calls": program["on_calls"],
            "hits": program["runs"] / profile["iterations"],
            "ns_a_hit": program["run_ns"] / program["runs"],
            "ns": program["run_ns"] / profile["iterations"],
        }
        for program in sorted(profile["programs"], key=lambda program: -program["run_ns"])
    ]
    on_calls = [row for row in rows if row["on_calls"]]
    inside_ns = sum(row["ns"] for row in on_calls)
    extra_ns = None
    if all("mean" in phase for off, on in pairs for phase in (*off, *on)):
        extra_ns = statistics.median(mean(on, "mean") - mean(off, "mean") for off, on in pairs)
    return {
        "programs": on_calls,
        "machine": [row for row in rows if not row["on_calls"]],
        "hits": sum(row["hits"] for row in on_calls),
        "inside_ns": inside_ns,
        "extra_ns": extra_ns,
        "remaining_ns": None if extra_ns is None else extra_ns - inside_ns,
    }
