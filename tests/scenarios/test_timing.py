# SPDX-License-Identifier: Apache-2.0
"""The kernel's native cycles follow those of its image on the instruction-set CPU."""

from __future__ import annotations

import importlib.util
import sys
import unittest
from types import ModuleType

from orrery import paths

#: Percent; what `./orrery bench timing` aims at is less.
WORST = 5.0


def load_benchmark() -> ModuleType:
    """The benchmark `timing`, which has the workloads."""
    specification = importlib.util.spec_from_file_location(
        "bench_timing", paths.ROOT / "bench" / "timing.py")
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["bench_timing"] = module
    specification.loader.exec_module(module)
    return module


class Timing(unittest.TestCase):
    def test_cycles_agree(self) -> None:
        timing = load_benchmark()
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
