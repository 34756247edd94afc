"""What the records of all runs say, put in order: the report as JSON."""
import statistics

from ..loop import LOOPS
from ..modes import MODES
from .figures import compare, split_rounds, where_time_goes


def collect(records):
    """A later run of the same loop, framework, or NCCL loop takes the place of an earlier one."""
    return {
        "host": last(records, "host"),
        "check": last(records, "check"),
        "loops": [loop for name in LOOPS if (loop := collect_loop(records, name))],
        "frameworks": list({record["row"]: record for record in of_kind(records, "framework")}.values()),
        "nccl": list({(record["loop"], record["world"]): record for record in of_kind(records, "nccl")}.values()),
        "failures": failures(records),
        "notes": list(dict.fromkeys(record["text"] for record in of_kind(records, "note"))),
    }


def of_kind(records, kind):
    return [record for record in records if record["kind"] == kind]


def last(records, kind):
    return next(iter(reversed(of_kind(records, kind))), None)


def failures(records):
    """Parts that failed and were not made up for."""
    runs = {}
    for record in records:
        if record["kind"] == "failure":
            runs[record["part"]] = record["reason"]
        elif record["kind"] in ("loop", "check", "framework", "nccl"):
            runs.pop(part_of(record), None)
    return [{"part": part, "reason": reason} for part, reason in runs.items()]


def part_of(record):
    if record["kind"] == "loop":
        return "launch" if record["loop"] in ("launches", "steps") else record["loop"]
    return {"framework": "frameworks"}.get(record["kind"], record["kind"])


def collect_loop(records, name):
    opened = [record for record in of_kind(records, "loop") if record["loop"] == name]
    if not opened:
        return None
    run = opened[-1]["run"]
    mine = [record for record in records if record.get("run") == run]
    loop = LOOPS[name]
    pairs = split_rounds(of_kind(mine, "phase"))
    attached = of_kind(mine, "attached")
    profiles = {record["mode"]: record for record in of_kind(mine, "profile")}
    modes = []
    for mode in MODES:
        own = [record for record in attached if record["mode"] == mode]
        if mode in pairs and own:
            modes.append(collect_mode(loop, mode, pairs[mode], own, profiles.get(mode)))
    refused = {record["mode"]: record["reason"] for record in of_kind(mine, "refused")}
    facts = {"name": name, "title": loop.title, "unit": loop.unit, "facts": opened[-1]["facts"]}
    return {**facts, "modes": modes, "refused": refused}


def collect_mode(loop, mode, pairs, attached, profile):
    figures = compare(pairs, loop.figure, loop.higher_is_better)
    target = loop.targets.get(mode)
    return {
        "mode": mode,
        **figures,
        "target": target,
        "reached": None if target is None else reaches(figures["ratio"], target, loop.higher_is_better),
        "cpu_share": statistics.median(record["cpu_share"] for record in attached),
        "memory_bytes": statistics.median(record["memory_bytes"] for record in attached),
        "levels": list(dict.fromkeys(record["level"] for record in attached if record["level"])),
        "steps": sum(record["steps"] for record in attached),
        "where": where_time_goes(pairs, profile),
        "losses": losses(attached),
        "said": list(dict.fromkeys(line for record in attached for line in record["said"])),
    }


def reaches(ratio, target, higher_is_better):
    return ratio >= target if higher_is_better else ratio <= target


def losses(attached):
    """The loss ledgers of all these sessions, added up; of the causes those that occurred."""
    dropped = {}
    for record in attached:
        for hop in ("events", "ledgers", "outputs"):
            for cause, count in record[hop]["dropped"].items():
                if count:
                    dropped[f"{hop}: {cause}"] = dropped.get(f"{hop}: {cause}", 0) + count
    events = {key: sum(record["events"][key] for record in attached) for key in ("produced", "delivered", "sampled_out")}
    iterations = sum(record["iterations"] for record in attached)
    return {
        **events,
        "calls_an_iteration": events["produced"] / iterations if iterations > 0 else 0,
        "ledgers": sum(record["ledgers"]["delivered"] for record in attached),
        "dropped": dropped,
    }
