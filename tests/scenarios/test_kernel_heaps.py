# SPDX-License-Identifier: Apache-2.0
"""Every kernel heap, with and without red zones, boots, serves programs and shows its figures."""

from __future__ import annotations

import re
import unittest

from machine_case import MACHINES, MachineCase
from orrery import paths

HEAPS = ("simple", "slab", "tlsf")


class KernelHeaps(MachineCase):
    def test_memory_basics(self) -> None:
        for heap in HEAPS:
            for machine, debug in (("soc", "off"), ("soc", "on"), ("qemu", "on")):
                with self.subTest(f"{heap}, debug {debug}, on {machine}"):
                    shown = (
                        f"assert phone.kernel_heap.allocator == '{heap}'",
                        f"assert phone.kernel_heap.debug == {debug == 'on'}",
                        "assert phone.metrics['heap.objects'].value > 3",
                        "assert phone.metrics['heap.bytes'].value > 1000",
                        "assert phone.metrics['heap.frames'].value > 0",
                    )
                    self.passes("memory_basics", machine, f"kernel_heap={heap} heap_debug={debug}",
                                shown)

    def test_many_tasks(self) -> None:
        for heap in HEAPS[1:]:
            with self.subTest(heap):
                self.passes("monkeys", "soc", f"kernel_heap={heap} heap_debug=on")

    def passes(self, name: str, machine: str, words: str, more: tuple[str, ...] = ()) -> None:
        """A scenario of the project passes with more words on the kernel command line, and so do
        some lines at its end."""
        text = (paths.ROOT / "scenarios" / f"{name}.py").read_text("utf-8")
        text, count = re.subn(r"@scenario\(", f'@scenario(bootargs="{words}", ', text, count=1)
        self.assertEqual(count, 1)
        path = self.folder / f"{name}.py"
        path.write_text(text.rstrip() + "".join(f"\n    {line}" for line in more) + "\n", "utf-8")
        done = self.orrery("run", str(path), *MACHINES[machine], "--out", "run")
        self.assertPassed(done)


if __name__ == "__main__":
    unittest.main()
