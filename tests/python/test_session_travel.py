# SPDX-License-Identifier: Apache-2.0
"""The journal of changes, and which snapshots are kept."""

from __future__ import annotations

import unittest
from types import SimpleNamespace
from typing import Any

from orrery.errors import SimulatorError
from orrery.session.inspection import Refused
from orrery.session.journal import Journal, Noted, Position
from orrery.session.restoring import Restoring
from orrery.session.snapshots import MOST, MOST_BYTES, Snapshot, Snapshots


class Journals(unittest.TestCase):
    def setUp(self) -> None:
        self.made: list[Any] = []
        machine = SimpleNamespace(console_send=lambda data: self.made.append(("console", data)))
        self.inspection = SimpleNamespace(
            write_physical=lambda address, data: self.made.append((address, data)),
            read_physical=lambda address, size: bytes(size))
        self.journal = Journal(machine, self.inspection)  # type: ignore[arg-type]

    def test_repeats_in_order_and_once(self) -> None:
        self.journal.make(Position(1, 10), True, "console_send", b"a")
        self.journal.make(Position(2, 10), True, "write_physical", 4, b"b")
        self.assertEqual(self.made, [("console", b"a"), (4, b"b")])
        self.journal.done = 0
        self.made.clear()
        self.assertEqual(self.journal.next_time(), 10)
        for position, count in ((Position(1, 9), 0), (Position(1, 10), 1), (Position(1, 10), 1),
                                (Position(2, 10), 2)):
            self.journal.come_by(position)
            self.assertEqual(len(self.made), count)
        self.assertIsNone(self.journal.next_time())

    def test_a_new_change_ends_the_old_future(self) -> None:
        for time in (10, 20, 30):
            self.journal.make(Position(1, time), True, "console_send", b"%d" % time)
        self.journal.done = 1
        self.journal.make(Position(1, 15), True, "console_send", b"new")
        self.assertEqual([entry.position.time for entry in self.journal.entries], [10, 15])

    def test_what_was_missed_is_an_error(self) -> None:
        self.journal.make(Position(1, 10), True, "console_send", b"a")
        self.journal.done = 0
        with self.assertRaisesRegex(SimulatorError, "has not gone the same way again"):
            self.journal.come_by(Position(1, 11))

    def test_what_fails_is_not_written_down(self) -> None:
        def refuse(address: int, data: bytes) -> None:
            raise Refused("nothing there")

        self.inspection.write_physical = refuse
        with self.assertRaises(Refused):
            self.journal.make(Position(1, 10), True, "write_physical", 4, b"b")
        self.assertEqual((self.journal.entries, self.journal.done), ([], 0))

    def test_obstacles(self) -> None:
        self.journal.make(Position(1, 10), True, "console_send", b"a")
        self.journal.make(Position(1, 20), False, "console_send", b"b")
        for done, time, is_one in ((0, 19, False), (0, 20, True), (1, 20, True), (2, 30, False)):
            self.assertEqual(self.journal.obstacle(done, time) is not None, is_one)

    def test_only_writes_are_noted(self) -> None:
        noted: list[Any] = []
        inspection = Noted(self.inspection, lambda *call: noted.append(call))  # type: ignore
        self.assertEqual(inspection.read_physical(0, 2), bytes(2))
        inspection.write_physical(0, b"x")
        self.assertEqual((noted, self.made), ([("write_physical", 0, b"x")], []))


class Kept(unittest.TestCase):
    """Snapshots without their processes."""

    def setUp(self) -> None:
        self.snapshots = Snapshots(None, 10, lambda: None)  # type: ignore[arg-type]

    def add(
        self, time: int, done: int = 0, first: bool = True, size: int = 0, call: int = 1
    ) -> None:
        self.snapshots.all.append(Snapshot(Position(call, time), done, first, size))
        self.snapshots.all.sort(key=lambda one: one.position)
        self.snapshots._bound(time)

    def times(self) -> list[int]:
        return [one.time for one in self.snapshots.all]

    def test_are_dense_here_and_sparse_far_away(self) -> None:
        for time in range(0, 10_000, 10):
            self.add(time)
        times = self.times()
        self.assertEqual((len(times), times[0], times[-3:]), (MOST, 0, [9970, 9980, 9990]))
        # A gap is never much longer than the way to it is.
        for before, after in zip(times[1:], times[2:]):
            self.assertLess(after - before, (9990 - before) / 4 + 20)

    def test_keep_no_more_memory_than_they_may(self) -> None:
        for time in range(0, 100, 10):
            self.add(time, size=MOST_BYTES // 4)
        self.assertLessEqual(self.snapshots.bytes, MOST_BYTES)
        self.assertEqual(self.times()[0], 0)
        self.assertEqual(self.times()[-1], 90)
        self.assertEqual(len(self.times()), 5)  # the first one's is the run's own

    def test_first_moment_of_a_time(self) -> None:
        self.add(0)
        self.add(10)
        self.add(20, first=False)
        self.add(20, call=2, first=False)
        found = {time: self.snapshots.newest(time) for time in (0, 5, 10, 20, 21)}
        self.assertEqual({time: one.time for time, one in found.items() if one},
                         {0: 0, 5: 0, 10: 10, 20: 10, 21: 20})
        self.assertEqual(found[21], self.snapshots.all[-1])

    def test_when_one_is_due(self) -> None:
        self.assertEqual(self.snapshots.due(Position(1, 0)), 0)
        self.add(0)
        self.add(33)
        for time, due in ((0, 10), (3, 7), (10, 0), (12, 0), (33, 7), (45, 0)):
            self.assertEqual(self.snapshots.due(Position(1, time)), due, time)
        self.add(20)
        self.assertGreater(self.snapshots.due(Position(1, 17)), 3)  # there is one soon


class Restorings(unittest.TestCase):
    def test_place_that_is_missed(self) -> None:
        shown = {"position": {"call": 2, "time": 30}, "state": {}, "journal": [
            {"position": {"call": 1, "time": 5}, "kind": "console_send",
             "arguments": [{"hex": "6869"}, {"x0": 1}]}]}
        restoring = Restoring(shown)
        self.assertEqual(restoring.entries[0].arguments, (b"hi", {"x0": 1}))
        self.assertFalse(restoring.is_at(Position(1, 30)))
        self.assertTrue(restoring.is_at(Position(2, 30)))
        with self.assertRaisesRegex(SimulatorError, "has not come by"):
            restoring.is_at(Position(3, 30))


if __name__ == "__main__":
    unittest.main()
