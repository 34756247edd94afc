"""The report for people."""
from ..modes import MODES
from .table import percent, quantity, table

# With fewer in an iteration, what remains has other causes than hits.
FEWEST_HITS = 0.01


def render(report, level=2):
    """Markdown; `level` is that of its headings."""
    heading = "#" * level
    parts = [describe(report["host"])]
    for loop in report["loops"]:
        parts += [f"{heading} {loop['title']}", *render_loop(loop)]
    if any("failure" not in row for row in report["frameworks"]):
        parts += [f"{heading} Steps seen, by framework", frameworks_table(report["frameworks"])]
    if any("failure" not in row for row in report["nccl"]):
        parts += [f"{heading} NCCL", nccl_table(report["nccl"])]
    if report["loops"]:
        parts += [f"{heading} Losses", losses_table(report["loops"])]
    if report["check"]:
        parts += [f"{heading} What `ingero check` says", f"```text\n{report['check']['text']}\n```"]
    missing = list(not_measured(report))
    if missing:
        parts += [f"{heading} Not measured", "\n".join(f"- {line}" for line in missing)]
    return "\n\n".join(part for part in parts if part)


def describe(host):
    if host is None:
        return "No run described its host."
    packages = ", ".join(f"{name} {version}" for name, version in host["packages"].items())
    return "; ".join(
        text
        for text in (
            ", ".join(host["gpus"]) or "no GPU",
            f"{host['processor']}, {host['processors']} processors",
            f"Linux {host['kernel']}",
            f"Python {host['python']}",
            packages,
        )
        if text
    )


def render_loop(loop):
    rows = [mode_row(loop, mode) for mode in loop["modes"]]
    header = ["Traced with", "Untraced", "Traced", "Ratio", "Quartiles", "Of means", "Best decile", "Rounds", "Target"]
    header += ["Probed at the end", "Agent's CPU", "Memory"]
    yield table(header, rows) if rows else "Nothing was measured."
    for mode in loop["modes"]:
        if mode["where"] is not None:
            yield f"Where the time of an iteration goes, {title(mode['mode'])}:"
            yield where_table(mode["where"])
        if mode["said"]:
            said = "\n".join(mode["said"][:5])
            yield f"What the agent said, {title(mode['mode'])}:\n\n```text\n{said}\n```"


def title(mode):
    return MODES[mode].title


def mode_row(loop, mode):
    unit = loop["unit"]
    target = "-" if mode["target"] is None else f"{mode['target']:.2f} {'reached' if mode['reached'] else 'MISSED'}"
    return [
        title(mode["mode"]),
        quantity(mode["untraced"], unit),
        quantity(mode["traced"], unit),
        f"{mode['ratio']:.3f}",
        f"{mode['low']:.3f}-{mode['high']:.3f}",
        "-" if mode["mean_ratio"] is None else f"{mode['mean_ratio']:.3f}",
        f"{mode['best_ratio']:.3f}",
        str(mode["rounds"]),
        target,
        ", ".join(mode["levels"]) or "-",
        f"{mode['cpu_share'] * 100:.1f} %",
        f"{mode['memory_bytes'] / 2**20:.0f} MiB",
    ]


def where_table(where):
    rows = [
        [f"`{row['program']}`", f"{row['hits']:.3f}", f"{row['ns_a_hit']:.0f}", f"{row['ns']:.0f}"]
        for row in where["programs"]
    ]
    rows.append(["all programs", f"{where['hits']:.3f}", "", f"{where['inside_ns']:.0f}"])
    if where["extra_ns"] is not None:
        a_hit = f"{where['remaining_ns'] / where['hits']:.0f}" if where["hits"] >= FEWEST_HITS else "-"
        rows.append(["around them: breakpoint, kernel entry, caches", "", a_hit, f"{where['remaining_ns']:.0f}"])
        rows.append(["measured cost", "", "", f"{where['extra_ns']:.0f}"])
    rows += (
        [f"`{row['program']}`, of the whole machine", f"{row['hits']:.3f}", f"{row['ns_a_hit']:.0f}", f"{row['ns']:.0f}"]
        for row in where["machine"]
        if row["ns"] >= 0.5
    )
    return table(["", "Hits", "ns a hit", "ns"], rows)


def frameworks_table(frameworks):
    rows = [
        [
            row["title"],
            str(row["labels"]),
            percent(row["seen"], row["labels"]),
            percent(row["one_to_one"], row["labels"]),
            percent(row["right_phase"], row["labels"]),
        ]
        for row in frameworks
        if "failure" not in row
    ]
    return table(["Framework", "Labelled steps", "Seen", "1:1", "Phase right"], rows)


def nccl_table(loops):
    rows = [
        [
            loop["loop"],
            str(loop["world"]),
            str(loop["labels"]),
            percent(loop["seen"], loop["labels"]),
            percent(loop["equal"], loop["labels"]),
            f"{loop['traced']:,} of {loop['counted']:,}",
            f"{loop['traced_all']:,} of {loop['logged_all']:,}",
        ]
        for loop in loops
        if "failure" not in loop
    ]
    header = ["Loop", "GPUs", "Labelled steps", "Seen", "Calls equal", "Calls in them", "Of all that NCCL logged"]
    return table(header, rows)


def losses_table(loops):
    rows = []
    for loop in loops:
        for mode in loop["modes"]:
            losses = mode["losses"]
            dropped = ", ".join(f"{cause} {count:,}" for cause, count in losses["dropped"].items()) or "nothing"
            counts = [f"{losses[key]:,}" for key in ("produced", "delivered", "sampled_out", "ledgers")]
            rows.append([loop["name"], title(mode["mode"]), dropped, f"{losses['calls_an_iteration']:.3f}", *counts])
    header = ["Loop", "Traced with", "Dropped", "Calls an iteration", "Calls", "Delivered", "Sampled out", "Ledger records"]
    return table(header, rows, text_columns=3)


def not_measured(report):
    for failure in report["failures"]:
        yield f"{failure['part']}: {failure['reason']}"
    for loop in report["loops"]:
        for mode, reason in loop["refused"].items():
            yield f"{loop['name']}, {title(mode)}: {reason}"
    for row in (*report["frameworks"], *report["nccl"]):
        if "failure" in row:
            yield f"{row.get('title') or row['loop']}: {row['failure']}"
    yield from report["notes"]
