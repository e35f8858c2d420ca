#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the initial archive: programs, texts and broken programs, as cpio in the newc format.

The bytes depend on names and contents only. Also a module: write_archive(path, {name: bytes}).
"""
import argparse
import pathlib
import struct

MODE_FILE = 0o100444
MODE_PROGRAM = 0o100555
TRAILER = "TRAILER!!!"


def _entry(name, data, mode, number):
    encoded = name.encode("ascii") + b"\0"
    links = 1
    fields = (number, mode, 0, 0, links, 0, len(data), 0, 0, 0, 0, len(encoded), 0)
    header = b"070701" + b"".join(b"%08x" % field for field in fields)
    return _padded(header + encoded) + _padded(data)


def _padded(data):
    return data + bytes(-len(data) % 4)


def archive_bytes(files):
    """The archive of {name: bytes}, sorted by name."""
    parts = []
    for number, name in enumerate(sorted(files), start=1):
        mode = MODE_PROGRAM if name.startswith("bin/") else MODE_FILE
        parts.append(_entry(name, files[name], mode, number))
    parts.append(_entry(TRAILER, b"", 0, 0))
    return b"".join(parts)


def write_archive(path, files):
    pathlib.Path(path).write_bytes(archive_bytes(files))


# Offsets in an ELF64 header, and in a program header (System V ABI, "Object Files").
E_MACHINE, E_PHOFF, E_PHENTSIZE, E_PHNUM = 18, 32, 54, 56
P_TYPE, P_FLAGS, P_OFFSET, P_VADDR, P_FILESZ, P_MEMSZ = 0, 4, 8, 16, 32, 40
PT_LOAD = 1
PF_X, PF_W = 1, 2
EM_X86_64 = 62
KERNEL_ADDRESS = 0xFFFF_8000_0000_0000
USER_END = 0x0000_8000_0000_0000


class _Elf:
    """A copy of an ELF file whose fields can be overwritten."""

    def __init__(self, data):
        self.data = bytearray(data)
        (start,) = struct.unpack_from("<Q", self.data, E_PHOFF)
        size, count = struct.unpack_from("<HH", self.data, E_PHENTSIZE)
        headers = [start + index * size for index in range(count)]
        self.segments = [at for at in headers if self.read("<I", at + P_TYPE) == PT_LOAD]
        if len(self.segments) < 2:
            raise ValueError("a good program has two loadable segments at least")

    def read(self, form, offset):
        return struct.unpack_from(form, self.data, offset)[0]

    def write(self, form, offset, value):
        struct.pack_into(form, self.data, offset, value)
        return self


def broken_programs(good):
    """Programs broken in one way each, {name: bytes}, made from the bytes of a good one."""
    first, second = _Elf(good).segments[:2]
    size = len(good)

    def patched(*changes):
        elf = _Elf(good)
        for form, offset, value in changes:
            elf.write(form, offset, value)
        return bytes(elf.data)

    original = _Elf(good)
    return {
        "empty.elf": b"",
        "truncated.elf": good[:100],
        "no_segments.elf": patched(("<H", E_PHNUM, 0)),
        "wrong_machine.elf": patched(("<H", E_MACHINE, EM_X86_64)),
        "headers_outside.elf": patched(("<Q", E_PHOFF, size - 8)),
        "segment_outside.elf": patched(
            ("<Q", first + P_FILESZ, size + 4096), ("<Q", first + P_MEMSZ, size + 4096)),
        "segment_wrapping.elf": patched(("<Q", first + P_OFFSET, 2**64 - 4096)),
        "memory_below_file.elf": patched(("<Q", first + P_MEMSZ, 1)),
        "memory_wrapping.elf": patched(("<Q", first + P_MEMSZ, 2**64 - 4096)),
        "memory_wrapping_high.elf": patched(
            ("<Q", first + P_VADDR, USER_END - 2048), ("<Q", first + P_MEMSZ, 2**64 - 4096)),
        "kernel_address.elf": patched(("<Q", first + P_VADDR, KERNEL_ADDRESS)),
        "null_address.elf": patched(("<Q", first + P_VADDR, 0)),
        "writable_executable.elf": patched(
            ("<I", second + P_FLAGS, original.read("<I", second + P_FLAGS) | PF_X | PF_W)),
        "overlapping.elf": patched(
            ("<Q", first + P_MEMSZ, original.read("<Q", second + P_VADDR)
             - original.read("<Q", first + P_VADDR) + 8)),
    }


def texts(folder):
    """The regular files of a folder by name; a link to one of them is not a second one."""
    files = {}
    for path in sorted(pathlib.Path(folder).iterdir()):
        target = path.resolve()
        if target.is_file():
            files[target.name] = target.read_bytes()
    if not files:
        raise FileNotFoundError(f"no texts in {folder}")
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--output", required=True)
    parser.add_argument("--texts", required=True, help="folder of the texts")
    parser.add_argument("programs", nargs="+", help="stripped ELF files")
    options = parser.parse_args()

    programs = {pathlib.Path(path).name: pathlib.Path(path).read_bytes()
                for path in options.programs}
    files = {f"bin/{name}": data for name, data in programs.items()}
    files |= {f"text/{name}": data for name, data in texts(options.texts).items()}
    files |= {f"broken/{name}": data for name, data in broken_programs(programs["steady"]).items()}
    write_archive(options.output, files)


if __name__ == "__main__":
    main()
