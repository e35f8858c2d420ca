# SPDX-License-Identifier: Apache-2.0
"""Caches, translation and branches in the phone: what they count, and that both ways of executing
the kernel come to the same time."""

from __future__ import annotations

import ast
import unittest
from typing import Any

from machine_case import MachineCase

WAYS = ("soc", "iss")
MEMORY = ("--fidelity", "memory")
# What the two ways may differ by, in percent of the kernel's cycles. bench/timing.py measures it
# over all workloads and both core types.
TOLERANCE = 4.0


class Memory(MachineCase):
    def told(self, machine: str, program: str, *options: str) -> dict[str, Any]:
        """Runs a program on one CPU; what the phone says of its first CPU afterwards."""
        path = self.scenario(
            "phone.boot()\n"
            "phone.console.wait_for('kernel_load exited with code 0', timeout=10 * s)\n"
            "work, counts = phone.cpu_work[0], phone.memory_counts[0]\n"
            "print({**vars(work), **vars(counts)})",
            f'@scenario(program="{program}", bootargs="cpus=1")',
        )
        done = self.run_on(machine, path, *options)
        self.assertPassed(done)
        line = next(line for line in done.out.splitlines() if "{" in line)
        return ast.literal_eval(line[line.index("{"):])

    def growth(self, machine: str, workload: str, rounds: int) -> dict[str, float]:
        """What `rounds` more rounds of a workload of the kernel add to every count."""
        first, last = (self.told(machine, f"bin/kernel_load {workload} {count}", *MEMORY)
                       for count in (1, 1 + rounds))
        return {name: last[name] - first[name] for name in first}

    def test_both_ways_agree(self) -> None:
        for workload, rounds in (("map_region", 20), ("switch_threads", 300), ("spawn_tasks", 10)):
            with self.subTest(workload):
                native, image = (self.growth(way, workload, rounds) for way in WAYS)
                percent = 100 * (native["kernel_cycles"] / image["kernel_cycles"] - 1)
                self.assertLess(abs(percent), TOLERANCE, f"{percent:+.2f} %")

    def test_memory_costs_time(self) -> None:
        for way in WAYS:
            with self.subTest(way):
                counts = self.growth(way, "map_region", 10)
                self.assertGreater(counts["l1d_misses"], 1000)
                self.assertGreater(counts["branches"], 10 * counts["mispredictions"])
                self.assertGreater(counts["l2_accesses"], counts["l2_misses"])
                self.assertGreater(counts["walk_descriptors"], 0)

    def test_what_is_not_modelled_is_not_counted(self) -> None:
        path = self.scenario("phone.boot()\nphone.memory_counts")
        for machine, sentence in (
            ("soc", "at --fidelity cycle, which models no caches: choose --fidelity memory"),
            ("iss", "at --fidelity cycle, which models no caches: choose --fidelity memory"),
            ("qemu", "on qemu, which models no caches"),
        ):
            with self.subTest(machine):
                done = self.run_on(machine, path)
                self.assertIn(f"phone.memory_counts is Unsupported {sentence}", done.err)
                self.assertNotEqual(done.code, 0)


if __name__ == "__main__":
    unittest.main()
