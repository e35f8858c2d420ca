# SPDX-License-Identifier: Apache-2.0
"""What a comparison leaves: CSV, and a report that is whole, self-contained and says what is so."""

import csv
import re
import unittest
from collections import Counter
from unittest.mock import patch
from typing import Any
from xml.etree import ElementTree

from fake_runs import Fixture
from orrery import UsageError
from orrery.compare.analysis import Analysis, analyse
from orrery.compare.export import write_csv
from orrery.compare.report import write_report
from orrery.compare.text import number, percent, probability, scale_of
from support import FolderCase

_SVG = "{http://www.w3.org/2000/svg}svg"


class ReportCase(FolderCase):
    """A test that reads what is written about fake runs."""

    #: What was written about comparisons that nobody changes, as plots take their time.
    written: dict[tuple[object, ...], tuple[Analysis, bytes, str]] = {}

    def write(self, *variations: str, seeds: int, name: str = "", **more: Any) -> Analysis:
        """Runs a comparison, writes its results and reads them: `csv`, `text`, `page`."""
        key = (*variations, seeds, name, *more)
        if more or key not in self.written:
            self.written[key] = self.fresh(name or "out", variations, seeds=seeds, **more)
        analysis, self.csv, self.text = self.written[key]
        self.page = ElementTree.fromstring(self.text.replace("<!DOCTYPE html>", "").strip())
        return analysis

    def fresh(
        self, name: str, variations: tuple[str, ...], **more: Any
    ) -> tuple[Analysis, bytes, str]:
        fixture = Fixture(self.folder / name, *variations, **more)
        database = fixture.open()
        self.addCleanup(database.close)
        fixture.run(database)
        plan = fixture.comparison
        analysis = analyse(database, plan.variants, plan.variations, plan.seeds)
        table = write_csv(database, plan, fixture.folder)
        path = write_report(database, plan, analysis, {
            "command": "./orrery compare <this>", "summary": "It works & plays.",
            "versions": [("simulator", "1")],
        }, fixture.folder)
        return analysis, table.read_bytes(), path.read_text("utf-8")

    def words(self) -> str:
        """The text of the report without plots, its spaces made one."""
        for parent in self.page.iter():
            for child in [child for child in parent if child.tag == _SVG]:
                parent.remove(child)
        return " ".join("".join(self.page.itertext()).split())  # narrow spaces too


class Csv(ReportCase):
    def test_a_row_a_run_and_metric(self) -> None:
        self.write("slow=1,2", "page_cache=on,off", seeds=2)
        rows = list(csv.DictReader(self.csv.decode().splitlines()))
        self.assertEqual(
            list(rows[0]),
            ["variant", "slow", "page_cache", "seed", "metric", "kind", "unit", "value"],
        )
        sizes = [row for row in rows if row["metric"] == "size"]
        self.assertEqual(
            [(row["variant"], row["slow"], row["page_cache"], row["seed"], row["value"])
             for row in sizes],
            [("1", "1", "on", "1", "10"), ("1", "1", "on", "2", "10"),
             ("2", "1", "off", "1", "10"), ("2", "1", "off", "2", "10"),
             ("3", "2", "on", "1", "20"), ("3", "2", "on", "2", "20"),
             ("4", "2", "off", "1", "20"), ("4", "2", "off", "2", "20")],
        )
        count = Counter((row["variant"], row["seed"], row["metric"]) for row in rows)
        self.assertEqual(set(count.values()), {1})


class Analysed(ReportCase):
    def test_tables(self) -> None:
        analysis = self.write("slow=1,2", seeds=8)
        tables = {table.metric: table for table in analysis.tables}
        work = tables["work"].rows[1].difference
        assert work is not None
        self.assertEqual((work.p, work.corrected, work.significant), (2 / 2**8, 2 / 2**8, True))
        self.assertAlmostEqual(work.relative or 0, 1.0, 1)
        self.assertTrue(tables["size"].deterministic and not tables["size"].flat)
        self.assertTrue(tables["frames.total"].flat)
        self.assertEqual(tables["latency.p99"].recorded, "latency")
        self.assertEqual([table.metric for table in analysis.built_in], ["frames.total"])

    def test_equal_variants(self) -> None:
        analysis = self.write("slow=1,1.0", seeds=8)
        rows = [table.rows[1] for table in analysis.recorded]
        self.assertFalse(any(row.difference and row.difference.significant for row in rows))
        self.assertIn("equal in all pairs", self.words())

    def test_corrections_grow(self) -> None:
        analysis = self.write("slow=1,2,3", seeds=8)
        for table in analysis.recorded:
            for row in table.rows[1:]:
                found = row.difference
                if found and found.p is not None:
                    self.assertLessEqual(found.p, found.corrected or 0)
                    self.assertLessEqual(found.corrected or 0, row.p_of_all or 0)

    def test_pairs_without_failed_runs(self) -> None:
        analysis = self.write("slow=1,2", seeds=8, fails=lambda job: (
            job.seed == 3 and job.bootargs == "slow=1" or job.seed == 5 and "2" in job.bootargs
        ))
        table = next(table for table in analysis.tables if table.metric == "work")
        self.assertEqual(sorted(table.rows[1].pairs), [1, 2, 4, 6, 7, 8])
        self.assertEqual([row.estimate.count for row in table.rows], [7, 7])
        self.assertEqual(analysis.passed, {1: 7, 2: 7})
        words = self.words()
        self.assertIn("2 runs did not pass", words)
        self.assertIn("it <did> not", words)

    def test_first_variant_that_always_fails(self) -> None:
        analysis = self.write("slow=1,2", seeds=2, fails=lambda job: "1" in job.bootargs)
        self.assertEqual(analysis.passed, {2: 2})
        self.assertTrue(all(row.difference is None for t in analysis.tables for row in t.rows))
        self.assertIn("No run of variant 1 passed", self.words())

    def test_refuses_two_units(self) -> None:
        with patch("fake_runs.record", lambda job, metrics: metrics.record(
            "work", 1, "ms" if job.bootargs == "slow=1" else "s"
        )), self.assertRaisesRegex(UsageError, '"work" is in "ms" in one run and in "s"'):
            self.write("slow=1,2", seeds=1, name="units")

    def test_nothing_passed(self) -> None:
        self.write("slow=1,2", seeds=2, fails=lambda job: True)
        self.assertIn("4 runs did not pass", self.words())


class Html(ReportCase):
    def test_self_contained(self) -> None:
        self.write("slow=1,2,3", seeds=8)
        svgs = list(self.page.iter(_SVG))
        self.assertGreater(len(svgs), 7)
        for element in self.page.iter():
            tag = element.tag.rpartition("}")[2]
            self.assertNotIn(tag, ("script", "img", "link", "iframe", "object", "image"))
            for name, value in element.attrib.items():
                local = name.rpartition("}")[2]
                self.assertFalse(local in ("src", "srcset") or local.startswith("on"), name)
                if local == "href":
                    self.assertTrue(value.startswith("#"), value)
        self.assertNotIn("@import", self.text)
        self.assertEqual(re.findall(r"url\((?!#)[^)]*\)", self.text), [])
        addresses = set(re.findall(r"https?://[^\s\"'<)]+", self.text))
        self.assertEqual(
            addresses, {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
        )

    def test_identifiers_are_unique_and_known(self) -> None:
        self.write("slow=1,2,3", seeds=8)
        found = Counter(
            element.attrib["id"] for element in self.page.iter() if "id" in element.attrib
        )
        self.assertEqual([name for name, count in found.items() if count > 1], [])
        used = set(re.findall(r'(?:href="|url\()#([^")]+)', self.text))
        self.assertEqual(used - set(found), set())

    def test_plots_name_their_axes_and_units(self) -> None:
        self.write("slow=1,2,3", seeds=8)
        shown = ["".join(svg.itertext()) for svg in self.page.iter(_SVG)]
        for words in (
            ("work (ms)", "difference to variant 1 (ms)"), ("slow", "work (ms)"),
            ("percentile of the samples of a run (%)", "latency (µs)", "slow=3"),
            ("2  slow=2", "3  slow=3", "used (frames)"),
            ("simulated time since power-on (ms)", "free (frames)"),
            ("CPUs", "rate (1/µs)", "slow=2"), ("rounds", "decay (%)", "slow=2"),
        ):
            self.assertTrue(
                any(all(word in text for word in words) for text in shown), words
            )
        # What does not vary with the seed has a curve, but no distribution.
        self.assertFalse(any("difference to variant 1 (KiB)" in text for text in shown))

    def test_says_what_it_cannot_say(self) -> None:
        self.write("slow=1,2", seeds=3)
        words = self.words()
        self.assertIn("With 3 seeds nothing can be said about chance", words)
        self.assertIn("at least 6 seeds for 1 comparison", words)
        self.assertIn("needs 6 pairs", words)
        self.assertIn("deterministic", words)
        self.assertNotIn("higher *", words)

    def test_says_how_to_repeat_it(self) -> None:
        self.write("slow=1,2", seeds=8)
        words = self.words()
        for part in ("./orrery compare <this>", "It works & plays.", "simulator", "Holm",
                     "Wilcoxon", "frames.total 1 000"):
            self.assertIn(part, words)

    def test_same_bytes_again(self) -> None:
        self.write("slow=1,2", seeds=6, name="one")
        first, table = self.text, self.csv
        self.write("slow=1,2", seeds=6, name="two")
        self.assertEqual(self.text, first)
        self.assertEqual(self.csv, table)

    def test_many_variants(self) -> None:
        self.write(f"slow={','.join(map(str, range(1, 8)))}", seeds=6)
        words = self.words()
        self.assertIn("differ from variant 1", words)
        self.assertIn("variant 7, +600.0 %", words)
        # Whole tables are there, but folded.
        self.assertIn("Intervals, paired differences and significance", words)
        rows = ["".join(row.itertext()).split() for row in self.page.iter("tr")]
        self.assertIn(["11", "5", "10", "20"], rows)  # the rate of variant 1 by CPUs


class Numbers(unittest.TestCase):
    def test_number(self) -> None:
        for value, text in (
            (0, "0"), (12, "12"), (1234567, "1 234 567"), (-0.5, "−0.5"), (12.34567, "12.35"),
            (0.00123456, "0.001235"), (1.5e-9, "1.50×10⁻⁹"), (123456.7, "123 457"),
        ):
            self.assertEqual(number(value).replace("\u202f", " "), text)

    def test_percent_and_probability(self) -> None:
        self.assertEqual(
            [percent(value) for value in (0.5, -0.002, 0.0, 1e-9, None)],
            ["+50.0 %", "−0.20 %", "0 %", "0 %", ""],
        )
        self.assertEqual([probability(p) for p in (0.0001, 0.0312, 1)], ["< 0.001", "0.031", "1"])

    def test_scale(self) -> None:
        for unit, size, shown, factor in (
            ("s", 0.002, "ms", 1e3), ("ns", 5e6, "ms", 1e-6), ("us", 700, "µs", 1),
            ("J", 3.0, "J", 1), ("frames", 1e9, "frames", 1), ("s", 0, "s", 1),
        ):
            scale = scale_of(unit, [size])
            self.assertEqual(scale.unit, shown)
            self.assertAlmostEqual(scale.factor / factor, 1)


if __name__ == "__main__":
    unittest.main()
