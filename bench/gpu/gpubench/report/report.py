"""Writes the report as JSON and as Markdown."""
import json
from pathlib import Path

from ..results import load
from .collect import collect
from .markdown import render


def write_report(results, out):
    """OUT/report.json and OUT/report.md of these files of results."""
    report = collect(load(results))
    Path(out, "report.json").write_text(json.dumps(report, indent="\t", ensure_ascii=False) + "\n", encoding="utf-8")
    Path(out, "report.md").write_text(f"# Ingero on a GPU host\n\n{render(report)}\n", encoding="utf-8")
