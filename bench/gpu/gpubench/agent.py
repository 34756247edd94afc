"""The agent, traced with for a while: `ingero trace` with the flags of a mode."""
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from .host import last_lines

# After the last library that it says to watch, it has this long to find another one.
QUIET_S = 0.3
WATCHING_S = 20
# It ends by itself well within this; what it has collected is printed then.
ENDING_S = 30
TICKS = os.sysconf("SC_CLK_TCK")


class AgentRefused(Exception):
    """It did not trace, for a reason of its own: a flag that it does not have, a missing privilege."""


class Agent:
    """Started when it is made.

    flags -- of `ingero trace`
    folder -- takes its output, its log and its database
    """

    def __init__(self, ingero, flags, folder, name):
        self._stdout = Path(folder, f"{name}.ndjson")
        self._stderr = Path(folder, f"{name}.log")
        # The database is part of what tracing costs; it belongs to this run alone.
        environment = {**os.environ, "INGERO_DB": str(Path(folder, f"{name}.db"))}
        with open(self._stdout, "w", encoding="utf-8") as out, open(self._stderr, "w", encoding="utf-8") as err:
            self._process = subprocess.Popen(
                [ingero, "trace", *flags],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=environment,
                start_new_session=True,
            )
        self.pid = self._process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._kill()

    def wait_until_watching(self):
        """Returns once it watches the CUDA libraries of the processes that there are."""
        end = time.monotonic() + WATCHING_S
        seen, since = 0, time.monotonic()
        while seen == 0 or time.monotonic() < since + QUIET_S:
            self.must_run()
            if time.monotonic() > end:
                raise AgentRefused(f"it watched nothing for {WATCHING_S} s: {last_lines(self._stderr)}")
            watched = self._stderr.read_text(encoding="utf-8").count("watching ")
            if watched > seen:
                seen, since = watched, time.monotonic()
            time.sleep(0.02)

    def must_run(self):
        if self._process.poll() is not None:
            raise AgentRefused(last_lines(self._stderr))

    def cpu_s(self):
        """CPU time that it has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory_bytes(self):
        pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="utf-8").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def stop(self):
        """Lets it end in order.

        Returns what it printed, an object for each line; the last one is its summary.
        """
        self.must_run()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            self._kill()
            raise AgentRefused(f"it did not end within {ENDING_S} s: {last_lines(self._stderr)}") from None
        if self._process.returncode != 0:
            raise AgentRefused(f"exit code {self._process.returncode}: {last_lines(self._stderr)}")
        with open(self._stdout, encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def said(self):
        """What it said beside what it watches: warnings, and steps down."""
        return [line for line in self._stderr.read_text(encoding="utf-8").splitlines() if "watching " not in line]

    def _kill(self):
        # With an old Node the agent is a child of what was started.
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()


def summary_of(messages):
    last = messages[-1] if messages else {}
    if last.get("type") != "summary":
        raise AgentRefused("its output has no summary at the end")
    return last
