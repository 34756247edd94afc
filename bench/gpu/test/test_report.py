import json
import tempfile
import unittest
from pathlib import Path

from gpubench.report.collect import collect
from gpubench.report.document import replace_between_markers
from gpubench.report.markdown import render
from gpubench.results import Results, load


def dropped(**counts):
    return {"dropped": {"ring_full": 0, **counts}}


def attached(mode, run):
    return {
        "kind": "attached", "run": run, "round": 0, "mode": mode, "cpu_share": 0.02, "memory_bytes": 100 << 20,
        "iterations": 1000, "steps": 10, "level": "full",
        "events": {"produced": 1020, "delivered": 20, "sampled_out": 1000, **dropped()},
        "ledgers": {"delivered": 30, **dropped(ring_full=4)}, "outputs": dropped(), "said": ["ingero: hello"],
    }  # fmt: skip


def run_of(loop, run, traced_ns):
    yield {"kind": "loop", "run": run, "loop": loop, "facts": {"pid": 7}}
    for mode, value in (("off", 4000), ("default", traced_ns), ("default", traced_ns), ("off", 4000)):
        yield {"kind": "phase", "run": run, "round": 0, "mode": mode, "p50": value, "mean": value}
    yield attached("default", run)
    programs = [{"program": "launch_kernel", "on_calls": True, "runs": 1000, "run_ns": 150_000}]
    yield {"kind": "profile", "run": run, "mode": "default", "iterations": 1000, "programs": programs}


class Report(unittest.TestCase):
    def test_says_what_was_reached_and_where_the_time_goes(self):
        report = collect(list(run_of("launches", "1", 5000)))
        [mode] = report["loops"][0]["modes"]
        self.assertEqual((mode["ratio"], mode["target"], mode["reached"]), (1.25, 1.35, True))
        self.assertEqual(mode["losses"]["dropped"], {"ledgers: ring_full": 4})
        text = render(report)
        self.assertIn("1.35 reached", text)
        self.assertRegex(text, r"around them.*\|\s+850 \|")
        self.assertIn("ledgers: ring_full 4", text)

    def test_a_later_run_of_a_loop_takes_the_place_of_an_earlier_one(self):
        report = collect([*run_of("graph", "1", 4100), *run_of("graph", "2", 4004)])
        [loop] = report["loops"]
        self.assertEqual([mode["reached"] for mode in loop["modes"]], [True])

    def test_a_throughput_must_stay_above_its_target(self):
        records = list(run_of("vllm", "1", 4200))
        for record in records:
            if record["kind"] == "phase":
                record["value"] = 1 / record["p50"]
        [mode] = collect(records)["loops"][0]["modes"]
        self.assertFalse(mode["reached"])

    def test_failures_are_told_until_they_are_made_up_for(self):
        failure = {"kind": "failure", "part": "graph", "reason": "no GPU"}
        refused = {"kind": "refused", "run": "1", "mode": "guard", "reason": "unknown option '--guard'"}
        self.assertIn("- graph: no GPU", render(collect([failure])))
        text = render(collect([failure, *run_of("graph", "1", 4000), refused]))
        self.assertNotIn("no GPU", text)
        self.assertIn("unknown option '--guard'", text)

    def test_an_empty_run_gives_a_report_too(self):
        self.assertIn("No run described its host.", render(collect([])))

    def test_results_survive_a_line_that_was_cut(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "results.jsonl")
            Results(path).add("note", text="whole")
            path.write_text(path.read_text() + '{"kind": "no', encoding="utf-8")
            self.assertEqual(load([path]), [{"kind": "note", "text": "whole"}])

    def test_text_goes_between_its_markers_only(self):
        document = "a\n<!-- gpu: x -->\n\nold\n\n<!-- /gpu -->\nb\n"
        self.assertEqual(replace_between_markers(document, "gpu", "new"), "a\n<!-- gpu: x -->\n\nnew\n\n<!-- /gpu -->\nb\n")
        with self.assertRaises(ValueError):
            replace_between_markers(document, "probes", "new")

    def test_the_report_is_json(self):
        json.dumps(collect(list(run_of("llama", "1", 5000))))
