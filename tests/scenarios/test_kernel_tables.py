# SPDX-License-Identifier: Apache-2.0
"""The kernel's own translation tables, read from the memory of a phone that has booted on QEMU."""

from __future__ import annotations

import mmap
import re
import struct
import subprocess
import unittest
from collections.abc import Iterator
from dataclasses import dataclass

import orrery
from orrery import ms, paths
from orrery.qemu_process import RAM_BASE, RAM_SIZE

PAGE = 4096
STACKS, STACK_SLOT = 8, 36 * 1024
IMAGE_ALIGNMENT = 2 << 20
DIRECT_BASE, DEVICE_BASE, IMAGE_BASE = (
    0xFFFF_0000_0000_0000, 0xFFFF_4000_0000_0000, 0xFFFF_8000_0000_0000,
)
UPPER_HALF = 0xFFFF_0000_0000_0000
IMAGE_SPAN = 1 << 39  # hal/aarch64/layout.hpp
ADDRESS_WORD = 0x30  # of the image's header: where it runs

# Fields of a descriptor (Arm ARM DDI 0487, D8.3): of leaves, and what tables pass down.
VALID, TABLE = 1, 2
USER, READ_ONLY, ACCESSED = 1 << 6, 1 << 7, 1 << 10
PXN, UXN = 1 << 53, 1 << 54
PXN_TABLE, UXN_TABLE, USER_TABLE, READ_ONLY_TABLE = 1 << 59, 1 << 60, 1 << 61, 1 << 62
ADDRESS = 0x0000_FFFF_FFFF_F000


@dataclass(frozen=True)
class Leaf:
    """A page or block that is mapped."""

    virtual: int
    physical: int
    size: int
    writable: bool
    executable: bool  # at EL1
    user: bool
    user_executable: bool
    device: bool

    def covers(self, physical: int) -> bool:
        return self.physical <= physical < self.physical + self.size

    def __str__(self) -> str:
        return f"{self.virtual:#x} -> {self.physical:#x} ({self.size:#x} bytes)"


class Memory:
    """Guest memory, and a walk of the tables in it."""

    def __init__(self, contents: bytes | bytearray | mmap.mmap, begin: int = RAM_BASE) -> None:
        self.contents = contents
        self.begin = begin

    def word(self, physical: int) -> int:
        return struct.unpack_from("<Q", self.contents, physical - self.begin)[0]

    def leaves(self, table: int, level: int = 0, base: int = UPPER_HALF,
               inherited: int = 0) -> Iterator[Leaf]:
        """Everything that is mapped below a table."""
        size = 1 << (39 - 9 * level)
        entries = struct.unpack_from("<512Q", self.contents, table - self.begin)
        for index, entry in enumerate(entries):
            virtual = base + index * size
            if not entry & VALID:
                continue
            if level < 3 and entry & TABLE:
                yield from self.leaves(entry & ADDRESS, level + 1, virtual, inherited | entry)
                continue
            if level == 0 or (level == 3) != bool(entry & TABLE):
                raise ValueError(f"a reserved descriptor {entry:#x} for {virtual:#x}")
            if not entry & ACCESSED:
                raise ValueError(f"a descriptor {entry:#x} for {virtual:#x} without access flag")
            yield Leaf(
                virtual=virtual, physical=entry & ADDRESS & ~(size - 1), size=size,
                writable=not (entry & READ_ONLY or inherited & READ_ONLY_TABLE),
                executable=not (entry & PXN or inherited & PXN_TABLE),
                user=bool(entry & USER) and not inherited & USER_TABLE,
                user_executable=not (entry & UXN or inherited & UXN_TABLE),
                device=entry >> 2 & 7 == 1,
            )


@dataclass(frozen=True)
class Image:
    """The kernel image: where it lies, and what its symbols say."""

    physical: int
    virtual: int
    symbols: dict[str, int]  # where they are, not where they were linked

    def place(self, symbol: str) -> int:
        """Physical address of a symbol."""
        return self.symbols[symbol] - self.virtual + self.physical

    def within(self, first: str, last: str) -> range:
        """Physical pages from one symbol to another."""
        return range(self.place(first), self.place(last), PAGE)

    def guards(self) -> list[int]:
        """Virtual addresses of the guard pages."""
        return [self.symbols["kernel_stacks"] + STACK_SLOT * index for index in range(STACKS)]


def violations(memory: Memory, image: Image) -> list[str]:
    """What is wrong with the kernel's tables."""
    found = []
    leaves = list(memory.leaves(image.place("kernel_root_table")))
    executable = {page for leaf in leaves if leaf.executable
                  for page in range(leaf.physical, leaf.physical + leaf.size, PAGE)}
    text = image.within("image_begin", "text_end")
    constants = image.within("text_end", "rodata_end")
    for leaf in leaves:
        physical = range(leaf.physical, leaf.physical + leaf.size)
        if leaf.writable and leaf.executable:
            found.append(f"{leaf} is writable and executable")
        if leaf.user or leaf.user_executable:
            found.append(f"{leaf} is for the user")
        if leaf.writable and any(page in physical for page in executable):
            found.append(f"{leaf} makes executable pages writable")
        if leaf.writable and any(page in physical for page in (*text, *constants)):
            found.append(f"{leaf} makes code or constants writable")
        if leaf.device and leaf.executable:
            found.append(f"{leaf} makes device registers executable")
        if leaf.device != (leaf.physical < RAM_BASE):
            found.append(f"{leaf} is not what lies there")
        bases = (DIRECT_BASE, DEVICE_BASE, image.virtual - image.physical)
        if leaf.virtual - leaf.physical not in bases:
            found.append(f"{leaf} belongs to no region")
    if executable != set(text):
        found.append("other pages than the kernel's code are executable")

    mapped = {leaf.virtual: leaf for leaf in leaves if leaf.virtual >= image.virtual}
    guards = set(image.guards())
    for virtual in range(image.symbols["image_begin"], image.symbols["image_end"], PAGE):
        if (virtual in mapped) == (virtual in guards):
            found.append(f"{virtual:#x} is {'a guard' if virtual in guards else 'not mapped'}")
    return found


class KernelTables(unittest.TestCase):
    """One phone for all tests; it stands still after boot."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.phone = orrery.Phone.open("bin/first_light", on="qemu")
        cls.addClassCleanup(cls.phone.close)
        cls.phone.boot()
        cls.phone.run_for(40 * ms)
        assert [cpu.online for cpu in cls.phone.cpus] == [True] * STACKS

        backend = cls.phone._backend
        # The image and its tables are in the first bank.
        path, _, size = backend._process.memory_banks[0]
        with open(path, "rb") as file:
            cls.ram = mmap.mmap(file.fileno(), size, prot=mmap.PROT_READ)
        cls.addClassCleanup(cls.ram.close)
        physical = cls.image_place()
        place = physical - RAM_BASE + ADDRESS_WORD
        virtual = int.from_bytes(cls.ram[place : place + 8], "little")
        cls.image = Image(physical, virtual, cls.image_symbols(virtual - IMAGE_BASE))

    @classmethod
    def image_place(cls) -> int:
        header = paths.kernel_image().read_bytes()[:64]
        places = [offset for offset in range(0, len(cls.ram), IMAGE_ALIGNMENT)
                  if cls.ram[offset : offset + ADDRESS_WORD] == header[:ADDRESS_WORD]]
        assert len(places) == 1, places
        return RAM_BASE + places[0]

    @staticmethod
    def image_symbols(slide: int) -> dict[str, int]:
        elf = paths.kernel_image().with_suffix(".elf")
        text = subprocess.run(["llvm-nm", str(elf)], capture_output=True, text=True, check=True,
                              timeout=20).stdout
        rows = re.findall(r"^([0-9a-f]{16}) \w (\S+)$", text, re.MULTILINE)
        return {name: int(address, 16) + slide for address, name in rows}

    def test_the_image_does_not_run_where_it_is_linked(self) -> None:
        slide = self.image.virtual - IMAGE_BASE
        self.assertNotEqual(slide, 0)
        self.assertEqual(slide % IMAGE_ALIGNMENT, 0)
        self.assertLess(slide, IMAGE_SPAN)

    def test_nothing_is_wrong(self) -> None:
        self.assertEqual(violations(Memory(self.ram), self.image), [])

    def test_everything_is_there(self) -> None:
        """The walk does see the tables: all of memory, the code, the devices."""
        leaves = list(Memory(self.ram).leaves(self.image.place("kernel_root_table")))
        direct = [leaf for leaf in leaves if leaf.virtual < DEVICE_BASE]
        self.assertEqual(sum(leaf.size for leaf in direct), RAM_SIZE)
        self.assertGreater(len([leaf for leaf in leaves if leaf.device]), 2)
        code = [leaf for leaf in leaves if leaf.executable]
        self.assertEqual(len(code), len(self.image.within("image_begin", "text_end")))
        aliases = [leaf for leaf in direct if leaf.covers(self.image.physical)]
        self.assertEqual([leaf.writable for leaf in aliases], [False])

    def test_no_cpu_is_left_on_the_boot_tables(self) -> None:
        """The identity mapping of the boot is writable and executable: nobody may use it later."""
        gdb = self.phone._backend._gdb
        description = ""
        while not description.endswith("</feature>"):
            part = gdb.command(
                f"qXfer:features:read:system-registers.xml:{len(description):x},7f0"
            )
            description += part[1:]
            self.assertIn(part[:1], ("m", "l"))
            if part.startswith("l"):
                break
        registers = {}
        for name in ("TTBR0_EL1", "TTBR1_EL1"):
            match = re.search(rf'name="{name}" [^>]*regnum="(\d+)"', description)
            self.assertIsNotNone(match, name)
            registers[name] = int(match[1])
        for cpu in range(1, STACKS + 1):
            self.assertEqual(gdb.command(f"Hg{cpu:x}"), "OK")
            tables = {
                name: int.from_bytes(bytes.fromhex(gdb.command(f"p{number:x}")), "little")
                & ADDRESS for name, number in registers.items()
            }
            self.assertEqual(tables["TTBR1_EL1"], self.image.place("kernel_root_table"))
            self.assertNotEqual(tables["TTBR0_EL1"], self.image.place("boot_identity_table"))
            self.assertNotEqual(tables["TTBR0_EL1"], 0)

    def test_the_check_can_fail(self) -> None:
        """A bit changed in a copy of the tables is found."""
        physical, virtual_base = self.image.physical, self.image.virtual
        size = self.image.symbols["image_end"] - virtual_base
        begin = physical - RAM_BASE
        first_guard = self.image.guards()[0]
        for what, virtual, change, words in (
            ("writable code", virtual_base, lambda entry: entry & ~READ_ONLY, "writable and exec"),
            ("code for the user", virtual_base, lambda entry: entry | USER, "for the user"),
            ("user may execute", virtual_base, lambda entry: entry & ~UXN, "for the user"),
            ("code alias", DIRECT_BASE + physical, lambda entry: entry & ~READ_ONLY,
             "makes executable pages writable"),
            ("executable data", self.image.symbols["rodata_end"] + PAGE,
             lambda entry: entry & ~PXN, "writable and executable"),
            ("writable constants", self.image.symbols["text_end"],
             lambda entry: entry & ~READ_ONLY, "code or constants writable"),
            ("no guard", first_guard,
             lambda entry: first_guard - virtual_base + physical | UXN | PXN | ACCESSED | 3,
             "is a guard"),
            ("hole", first_guard + PAGE, lambda entry: 0, "is not mapped"),
            ("shifted", virtual_base, lambda entry: entry + PAGE, "belongs to no region"),
        ):
            with self.subTest(what):
                copy = bytearray(self.ram[begin : begin + size])
                memory = Memory(copy, physical)
                table = self.image.place("kernel_root_table")
                for level in range(3):
                    table = memory.word(table + (virtual >> (39 - 9 * level)) % 512 * 8) & ADDRESS
                place = table + (virtual >> 12) % 512 * 8
                struct.pack_into("<Q", copy, place - physical, change(memory.word(place)))
                found = "; ".join(violations(memory, self.image))
                self.assertIn(words, found)


if __name__ == "__main__":
    unittest.main()
