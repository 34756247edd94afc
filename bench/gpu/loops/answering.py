"""What a measured loop says and hears: it is one process that stays, so that every mode is measured on the same one.

On stdin, a line each; on stdout, one line of JSON for each:

    measure SECONDS   {"n", "p10", "p50", "p95", "mean", "count"}: ns of one iteration, of all that ended in that time
    count             {"count"}: iterations since the start, warm-ups included

`answer` writes `{"ready": true, "pid"}` first.
"""
import json
import os
import sys
import time

# Of what is to be measured this much passes first, so that caches and clocks are as they are under load.
WARM_UP_SHARE = 0.15


def say(**answer):
    print(json.dumps(answer), flush=True)


def quantile(ordered, fraction):
    return ordered[int(fraction * (len(ordered) - 1))]


def figures(samples):
    ordered = sorted(samples)
    return {
        "n": len(ordered),
        "p10": quantile(ordered, 0.1),
        "p50": quantile(ordered, 0.5),
        "p95": quantile(ordered, 0.95),
        "mean": sum(ordered) / len(ordered),
    }


def answer(iterate):
    """Answers until stdin ends. `iterate` does one iteration and returns its ns."""
    count = 0
    say(ready=True, pid=os.getpid())
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "measure":
            seconds = float(arguments[0])
            began = time.monotonic()
            while time.monotonic() < began + seconds * WARM_UP_SHARE:
                iterate()
                count += 1
            samples = []
            while not samples or time.monotonic() < began + seconds:
                samples.append(iterate())
                count += 1
            say(**figures(samples), count=count)
        elif command == "count":
            say(count=count)
        else:
            say(error=f"unknown command: {command}")
