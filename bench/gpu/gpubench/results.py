"""The file of results: one line of JSON for each thing that was measured, written at once: a run that is ended loses nothing."""
import json
import os
from pathlib import Path


class Results:
    """Appends records, each a dict with a `kind`."""

    def __init__(self, path):
        self._file = open(path, "a", encoding="utf-8")

    def add(self, kind, **record):
        self._file.write(json.dumps({"kind": kind, **record}) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def load(paths):
    """All records of these files, in order. A last line that is half written is left out."""
    records = []
    for path in paths:
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            try:
                records.append(json.loads(line))
            except ValueError:
                print(f"{path}: a line that is not whole was left out")
    return records
