"""Programs that run to their end, with a limit."""
import os
import signal
import subprocess

# After it was asked to end it may still write what it has.
ENDING_S = 10


def run_logged(command, log, timeout_s, folder=None):
    """Runs it with its output in `log`, and ends whatever it started. Returns its exit code, also where it took too long."""
    with open(log, "w", encoding="utf-8") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder, start_new_session=True
        )
    try:
        return process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        process.terminate()
        try:
            return process.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            return -signal.SIGKILL
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
