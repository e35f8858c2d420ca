# SPDX-License-Identifier: Apache-2.0
"""The archive writer: same files, same bytes; and what it writes is what the format says."""
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, sys.argv.pop(1))
import make_archive


class WriteArchive(unittest.TestCase):
    def test_order_of_the_files_does_not_matter(self):
        files = {"text/b": b"2", "bin/a": b"1"}
        reversed_files = dict(reversed(files.items()))
        self.assertEqual(make_archive.archive_bytes(files),
                         make_archive.archive_bytes(reversed_files))

    def test_format(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "x.cpio")
            make_archive.write_archive(path, {"ab": b"hello"})
            data = path.read_bytes()
        self.assertEqual(data[:6], b"070701")
        self.assertEqual(data[54:62], b"00000005")
        self.assertEqual(data[94:102], b"00000003")
        self.assertEqual(data[110:116], b"ab\0\0\0\0"[:6])
        self.assertEqual(data[116:124], b"hello\0\0\0"[:8])
        self.assertEqual(data[124:130], b"070701")
        self.assertIn(b"TRAILER!!!\0", data)
        self.assertEqual(len(data) % 4, 0)


class Texts(unittest.TestCase):
    def test_links_are_resolved_once(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "GPL-3").write_bytes(b"text")
            pathlib.Path(folder, "GPL").symlink_to("GPL-3")
            pathlib.Path(folder, "folder").mkdir()
            self.assertEqual(make_archive.texts(folder), {"GPL-3": b"text"})

    def test_no_texts_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertRaises(FileNotFoundError, make_archive.texts, folder)


if __name__ == "__main__":
    unittest.main()
