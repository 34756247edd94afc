"""Compares the steps that the agent printed with the labels of the loop that made them."""
import bisect

# A step may reach the host this long after its label's end.
SLACK_NS = 200_000


class Steps:
    """The `inference_step` lines among an agent's messages, by process and time."""

    def __init__(self, messages):
        self._by_pid = {}
        for message in messages:
            if message.get("type") == "inference_step":
                self._by_pid.setdefault(message["pid"], []).append(message)
        for steps in self._by_pid.values():
            steps.sort(key=lambda step: step["end_ns"])

    def ended(self, pid, from_ns, to_ns):
        steps = self._by_pid.get(pid, [])
        low = bisect.bisect_left(steps, from_ns, key=lambda step: step["end_ns"])
        high = bisect.bisect_right(steps, to_ns, key=lambda step: step["end_ns"])
        return steps[low:high]

    def of(self, label):
        return self.ended(label["pid"], label["t0"], label["t1"] + SLACK_NS)


def score(labels, messages):
    """How many labelled steps were seen, and in how many the phase is right. Warm-ups are not judged."""
    steps = Steps(messages)
    found = [(label, ended) for label, ended in assign(labels, steps) if label["w"] != "warmup"]
    return {
        "labels": len(found),
        "seen": sum(len(ended) > 0 for _, ended in found),
        "one_to_one": sum(len(ended) == 1 for _, ended in found),
        "right_phase": sum(bool(ended) and longest(ended)["phase"] == label["phase"] for label, ended in found),
        "steps_in_labels": sum(len(ended) for _, ended in found),
        "missed": [label for label, ended in found if not ended][:5],
    }


def assign(labels, steps):
    """
    Each step to one label: (label, steps) in the order of time. Where the next label begins within the slack, what ended before
    that is this one's; and if nothing did, the first step after it, that the next one then cannot have.
    """
    in_order = sorted(labels, key=lambda label: (label["pid"], label["t0"]))
    taken = None
    for label, following in zip(in_order, [*in_order[1:], None]):
        ended = steps.of(label)
        if taken in ended:
            ended = ended[ended.index(taken) + 1:]
        if following and following["pid"] == label["pid"]:
            until = max(following["t0"], label["t1"])
            ended = [step for step in ended if step["end_ns"] < until] or ended[:1]
        taken = ended[-1] if ended else taken
        yield label, ended


def longest(steps):
    return max(steps, key=lambda step: step["step_duration_ns"])
