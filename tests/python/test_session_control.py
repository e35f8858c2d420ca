# SPDX-License-Identifier: Apache-2.0
"""Who holds a run: the rule for several clients, times and steps."""

import unittest

from orrery.session.control import STEP_SLICE, Client, Control
from orrery.session.inspection import Refused


def no_instructions(target: str) -> int:
    raise AssertionError("nobody steps")


class Holding(unittest.TestCase):
    def setUp(self) -> None:
        self.control = Control(wait=False)
        self.first, self.second = Client(), Client()
        self.control.clients += [self.first, self.second]

    def test_new_clients_hold_nothing(self) -> None:
        self.assertFalse(self.control.held)
        self.assertIsNone(self.control.reason(self.first))

    def test_goes_on_when_nobody_holds_it(self) -> None:
        self.control.stop(self.first, "user")
        self.control.stop(self.second, "mine")
        self.control.resume(self.first, None, {})
        self.assertTrue(self.control.held)
        self.assertIsNone(self.control.reason(self.first))
        self.assertEqual(self.control.reason(self.second), "mine")
        self.control.resume(self.second, None, {})
        self.assertFalse(self.control.held)

    def test_who_leaves_lets_go(self) -> None:
        self.control.stop(self.first, "user")
        self.control.leave(self.first)
        self.assertFalse(self.control.held)

    def test_stop_keeps_the_first_reason(self) -> None:
        self.control.stop(self.first, "user")
        self.control.stop(self.first, "again")
        self.assertEqual(self.control.reason(self.first), "user")

    def test_resume_needs_a_stop(self) -> None:
        with self.assertRaisesRegex(Refused, "simulation running"):
            self.control.resume(self.first, None, {})

    def test_until(self) -> None:
        self.control.stop(self.first, "user")
        self.control.resume(self.first, 500, {})
        self.assertEqual(self.control.next_stop(100), 400)
        self.control.passed(499, no_instructions)
        self.assertFalse(self.control.held)
        self.control.passed(500, no_instructions)
        self.assertEqual(self.control.reason(self.first), "step")
        self.assertIsNone(self.control.next_stop(500))

    def test_step(self) -> None:
        self.control.stop(self.first, "user")
        self.control.resume(self.first, None, {"cpu0": 5, "cpu1": 7})
        self.assertEqual(self.control.next_stop(0), STEP_SLICE)
        self.control.passed(2, {"cpu0": 5, "cpu1": 7}.__getitem__)
        self.assertFalse(self.control.held)
        self.control.passed(4, {"cpu0": 5, "cpu1": 9}.__getitem__)
        self.assertEqual(self.control.reason(self.first), "target:cpu1:4")


class Waiting(unittest.TestCase):
    def test_for_the_first_resume_of_anybody(self) -> None:
        control = Control(wait=True)
        self.assertTrue(control.held)
        first, second = Client(), Client()
        control.clients += [first, second]
        self.assertEqual(control.reason(first), "elaboration")
        control.leave(first)
        self.assertTrue(control.held)
        control.resume(second, None, {})
        self.assertFalse(control.held)


if __name__ == "__main__":
    unittest.main()
