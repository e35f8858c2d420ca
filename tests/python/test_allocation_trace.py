# SPDX-License-Identifier: Apache-2.0
"""Recordings of allocations: what is read of them, what a replay is made of, what is refused."""

import gzip
import struct
import unittest

from orrery import UsageError
from orrery.allocation_trace import COLUMNS, Operation, put, read, replay_words
from support import FolderCase

_HEADER = ",".join(COLUMNS) + "\n"


class Recordings(FolderCase):
    def recording(self, *rows: str, header: str = _HEADER) -> str:
        """A file with these rows."""
        path = self.folder / "a.csv"
        path.write_text(header + "".join(f"{row}\n" for row in rows))
        return str(path)

    def words(self, *rows: str) -> list[tuple[int, int, int, int, int]]:
        """(slot, order, unmovable, free, CPU) of each word of a replay."""
        self.recording(*rows)
        data = replay_words(self.folder / "a.csv")
        words = struct.unpack(f"<{len(data) // 4}I", data)
        return [
            (w & 0x3FFFF, w >> 18 & 15, w >> 22 & 1, w >> 23 & 1, w >> 24 & 7) for w in words
        ]

    def test_operations(self) -> None:
        self.recording("5,allocate,9,unmovable,3,kernel,0,0x40200000", "7,free,0,,1,held,2,0x1000")
        self.assertEqual(list(read(self.folder / "a.csv")), [
            Operation(True, 9, True, 3, 0x40200000), Operation(False, 0, False, 1, 0x1000),
        ])

    def test_slots_are_used_again(self) -> None:
        self.assertEqual(
            self.words(
                "1,allocate,0,movable,0,kernel,0,0x1000", "2,allocate,0,unmovable,7,kernel,0,0x2000",
                "3,free,0,,2,kernel,0,0x1000", "4,allocate,3,movable,0,kernel,0,0x8000",
                "5,free,3,,0,kernel,0,0x8000",
            ),
            [(0, 0, 0, 0, 0), (1, 0, 1, 0, 7), (0, 0, 0, 1, 2), (0, 3, 0, 0, 0), (0, 3, 0, 1, 0)],
        )

    def test_a_split_block_goes_with_its_last_part(self) -> None:
        self.assertEqual(
            self.words(
                "1,allocate,2,movable,0,kernel,0,0x4000", "2,free,0,,1,kernel,0,0x5000",
                "3,free,1,,2,kernel,0,0x6000", "4,free,0,,3,kernel,0,0x4000",
            ),
            [(0, 2, 0, 0, 0), (0, 2, 0, 1, 3)],
        )

    def test_compressed(self) -> None:
        self.recording("1,allocate,0,movable,0,kernel,0,0x1000")
        source = self.folder / "a.csv"
        text = source.read_bytes()
        for name in ("b.csv.gz", "c.csv.gz"):
            (self.folder / "copy").write_bytes(text)
            put(self.folder / "copy", self.folder / name)
        first, second = ((self.folder / name).read_bytes() for name in ("b.csv.gz", "c.csv.gz"))
        self.assertEqual(first, second)
        self.assertEqual(gzip.decompress(first), text)
        self.assertEqual(list(read(self.folder / "b.csv.gz")), list(read(source)))
        self.assertFalse((self.folder / "copy").exists())

    def test_refused(self) -> None:
        good = "1,allocate,0,movable,0,kernel,0,0x1000"
        for rows in (
            ("1,take,0,movable,0,kernel,0,0x1000",), ("1,allocate,11,movable,0,kernel,0,0x1000",),
            ("1,allocate,0,movable,8,kernel,0,0x1000",), ("1,allocate,0,movable,0,kernel,0,0x1001",),
            ("1,allocate,1,movable,0,kernel,0,0x1000",), ("1,allocate,0",),
            ("1,allocate,x,movable,0,kernel,0,0x1000",), (good, good),
            ("1,free,0,,0,kernel,0,0x1000",), (good, "2,free,1,,0,kernel,0,0x0"),
        ):
            with self.subTest(rows), self.assertRaises(UsageError):
                self.words(*rows)
        self.recording(good, header="a,b\n")
        with self.assertRaises(UsageError):
            list(read(self.folder / "a.csv"))
        with self.assertRaises(UsageError):
            list(read(self.folder / "none.csv"))
        with self.assertRaises(UsageError):
            put(self.folder / "a.csv", self.folder / "none" / "a.csv")


if __name__ == "__main__":
    unittest.main()
