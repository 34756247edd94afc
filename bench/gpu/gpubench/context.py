"""What every part of a run has in hand."""
import time


class Context:
    """
    ingero -- path of the agent's launcher
    folder -- for logs and whatever else is of no use in the report
    out -- where the report will be
    options -- of the command line
    """

    def __init__(self, ingero, folder, out, results, options):
        self.ingero = ingero
        self.folder = folder
        self.out = out
        self.results = results
        self.options = options
        self.rounds = options.rounds
        self.seconds = options.seconds
        self.settle_s = options.settle
        self.modes = options.modes
        self._began = time.monotonic()

    def left_s(self):
        """Seconds until the run has to be over."""
        return self.options.limit - (time.monotonic() - self._began)

    def say(self, text):
        print(f"[{time.monotonic() - self._began:5.0f} s] {text}", flush=True)
