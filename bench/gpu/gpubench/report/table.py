"""Markdown that can be read as text too."""
import math


def table(header, rows, text_columns=1):
    """Columns are aligned; the first ones are text, the others numbers."""
    cells = [header, *rows]
    widths = [max(3, *(len(row[column]) for row in cells)) for column in range(len(header))]

    def line(row):
        aligned = (
            cell.ljust(width) if column < text_columns else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths))
        )
        return f"| {' | '.join(aligned)} |"

    rule = ("-" * width if column < text_columns else "-" * (width - 1) + ":" for column, width in enumerate(widths))
    return "\n".join([line(header), f"| {' | '.join(rule)} |", *map(line, rows)])


def percent(part, whole):
    """`99.8 %`, never rounded up to 100; a dash where there was nothing to count."""
    return "-" if whole == 0 else f"{math.floor(part / whole * 1000) / 10:.1f} %"


def quantity(value, unit):
    """A duration in the unit that reads best, or a throughput."""
    if not unit.startswith("ns "):
        return f"{value:,.0f}"
    for limit, divisor, name, digits in ((1e4, 1, "ns", 0), (1e6, 1e3, "µs", 1), (math.inf, 1e6, "ms", 3)):
        if abs(value) < limit:
            return f"{value / divisor:,.{digits}f} {name}"
    raise ValueError(f"{value} is no duration")
