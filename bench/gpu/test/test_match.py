import unittest

from gpubench.match import SLACK_NS, score
from gpubench.parts.nccl import compare


def label(t0, t1, phase="decode", **more):
    return {"w": "loop", "pid": 1, "phase": phase, "t0": t0, "t1": t1, **more}


def step(end_ns, phase="decode", duration_ns=100, pid=1, **more):
    facts = {"pid": pid, "end_ns": end_ns, "step_duration_ns": duration_ns, "phase": phase}
    return {"type": "inference_step", **facts, **more}


class Match(unittest.TestCase):
    def test_a_step_may_end_a_little_after_its_label(self):
        labels = [label(0, 1000), label(10_000_000, 10_000_100)]
        found = score(labels, [step(1000 + SLACK_NS), step(10_000_101 + SLACK_NS)])
        self.assertEqual((found["labels"], found["seen"], found["one_to_one"]), (2, 1, 1))
        self.assertEqual(found["missed"], [labels[1]])

    def test_two_steps_in_a_label_are_seen_but_not_one_to_one(self):
        found = score([label(0, 1000)], [step(500, "prefill", 10), step(900, "decode", 400)])
        self.assertEqual((found["seen"], found["one_to_one"], found["right_phase"], found["steps_in_labels"]), (1, 0, 1, 2))

    def test_steps_that_are_closer_than_the_slack_belong_to_one_label_each(self):
        labels = [label(n * 100_000, n * 100_000 + 90_000) for n in range(9)]
        steps = [step(one["t1"] - 10) for one in labels]
        found = score(labels, steps)
        self.assertEqual((found["seen"], found["one_to_one"], found["steps_in_labels"]), (9, 9, 9))
        del steps[4]
        self.assertEqual(score(labels, steps)["seen"], 8)

    def test_warm_ups_and_other_processes_are_not_judged(self):
        found = score([{**label(0, 10), "w": "warmup"}, label(100, 200)], [step(150, pid=2)])
        self.assertEqual((found["labels"], found["seen"]), (1, 0))

    def test_calls_of_a_step_are_compared_one_by_one(self):
        labels = {
            "steps": [label(0, 1000, collectives=3), label(10_000_000, 10_001_000, collectives=2)],
            "processes": [{"pid": 1, "counted": 7, "calls": {"AllReduce": 6, "AllGather": 2}}],
        }
        found = compare(labels, [step(500, nccl_count=3), step(10_000_500), step(99_000_000, nccl_count=4)])
        self.assertEqual((found["equal"], found["counted"], found["traced"]), (1, 5, 3))
        self.assertEqual((found["logged_all"], found["traced_all"], found["counted_all"]), (8, 7, 7))
