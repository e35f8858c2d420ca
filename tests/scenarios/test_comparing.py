# SPDX-License-Identifier: Apache-2.0
"""A small comparison on real machines, from the command line to the report."""

import csv
import unittest

from machine_case import MachineCase

_VARY = ("--vary", "cpu_performance=highest,lowest", "--seeds", "3", "--set", "questions=12")


class Comparing(MachineCase):
    def figures(self, out: str) -> dict[tuple[str, str], list[float]]:
        """Values by seed of each (variant, metric) in results.csv."""
        found: dict[tuple[str, str], list[float]] = {}
        for row in csv.DictReader((self.folder / out / "results.csv").read_text().splitlines()):
            place = (row["cpu_performance"], row["metric"])
            found.setdefault(place, []).append(float(row["value"]))
        return found

    def test_clocks(self) -> None:
        done = self.orrery("compare", "response", *_VARY, "--jobs", "2", "--out", "out")
        self.assertEqual((done.code, done.err), (0, ""), str(done))
        figures = self.figures("out")
        for metric in ("response.time.p50", "response.time.max", "simulated_time"):
            fast, slow = figures["highest", metric], figures["lowest", metric]
            self.assertEqual((len(set(fast)), len(set(slow))), (3, 3), metric)
            self.assertTrue(all(a < b for a, b in zip(fast, slow)), metric)
        # The kernel is the same, and does the same.
        self.assertEqual(figures["highest", "frames.total"], figures["lowest", "frames.total"])
        report = (self.folder / "out" / "report.html").read_text("utf-8")
        for words in ("With 3 seeds nothing can", "response.busy over simulated time", "<svg"):
            self.assertIn(words, report)

        # Another time: other processes, the same bytes.
        again = self.orrery("compare", "response", *_VARY, "--jobs", "1", "--out", "again")
        self.assertEqual(again.code, 0, str(again))
        for name in ("results.csv", "report.html"):
            first, second = (
                (self.folder / out / name).read_text("utf-8").replace(f"--out {out}", "")
                for out in ("out", "again")
            )
            self.assertEqual(first, second, name)

    def test_page_allocators(self) -> None:
        done = self.orrery(
            "compare", "allocator_ageing", "--vary", "page_allocator=buddy,tree,freelist",
            "--vary", "page_cache=on,off", "--seeds", "1", "--jobs", "2", "--out", "out",
        )
        self.assertEqual((done.code, done.err), (0, ""), str(done))
        report = (self.folder / "out" / "report.html").read_text("utf-8")
        for words in ("ageing.throughput over CPUs", "ageing.allocate.p99 over filled",
                      "ageing.allocate.order9: all samples", "ageing.apps.free_2m over rounds",
                      "ageing.fragmentation.map with seed 1"):
            self.assertIn(words, report)

    def test_qemu(self) -> None:
        done = self.orrery(
            "compare", "response", "--vary", "on=soc,qemu", "--seeds", "1", "--out", "out",
            "--set", "questions=3",
        )
        self.assertEqual((done.code, done.err), (0, ""), str(done))
        report = (self.folder / "out" / "report.html").read_text("utf-8")
        self.assertRegex(report, r"<th>QEMU</th><td>QEMU emulator version \d")

    def test_word_that_the_kernel_does_not_know(self) -> None:
        done = self.orrery(
            "compare", "response", "--vary", "page_allocator=freelist,magic", "--seeds", "1",
            "--out", "out",
        )
        self.assertEqual(done.code, 3, str(done))
        self.assertIn("error page_allocator=magic, seed 1: the kernel panicked: ", done.err)
        self.assertIn("1 of 2 runs did not pass", done.err)


if __name__ == "__main__":
    unittest.main()
