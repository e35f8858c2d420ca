# SPDX-License-Identifier: Apache-2.0
"""Where the kernel image, programs and memory lie: at addresses that the seed decides, on nodes."""

from __future__ import annotations

import ast
import unittest

from machine_case import MachineCase

WHERE = """
phone.boot()
phone.run_for(5 * ms)
shared = phone._backend._shared
print("hold at", hex(shared.hold_function))
"""


class ImageAddress(MachineCase):
    """QEMU gives a seed, as boot loaders do."""

    def hold(self, *options: str) -> int:
        done = self.run_on("qemu", self.scenario(WHERE, '@scenario(program="idle")'), *options)
        self.assertPassed(done)
        line = next(line for line in done.out.splitlines() if "hold at" in line)
        return int(line.split()[-1], 16)

    def test_the_seed_decides(self) -> None:
        one, same, other = (self.hold("--seed", seed) for seed in ("7", "7", "8"))
        self.assertEqual(one, same)
        self.assertNotEqual(one, other)
        self.assertEqual(one % 0x20_0000, other % 0x20_0000)

    def test_it_can_be_off(self) -> None:
        fixed = self.hold("--bootargs", "kaslr=off")
        self.assertLess(fixed - 0xFFFF_8000_0000_0000, 0x20_0000)
        self.assertNotEqual(self.hold(), fixed)


BIASES = """
phone.boot()
phone.run_for(5 * ms)
print("biases", [task.load_bias for task in phone.tasks])
"""


class ProgramAddresses(MachineCase):
    def biases(self, machine: str, *options: str) -> list[int]:
        done = self.run_on(machine, self.scenario(BIASES, '@scenario(program="bin/steady")'),
                           *options)
        self.assertPassed(done)
        line = next(line for line in done.out.splitlines() if "biases" in line)
        return ast.literal_eval(line.partition("biases ")[2])

    def test_the_seed_decides(self) -> None:
        for machine in ("soc", "qemu"):
            with self.subTest(machine):
                one, same, other = (
                    self.biases(machine, "--seed", seed) for seed in ("7", "7", "8")
                )
                self.assertEqual(one, same)
                places = one + other
                self.assertEqual(len(places), 4)
                self.assertEqual(len(set(places)), 4, "each task has a place of its own")
                self.assertTrue(all(place > 0 and place % 4096 == 0 for place in places), places)

    def test_it_can_be_off(self) -> None:
        for machine in ("soc", "qemu"):
            with self.subTest(machine):
                self.assertEqual(self.biases(machine, "--bootargs", "aslr=off"), [0, 0])


class Nodes(MachineCase):
    def test_both_machines_have_two(self) -> None:
        for machine in ("soc", "qemu"):
            with self.subTest(machine):
                done = self.run_on(machine, self.scenario("""
phone.boot()
phone.run_for(5 * ms)
nodes = phone.page_frames.nodes
assert [node.id for node in nodes] == [0, 1], nodes
assert all(node.frames_total > 100_000 for node in nodes), nodes
""", '@scenario(program="idle")'))
                self.assertPassed(done)


if __name__ == "__main__":
    unittest.main()
