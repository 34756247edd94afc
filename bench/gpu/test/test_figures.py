import unittest

from gpubench.report.figures import compare, quantile, split_rounds, where_time_goes


def phases(*values):
    """`off 10`, `a 20`, … of round 0; `|` begins the next round."""
    number, found = 0, []
    for value in values:
        if value == "|":
            number += 1
            continue
        mode, figure = value.split()
        found.append({"mode": mode, "round": number, "p50": float(figure), "mean": float(figure)})
    return found


class Figures(unittest.TestCase):
    def test_quantile_lies_between_neighbours(self):
        self.assertEqual(quantile([4, 1, 3, 2], 0.5), 2.5)
        self.assertEqual(quantile([10, 20, 30], 0.1), 12)
        self.assertEqual(quantile([7], 0.9), 7)

    def test_each_mode_is_compared_with_the_untraced_phases_beside_it(self):
        measured = phases("off 10", "a 12", "a 14", "off 20", "b 30", "b 30", "off 10", "|", "off 40", "b 60", "b 60", "off 40")
        pairs = split_rounds(measured)
        self.assertEqual([phase["p50"] for phase in pairs["a"][0][0]], [10, 20])
        self.assertEqual(compare(pairs["a"], "p50", False)["ratio"], 13 / 15)
        self.assertEqual(compare(pairs["b"], "p50", False)["ratio"], (2 + 1.5) / 2)
        self.assertEqual(compare(pairs["b"], "p50", False)["rounds"], 2)

    def test_a_mode_that_gave_up_in_the_middle_is_left_out_of_its_round(self):
        pairs = split_rounds(phases("off 10", "off 10", "b 30", "b 30", "off 10"))
        self.assertEqual(list(pairs), ["b"])

    def test_best_decile_of_a_throughput_is_its_highest(self):
        pairs = split_rounds(phases("off 100", "a 90", "a 90", "off 200"))
        self.assertAlmostEqual(compare(pairs["a"], "p50", True)["best_ratio"], 90 / 190)

    def test_time_is_split_between_programs_and_what_is_around_them(self):
        pairs = split_rounds(phases("off 1000", "a 2000", "a 2000", "off 1000"))
        programs = [
            {"program": "switched", "on_calls": False, "runs": 10, "run_ns": 9000},
            {"program": "launch", "on_calls": True, "runs": 20, "run_ns": 4000},
        ]
        where = where_time_goes(pairs["a"], {"iterations": 10, "programs": programs})
        self.assertEqual(where["programs"], [{"program": "launch", "on_calls": True, "hits": 2, "ns_a_hit": 200, "ns": 400}])
        self.assertEqual([row["program"] for row in where["machine"]], ["switched"])
        self.assertEqual((where["extra_ns"], where["inside_ns"], where["remaining_ns"]), (1000, 400, 600))

    def test_nothing_is_said_of_programs_without_a_profile(self):
        pairs = split_rounds(phases("off 1", "a 2", "a 2", "off 1"))
        self.assertIsNone(where_time_goes(pairs["a"], None))
