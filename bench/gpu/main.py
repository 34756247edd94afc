"""Measures what the agent costs and sees on this host: see README.md. `run.sh` unpacks the bundle and calls this."""
import argparse
import signal
import sys
import tarfile
import tempfile
import traceback
from pathlib import Path

from gpubench.context import Context
from gpubench.host import describe_host
from gpubench.modes import MODES
from gpubench.parts import DEFAULT_PARTS, PARTS
from gpubench.parts.frameworks import ROWS
from gpubench.report.report import write_report
from gpubench.results import Results

ROW_NAMES = [row.name for row in ROWS]


def main():
    options = parse()
    # A run that is ended from outside still ends what it started, and writes its report.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    results_path = out / "results.jsonl"
    with tempfile.TemporaryDirectory(prefix="ingero-bench-") as folder:
        context = Context(options.ingero, folder, out, Results(results_path), options)
        context.results.add("host", **describe_host())
        try:
            for name in options.parts or DEFAULT_PARTS:
                run_part(context, name)
        finally:
            pack_logs(folder, out / "logs.tar.gz")
            write_report([results_path], out)
            context.say(f"the report is in {out}/report.md")


def run_part(context, name):
    if context.left_s() < 30:
        context.say(f"{name}: no time left")
        context.results.add("failure", part=name, reason="no time was left for it")
        return
    try:
        PARTS[name](context)
    except Exception as failure:
        traceback.print_exc()
        context.results.add("failure", part=name, reason=f"{type(failure).__name__}: {failure}"[:1500])


def pack_logs(folder, target):
    with tarfile.open(target, "w:gz") as tar:
        for path in sorted(Path(folder).rglob("*.log")):
            tar.add(path, path.relative_to(folder))


def parse():
    parser = argparse.ArgumentParser(prog="run.sh BUNDLE OUT", description="What the agent costs and sees on this host.")
    parser.add_argument("--ingero", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--out", required=True, help=argparse.SUPPRESS)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of: {', '.join(PARTS)}; default: {', '.join(DEFAULT_PARTS)}")
    parser.add_argument("--rounds", type=int, default=9, help="of every loop; default: 9")
    parser.add_argument("--limit", type=float, default=560, help="seconds after which nothing new is begun; default: 560")
    parser.add_argument("--modes", type=names(MODES), default=(), help=f"instead of a loop's own, of: {','.join(MODES)}")
    parser.add_argument("--frameworks", type=names(ROW_NAMES), default=(), help=f"only these, of: {','.join(ROW_NAMES)}")
    parser.add_argument("--recordings", type=names(ROW_NAMES), default=(),
                        help="record these frameworks while they are traced, with faults: OUT/NAME.tar for each")
    parser.add_argument("--seconds", type=float, help="for one phase, in place of the loop's own")
    parser.add_argument("--settle", type=float, help="seconds under load between attaching and measuring, likewise")
    parser.add_argument("--seed", type=int, default=1, help="of the frameworks' requests and faults")
    parser.add_argument("--standin", help="folder of the stand-in CUDA library, to try `check` and `launch` without a GPU")
    options = parser.parse_args()
    for part in options.parts:
        if part not in PARTS:
            parser.error(f"no part is called {part}; there are {', '.join(PARTS)}")
    return options


def names(known):
    def split(text):
        chosen = text.split(",")
        for name in chosen:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name}: there are {', '.join(known)}")
        return chosen

    return split


if __name__ == "__main__":
    main()
