# SPDX-License-Identifier: Apache-2.0
"""The table of `./orrery test --coverage`."""

import unittest
from pathlib import PurePosixPath

from orrery import coverage


def entry(name: str, count: int, covered: int) -> dict:
    """A file as llvm-cov exports it."""
    return {"filename": name, "summary": {"lines": {"count": count, "covered": covered}}}


class Table(unittest.TestCase):
    """What is counted, and how it is added up."""

    EXPORT = {"data": [{"files": [
        entry("/build/kernel/task/tasks.cpp", 100, 90),
        entry("kernel/task/task.hpp", 10, 10),
        entry("/build/kernel/trap/trap.cpp", 50, 50),
        entry("/build/tests/kernel/trap_test.cpp", 500, 500),
        entry("/usr/include/gtest/gtest.h", 100, 1),
    ]}]}

    def test_only_the_kernel_counts(self) -> None:
        files = coverage.by_file(self.EXPORT)
        self.assertEqual({str(path) for path in files},
                         {"kernel/task/tasks.cpp", "kernel/task/task.hpp", "kernel/trap/trap.cpp"})

    def test_folders_are_added_up(self) -> None:
        text, total = coverage.table(coverage.by_file(self.EXPORT))
        self.assertEqual((total.total, total.reached), (160, 150))
        self.assertRegex(text, r"kernel/task +110 +100 +90\.9")
        self.assertRegex(text, r"total +160 +150 +93\.8")
        self.assertRegex(text, r"kernel/task/tasks\.cpp +10 of 100")
        self.assertNotIn("trap.cpp", text)

    def test_a_file_is_named_from_the_root_of_the_tree(self) -> None:
        self.assertEqual(coverage.subject_of("/x/build/kernel/kernel/kernel.cpp"),
                         PurePosixPath("kernel/kernel/kernel.cpp"))
        self.assertIsNone(coverage.subject_of("/x/tests/kernel/kernel.cpp"))

    def test_nothing_is_all_of_nothing(self) -> None:
        self.assertEqual(coverage.Lines().percent, 100.0)


if __name__ == "__main__":
    unittest.main()
