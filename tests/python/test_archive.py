# SPDX-License-Identifier: Apache-2.0
"""The cpio reader, on whole and on broken archives."""

import shutil
import subprocess
import unittest

from orrery import ArchiveError, UsageError, read_archive
from orrery.archive import with_files
from support import FolderCase, archive, entry


class Reading(FolderCase):
    def test_files(self) -> None:
        files = {"a": b"", "dir/b": b"12345", "c": bytes(range(256)) * 40}
        self.assertEqual(read_archive(archive(files)), files)

    def test_only_regular_files(self) -> None:
        data = entry("dir", b"", 0o040755) + entry("./x", b"y") + entry("TRAILER!!!", b"")
        self.assertEqual(read_archive(data), {"x": b"y"})

    def test_bytes_after_the_trailer_are_padding(self) -> None:
        self.assertEqual(read_archive(archive({"a": b"b"}) + bytes(512)), {"a": b"b"})

    def test_more_files(self) -> None:
        files = {"a": b"", "dir/b": b"12345", "c": bytes(range(256))}
        more = {"plan": b"a plan", "trace": b"123"}
        for whole in (archive(files), archive(files) + bytes(512), archive({})):
            found = read_archive(with_files(whole, more))
            self.assertEqual(found, read_archive(whole) | more)
        self.assertEqual(read_archive(with_files(archive(files), {})), files)
        for name in ("a", "", "ä", "a\nb"):
            with self.assertRaises(UsageError):
                with_files(archive(files), {name: b""})
        with self.assertRaises(UsageError):
            with_files(archive(files), {"x": "text"})  # type: ignore[dict-item]

    @unittest.skipUnless(shutil.which("cpio"), "cpio is not installed")
    def test_what_cpio_writes(self) -> None:
        (self.folder / "x").write_bytes(b"hello")
        data = subprocess.run(
            ["cpio", "-o", "-H", "newc", "--quiet"], input=b"x\n", cwd=self.folder,
            capture_output=True, check=True,
        ).stdout
        self.assertEqual(read_archive(data), {"x": b"hello"})

    def test_every_truncation(self) -> None:
        data = archive({"a": b"12345", "bcd": b"6"})
        end = data.rindex(b"TRAILER!!!") + len("TRAILER!!!\0")
        for length in range(end):
            with self.assertRaisesRegex(ArchiveError, "cut off at byte", msg=str(length)):
                read_archive(data[:length])

    def test_nonsense(self) -> None:
        good = archive({"a": b"12345"})
        for position, text, message in (
            (0, b"070707", "no cpio header at byte 0"),
            (54, b"xxxxxxxx", "not a number"),
            (54, b"ffffffff", "cut off"),
            (94, b"00000000", "no name"),
            (94, b"00000003", "does not end with NUL"),
        ):
            broken = good[:position] + text + good[position + len(text) :]
            with self.assertRaisesRegex(ArchiveError, message):
                read_archive(broken)


if __name__ == "__main__":
    unittest.main()
