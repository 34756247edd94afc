"""Makes one report of the results of one or several runs.

    python3 report.py RESULTS.jsonl... --out FOLDER             FOLDER/report.json and report.md
    python3 report.py RESULTS.jsonl... --write docs/overhead.md [--probes FILE]

`--write` puts the tables between the markers of a document; `--probes` takes what `npm run bench:probes` printed, which goes
between markers of its own.
"""
import argparse
from pathlib import Path

from gpubench.report.collect import collect
from gpubench.report.document import replace_between_markers
from gpubench.report.markdown import render
from gpubench.report.report import write_report
from gpubench.results import load


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", nargs="*", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--write", type=Path, metavar="DOCUMENT")
    parser.add_argument("--probes", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    if arguments.write is None and (arguments.out is None or not arguments.results):
        parser.error("give results and --out FOLDER, or --write DOCUMENT")
    if arguments.out is not None:
        arguments.out.mkdir(parents=True, exist_ok=True)
        write_report(arguments.results, arguments.out)
    if arguments.write is not None:
        write(arguments)


def write(arguments):
    document = arguments.write.read_text(encoding="utf-8")
    if arguments.results:
        document = replace_between_markers(document, "gpu", render(collect(load(arguments.results)), level=3))
    if arguments.probes is not None:
        document = replace_between_markers(document, "probes", arguments.probes.read_text(encoding="utf-8"))
    arguments.write.write_text(document, encoding="utf-8")


if __name__ == "__main__":
    main()
