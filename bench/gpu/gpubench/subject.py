"""A measured loop: a process that stays, and measures itself when it is told to. What it says: loops/answering.py."""
import json
import os
import queue
import signal
import subprocess
import threading

from .host import last_lines


class SubjectFailed(Exception):
    pass


class Subject:
    """Started when it is made.

    cores -- the cores it is kept on; None for all
    """

    def __init__(self, name, command, log, cores=None, ready_s=180):
        self.name = name
        self._log = log
        self._answers = queue.SimpleQueue()
        with open(log, "w", encoding="utf-8") as errors:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                bufsize=1,
                start_new_session=True,
            )
        # Before it has other threads: those that it makes inherit this.
        if cores is not None:
            os.sched_setaffinity(self._process.pid, cores)
        threading.Thread(target=self._read, daemon=True).start()
        self.facts = self._answer(ready_s)
        self.pid = self.facts["pid"]

    def measure(self, seconds):
        """Figures of an iteration over these seconds."""
        return self._ask(f"measure {seconds}", seconds + 60)

    def count(self):
        """Iterations since the start."""
        return self._ask("count", 60)["count"]

    def stop(self):
        """Ends it and whatever it started."""
        try:
            self._process.stdin.close()
            self._process.wait(20)
        except (OSError, subprocess.TimeoutExpired):
            pass
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()

    def _ask(self, command, timeout_s):
        try:
            self._process.stdin.write(command + "\n")
        except OSError:
            raise SubjectFailed(self._end()) from None
        return self._answer(timeout_s)

    def _answer(self, timeout_s):
        try:
            answer = self._answers.get(timeout=timeout_s)
        except queue.Empty:
            self.stop()
            raise SubjectFailed(f"{self.name} gave no answer for {timeout_s:.0f} s; {self._end()}") from None
        if answer is None:
            raise SubjectFailed(self._end())
        if "error" in answer:
            raise SubjectFailed(f"{self.name}: {answer['error']}")
        return answer

    def _end(self):
        return f"{self.name} ended; its last words: {last_lines(self._log)}"

    def _read(self):
        # Frameworks write news to stdout as well: an answer is an object alone on a line.
        for line in self._process.stdout:
            if line.startswith("{"):
                try:
                    self._answers.put(json.loads(line))
                except ValueError:
                    pass
        self._answers.put(None)
