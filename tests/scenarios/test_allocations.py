# SPDX-License-Identifier: Apache-2.0
"""Recordings of allocations on real machines, and their replay by other strategies."""

from __future__ import annotations

import csv
import unittest
from pathlib import Path

from machine_case import MACHINES, MachineCase
from orrery import paths

_AGEING = str(paths.ROOT / "scenarios" / "allocator_ageing.py")
_LIGHT = str(paths.ROOT / "scenarios" / "first_light.py")


class Allocations(MachineCase):
    def rows(self, name: str) -> list[dict[str, str]]:
        """A recording's rows."""
        with (self.folder / name).open(encoding="ascii", newline="") as file:
            return list(csv.DictReader(file))

    def figures(self) -> dict[str, float]:
        """Values of the last run's metrics."""
        return {name: one["value"] for name, one in self.result()["metrics"].items()}

    def assertBalanced(self, rows: list[dict[str, str]]) -> None:
        """What is held in the end is what the kernel says it has given out."""
        held: dict[str, int] = {}
        for row in rows:
            if row["operation"] == "allocate":
                self.assertNotIn(row["block"], held)
                held[row["block"]] = int(row["order"])
            else:
                self.assertEqual(held.pop(row["block"]), int(row["order"]))
        figures = self.figures()
        given = figures["frames.total"] - figures["frames.free"]
        self.assertEqual(sum(1 << order for order in held.values()), given)

    def test_record_and_replay(self) -> None:
        for machine in MACHINES:
            with self.subTest(machine):
                name = f"{machine}.csv"
                self.assertPassed(self.run_on(machine, _LIGHT, "--record-allocations", name))
                rows = self.rows(name)
                self.assertGreater(len(rows), 150)
                self.assertEqual({row["cpu"] for row in rows}, set("01234567"))
                self.assertLessEqual({"kernel", "tables", "anonymous"},
                                     {row["owner"] for row in rows})
                self.assertBalanced(rows)
                again = "soc" if machine == "iss" else machine
                for strategy in ("tree", "buddy"):
                    self.assertPassed(self.run_on(
                        again, _AGEING, "--set", "recipe=replay", "--set", f"trace={name}",
                        "--bootargs", f"page_allocator={strategy}",
                    ))
                    figures = self.figures()
                    self.assertEqual(figures["ageing.failed"], 0)
                    self.assertEqual(figures["ageing.unsupported"], 0)
                    counted = sum(
                        one["count"] for key, one in self.result()["metrics"].items()
                        if key.startswith(("ageing.allocate.", "ageing.free."))
                    )
                    self.assertEqual(counted, len(rows))

    def test_same_bytes_again(self) -> None:
        for name in ("one.csv", "two.csv"):
            done = self.run_on("soc", _LIGHT, "--record-allocations", name)
            self.assertPassed(done)
        one, two = ((self.folder / name).read_bytes() for name in ("one.csv", "two.csv"))
        self.assertEqual(one, two)

    def test_with_a_trace_and_compressed(self) -> None:
        done = self.run_on("soc", _LIGHT, "--record-allocations", "a.csv.gz", "--trace")
        self.assertPassed(done)
        self.assertEqual((self.folder / "a.csv.gz").read_bytes()[:2], b"\x1f\x8b")
        self.assertTrue((self.folder / "run" / "trace.pftrace").exists())

    def test_gaps_are_not_hidden(self) -> None:
        done = self.run_on(
            "soc", _AGEING, "--record-allocations", "a.csv", "--bootargs", "trace_records=256",
            "--set", "recipe=bulk", "--set", "threads=1",
        )
        self.assertEqual(done.code, 3, str(done))
        self.assertIn("the recording of allocations has gaps", done.err)
        self.assertFalse((self.folder / "a.csv").exists())

    def test_refused(self) -> None:
        self.assertRefused(
            self.orrery("run", _LIGHT, _AGEING, "--record-allocations", "a.csv"),
            "--record-allocations goes with one scenario, which FILE then is of",
        )
        for sentence, *settings in (
            (r'.*there is no recipe "magic".*', "recipe=magic"),
            (r".*give the recording to be replayed: --set trace=FILE", "recipe=replay"),
            (r".*the recording none.csv cannot be read.*", "recipe=replay", "trace=none.csv"),
            (r".*fill is a percentage, not 101", "fill=101"),
        ):
            with self.subTest(settings):
                words = [word for one in settings for word in ("--set", one)]
                self.assertEnded(self.run_on("soc", Path(_AGEING), *words), 2, sentence)


if __name__ == "__main__":
    unittest.main()
