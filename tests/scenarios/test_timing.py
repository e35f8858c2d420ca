# SPDX-License-Identifier: Apache-2.0
"""The kernel's native cycles follow those of its image on the instruction-set CPU."""

from __future__ import annotations

import unittest

from orrery import bench, paths

#: Percent; what `./orrery bench timing` aims at is less.
WORST = 5.0


class Timing(unittest.TestCase):
    def test_cycles_agree(self) -> None:
        timing = bench.load(paths.ROOT / "bench" / "timing.py")
        held_out = [workload for workload in timing.WORKLOADS if workload.held_out]
        self.assertGreaterEqual(len(timing.WORKLOADS), 20)
        self.assertGreaterEqual(2 * len(held_out), len(timing.WORKLOADS))
        for workload in timing.WORKLOADS:
            for core in timing.cores_of(workload):
                with self.subTest(workload.name, core=core):
                    row = timing.compare(workload, core)
                    self.assertGreater(row["cycles_iss"], 100_000)
                    self.assertLessEqual(abs(row["error_percent"]), WORST, str(row))


if __name__ == "__main__":
    unittest.main()
