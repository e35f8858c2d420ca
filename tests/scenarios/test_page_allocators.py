# SPDX-License-Identifier: Apache-2.0
"""Every page-frame strategy, with and without the page cache, boots and serves programs."""

from __future__ import annotations

import re
import unittest

from machine_case import MACHINES, MachineCase
from orrery import paths

STRATEGIES = ("freelist", "buddy", "bitset", "hybrid", "tree", "segregated")


class PageAllocators(MachineCase):
    def test_memory_basics(self) -> None:
        for strategy in STRATEGIES:
            for machine, cache in (("soc", "on"), ("soc", "off"), ("qemu", "on")):
                with self.subTest(f"{strategy}, page cache {cache}, on {machine}"):
                    self.passes("memory_basics", machine, f"page_allocator={strategy} "
                                f"page_cache={cache}")
                    console = (self.folder / "run" / "console.log").read_text("utf-8")
                    layer = ", cached" if cache == "on" else ""
                    self.assertRegex(console, rf"page allocator {strategy}{layer}\n")

    def test_many_tasks(self) -> None:
        # Tasks come and go on all CPUs; the program itself checks that no frame is lost.
        for strategy in STRATEGIES[1:]:
            with self.subTest(strategy):
                self.passes("monkeys", "soc", f"page_allocator={strategy}")

    def passes(self, name: str, machine: str, words: str) -> None:
        """A scenario of the project passes with more words on the kernel command line."""
        text = (paths.ROOT / "scenarios" / f"{name}.py").read_text("utf-8")
        text, count = re.subn(r"@scenario\(", f'@scenario(bootargs="{words}", ', text, count=1)
        self.assertEqual(count, 1)
        path = self.folder / f"{name}.py"
        path.write_text(text, "utf-8")
        done = self.orrery("run", str(path), *MACHINES[machine], "--out", "run")
        self.assertPassed(done)


if __name__ == "__main__":
    unittest.main()
