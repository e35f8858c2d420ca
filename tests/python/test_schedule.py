# SPDX-License-Identifier: Apache-2.0
"""Load and pressure as Python shows them."""

import unittest
from types import SimpleNamespace

from orrery.schedule import CpuLoad, Pressure, schedule_of


class Schedule(unittest.TestCase):
    def test_figures(self) -> None:
        cpu = SimpleNamespace(online=True, isolated=False, runnable=2, averages=[1.5, 0.5, 0.25],
                              reserved=0.375, runnable_ns=900, stolen=4)
        out = SimpleNamespace(**vars(cpu) | {"online": False})
        some = SimpleNamespace(total_ns=70, averages=[0.5, 0.25, 0.0])
        full = SimpleNamespace(total_ns=7, averages=[0.0, 0.0, 0.0])
        shown = schedule_of(SimpleNamespace(schedule=SimpleNamespace(
            policy="fair", cpus=[cpu, out], some=some, full=full
        )))
        self.assertEqual(shown.policy, "fair")
        self.assertEqual(shown.cpus[0], CpuLoad(
            number=0, online=True, isolated=False, runnable=2, averages=(1.5, 0.5, 0.25),
            reserved=0.375, runnable_time=900, stolen=4,
        ))
        self.assertEqual((shown.cpus[1].number, shown.cpus[1].online), (1, False))
        self.assertEqual(shown.some, Pressure(70, (0.5, 0.25, 0.0)))
        self.assertEqual(shown.full.total, 7)


if __name__ == "__main__":
    unittest.main()
