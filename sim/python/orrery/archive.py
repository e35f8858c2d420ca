# SPDX-License-Identifier: Apache-2.0
"""Reader for the initial archive: cpio in the "newc" format (magic 070701, or 070702 with sums).

The format is that of Linux's early userspace: for each file a header of 110 ASCII characters, the
name with its NUL padded to 4 bytes, the contents padded to 4 bytes, and a last entry `TRAILER!!!`.
"""

from __future__ import annotations

from collections.abc import Mapping

from .errors import UsageError

_HEADER = 110
_MAGICS = (b"070701", b"070702")
_TRAILER = "TRAILER!!!"
_TYPE_MASK = 0o170000
_REGULAR = 0o100000


class ArchiveError(UsageError):
    """The archive is broken; the message says what and where."""


def read_archive(data: bytes) -> dict[str, bytes]:
    """Returns the regular files of a cpio archive, name -> contents, in the archive's order.

    Raises `ArchiveError` for anything that is not a whole and sane archive.
    """
    files: dict[str, bytes] = {}
    position = 0
    while True:
        header = _take(data, position, _HEADER, "the header of an entry")
        if header[:6] not in _MAGICS:
            raise ArchiveError(f"archive: no cpio header at byte {position}")
        mode = _field(header, 1, position)
        size = _field(header, 6, position)
        name_size = _field(header, 11, position)
        if name_size < 2:
            raise ArchiveError(f"archive: the entry at byte {position} has no name")

        start = position + _HEADER
        raw = _take(data, start, name_size, "a name")
        if raw[-1] != 0:
            raise ArchiveError(f"archive: the name at byte {start} does not end with NUL")
        name = raw[:-1].decode("utf-8", "replace")
        if name == _TRAILER:
            return files

        start = _aligned(start + name_size)
        contents = _take(data, start, size, f'the contents of "{name}"')
        position = _aligned(start + size)
        if mode & _TYPE_MASK == _REGULAR:
            files[name.removeprefix("./")] = contents


def with_files(data: bytes, files: Mapping[str, bytes]) -> bytes:
    """The archive with more files at its end, before its trailer.

    Raises `UsageError` for a name that it has, or that cannot be one.
    """
    known = read_archive(data)
    end = _trailer_of(data)
    parts = [data[:end]]
    for name, contents in files.items():
        if not name.isascii() or not name.isprintable() or not name or name in known:
            raise UsageError(f'the archive cannot take a file of the name "{name}"')
        if not isinstance(contents, bytes):
            raise UsageError(f'the file "{name}" for the archive is bytes, not {contents!r}')
        parts.append(_entry(name, contents, _REGULAR | 0o444))
    return b"".join([*parts, _entry(_TRAILER, b"", 0)])


def _trailer_of(data: bytes) -> int:
    """Where the trailer of a whole archive begins."""
    position = 0
    while True:
        size, name_size = _field(data[position : position + _HEADER], 6, position), _field(data[position : position + _HEADER], 11, position)
        start = position + _HEADER
        if data[start : start + name_size - 1] == _TRAILER.encode():
            return position
        position = _aligned(_aligned(start + name_size) + size)


def _entry(name: str, contents: bytes, mode: int) -> bytes:
    encoded = name.encode() + b"\0"
    fields = [0] * 13
    fields[1], fields[4], fields[6], fields[11] = mode, 1, len(contents), len(encoded)
    header = b"070701" + b"".join(b"%08x" % field for field in fields) + encoded
    return _padded(header) + _padded(contents)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _take(data: bytes, start: int, size: int, what: str) -> bytes:
    if start + size > len(data):
        raise ArchiveError(f"archive: cut off at byte {len(data)}, inside {what}")
    return data[start : start + size]


def _field(header: bytes, index: int, position: int) -> int:
    text = header[6 + 8 * index : 14 + 8 * index]
    if not all(character in b"0123456789abcdefABCDEF" for character in text):
        raise ArchiveError(f"archive: a field of the header at byte {position} is not a number")
    return int(text, 16)


def _aligned(position: int) -> int:
    return (position + 3) & ~3
