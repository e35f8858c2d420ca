# SPDX-License-Identifier: Apache-2.0
"""Durations, parameters, metrics and exit codes."""

import unittest

from orrery import UsageError, format_duration, ms, parse_duration, s, us
from orrery.errors import most_severe
from orrery.metrics import Metrics, as_csv, curves_csv, maps_csv, samples_csv, series_csv
from orrery.parameters import Parameters, parse_setting


class Durations(unittest.TestCase):
    def test_parse(self) -> None:
        for text, value in {
            "60s": 60 * s, "10ms": 10 * ms, "1.5 us": 1500, "7ns": 7, "2min": 120 * s,
            "1h": 3600 * s, "0.1s": 100 * ms,
        }.items():
            self.assertEqual(parse_duration(text), value, text)

    def test_parse_refuses(self) -> None:
        for text in ("", "60", "s", "-1s", "1 day", "1e3s", "1s2", "nan s"):
            with self.assertRaisesRegex(UsageError, "not a duration"):
                parse_duration(text)

    def test_format(self) -> None:
        self.assertEqual(format_duration(60 * s), "60 s")
        self.assertEqual(format_duration(2500 * us), "2.5 ms")
        self.assertEqual(format_duration(999), "999 ns")


class ParameterTest(unittest.TestCase):
    def test_types_follow_the_default(self) -> None:
        given = {"a": "0x10", "b": "off", "c": "1.5", "d": "x=y", "e": "20ms"}
        parameters = Parameters(given)
        self.assertEqual(parameters.get("a", 1), 16)
        self.assertIs(parameters.get("b", True), False)
        self.assertEqual(parameters.get("c", 1.0), 1.5)
        self.assertEqual(parameters.get("d", ""), "x=y")
        self.assertEqual(parameters.get("e", 0), 20 * ms)
        self.assertEqual(parameters.get("f", 3), 3)
        self.assertIsNone(parameters.unknown())

    def test_refuses(self) -> None:
        for text, default in (("two", 1), ("maybe", True), ("x", 1.0)):
            with self.assertRaisesRegex(UsageError, f'"{text}"'):
                Parameters({"n": text}).get("n", default)

    def test_unknown_names_what_there_is(self) -> None:
        parameters = Parameters({"nmuber": "3"})
        parameters.get("number", 1)
        self.assertIn('"nmuber" (it has number)', parameters.unknown() or "")

    def test_setting(self) -> None:
        self.assertEqual(parse_setting("a=b=c"), ("a", "b=c"))
        for text in ("a", "=b", ""):
            with self.assertRaises(UsageError):
                parse_setting(text)


class MetricTest(unittest.TestCase):
    def test_percentiles_by_nearest_rank(self) -> None:
        metrics = Metrics(lambda: {})
        for value in range(100, 0, -1):
            metrics.record("x", value, "ms")
        metric = metrics["x"]
        self.assertEqual(
            (metric.count, metric.value, metric.min, metric.max, metric.p50, metric.p99),
            (100, 1, 1, 100, 50, 99),
        )
        self.assertEqual(metric.mean, 50.5)
        self.assertEqual((metric.p90, metric.p99_9), (90, 100))
        metrics.samples("y", range(1000, 0, -1))
        self.assertEqual((metrics["y"].p99_9, metrics["y"].p99, metrics["y"].max), (999, 990, 1000))

    def test_samples(self) -> None:
        metrics = Metrics(lambda: {"own": (1, "")})
        metrics.samples("latency", [3, 1], "us")
        metrics.samples("latency", (value / 2 for value in (1, 2)), "us")
        self.assertEqual(metrics["latency"].samples, [3, 1, 0.5, 1])
        self.assertEqual(metrics["latency"].kind, "samples")
        self.assertEqual(
            samples_csv(metrics), "metric,unit,value,count\nlatency,us,3,1\nlatency,us,1,1\n"
                                  "latency,us,0.5,1\nlatency,us,1.0,1\n",
        )
        self.assertEqual(series_csv(metrics), "")

    def test_counted_samples(self) -> None:
        metrics = Metrics(lambda: {})
        metrics.samples("latency", {3: 1, 1: 98}, "us")
        metrics.samples("latency", [2], "us")
        metric = metrics["latency"]
        self.assertEqual((metric.count, metric.mean, metric.max), (100, 1.03, 3))
        self.assertEqual((metric.p50, metric.percentile(98), metric.p99, metric.percentile(100)),
                         (1, 1, 2, 3))
        self.assertEqual(
            samples_csv(metrics),
            "metric,unit,value,count\nlatency,us,3,1\nlatency,us,1,98\nlatency,us,2,1\n",
        )
        for counts in ({1: 0}, {1: -2}, {1: 1.5}, {1: True}):
            with self.assertRaises(UsageError):
                metrics.samples("other", counts)  # type: ignore[arg-type]

    def test_curve(self) -> None:
        metrics = Metrics(lambda: {})
        rate = metrics.curve("rate", "CPUs", "1/us")
        self.assertEqual(curves_csv(metrics), "")
        rate.record(1, 5)
        rate.record(2, 9.5)
        self.assertEqual((metrics["rate"].kind, metrics["rate"].places), ("curve", [1, 2]))
        self.assertEqual(
            curves_csv(metrics), "metric,unit,over,place,value\nrate,1/us,CPUs,1,5\n"
                                 "rate,1/us,CPUs,2,9.5\n",
        )
        with self.assertRaises(UsageError):
            rate.record(3, float("nan"))

    def test_series(self) -> None:
        now = [5 * ms]
        metrics = Metrics(lambda: {"own": (1, "")}, lambda: now[0])
        free = metrics.series("free", "frames")
        self.assertNotIn("free", metrics)
        free.record(10)
        now[0] = 7 * ms
        metrics.series("free", "frames").record(8)
        self.assertEqual((metrics["free"].times, metrics["free"].value), ([5 * ms, 7 * ms], 8))
        earlier = metrics.series("noted")
        earlier.record(1, at=3 * ms)
        with self.assertRaises(UsageError):
            earlier.record(1, at=2 * ms)
        del metrics._recorded["noted"]
        self.assertEqual(
            series_csv(metrics),
            "metric,unit,time_ns,value\nfree,frames,5000000,10\nfree,frames,7000000,8\n",
        )
        self.assertEqual(samples_csv(metrics), "")

    def test_map(self) -> None:
        metrics = Metrics(lambda: {})
        metrics.map("used", [1, 2, 3], "frames")
        metrics.map("used", [0.5, 2], "frames")
        self.assertEqual(
            maps_csv(metrics), "metric,unit,cell,value\nused,frames,0,0.5\nused,frames,1,2\n"
        )
        with self.assertRaises(UsageError):
            metrics.map("empty", [])

    def test_a_name_has_one_kind(self) -> None:
        metrics = Metrics(lambda: {"own": (1, "")})
        metrics.record("x", 1)
        for use in (
            lambda: metrics.samples("x", [1]), lambda: metrics.series("x"),
            lambda: metrics.samples("own", [1]), lambda: metrics.series("own"),
            lambda: metrics.samples("y", []), lambda: metrics.samples("z", [1, float("inf")]),
        ):
            with self.assertRaises(UsageError):
                use()
        self.assertEqual(list(metrics), ["own", "x"])

    def test_refuses(self) -> None:
        metrics = Metrics(lambda: {"own": (1, "")})
        metrics.record("x", 1, "ms")
        for name, value, unit in (("own", 1, ""), ("x", 1, "s"), ("y", float("nan"), "")):
            with self.assertRaises(UsageError):
                metrics.record(name, value, unit)
        with self.assertRaisesRegex(UsageError, "own, x"):
            metrics["z"]
        self.assertIsNone(metrics.get("z"))

    def test_csv(self) -> None:
        metrics = Metrics(lambda: {"a": (2, "s")})
        self.assertEqual(as_csv(metrics).splitlines()[1], "a,s,2,1,2.0,2,2,2,2,2,2,built_in")


class Severity(unittest.TestCase):
    def test_order(self) -> None:
        self.assertEqual(most_severe([0, 1, 4, 3, 2]), 2)
        self.assertEqual(most_severe([0, 1, 4, 3]), 3)
        self.assertEqual(most_severe([0, 1, 4]), 4)
        self.assertEqual(most_severe([0, 1]), 1)
        self.assertEqual(most_severe([0]), 0)


if __name__ == "__main__":
    unittest.main()
