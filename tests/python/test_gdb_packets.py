# SPDX-License-Identifier: Apache-2.0
"""The form of GDB's packets, and where instructions lead."""

import random
import unittest

from orrery.gdb.packets import LONGEST, Decoder, Kind, Received, frame
from orrery.gdb.successors import successors

HERE = 0xFFFF_8000_0000_1000


def received(*portions: bytes) -> list[Received]:
    """What a fresh decoder finds in bytes that come in portions."""
    decoder = Decoder()
    return [one for portion in portions for one in decoder.feed(portion)]


class Packets(unittest.TestCase):
    def test_as_the_manual_shows(self) -> None:
        self.assertEqual(frame(b"OK"), b"$OK#9a")
        self.assertEqual(frame(b"}$#*"), b"$}]}\x04}\x03}\n#" + b"%02x" % (
            sum(b"}]}\x04}\x03}\n") & 0xFF))

    def test_there_and_back(self) -> None:
        source = random.Random(6)
        for _ in range(200):
            payload = source.randbytes(source.randrange(60))
            data = frame(payload)
            whole = [Received(Kind.PACKET, payload)]
            self.assertEqual(received(data), whole)
            self.assertEqual(received(*(bytes((byte,)) for byte in data)), whole)

    def test_signs(self) -> None:
        kinds = [one.kind for one in received(b"+x-\x03$g#67+")]
        self.assertEqual(kinds, [Kind.ACKNOWLEDGED, Kind.REFUSED, Kind.INTERRUPT, Kind.PACKET,
                                 Kind.ACKNOWLEDGED])

    def test_damaged(self) -> None:
        for data in (b"$g#00", b"$g#zz", b"$g}#e4"):
            self.assertEqual([one.kind for one in received(data)], [Kind.DAMAGED], data)
        # A new packet begins in the middle of one.
        self.assertEqual(received(b"$m12$g#67"), [Received(Kind.PACKET, b"g")])

    def test_too_long(self) -> None:
        longest = frame(b"x" * LONGEST)
        self.assertEqual(received(longest)[0].kind, Kind.PACKET)
        found = received(frame(b"x" * (LONGEST + 1)), b"y" * 100_000, longest)
        self.assertEqual([one.kind for one in found], [Kind.TOO_LONG, Kind.PACKET])


class Successors(unittest.TestCase):
    # As llvm-mc encodes them.
    CASES = {
        0x91000400: {4},  # add x0, x0, #1
        0xD4000001: {4},  # svc #0
        0x14000003: {12},  # b .+12
        0x97FFFFFF: {-4},  # bl .-4
        0x54000041: {4, 8},  # b.ne .+8
        0x54FFFFE0: {4, -4},  # b.eq .-4
        0xB4000080: {4, 16},  # cbz x0, .+16
        0x35FFFFC1: {4, -8},  # cbnz w1, .-8
        0x36080062: {4, 12},  # tbz w2, #1, .+12
        0xB7FFFFE3: {4, -4},  # tbnz x3, #63, .-4
    }

    def test_relative(self) -> None:
        for word, offsets in self.CASES.items():
            expected = {HERE + offset for offset in offsets}
            self.assertEqual(successors(word, {"pc": HERE}), expected, hex(word))

    def test_by_register(self) -> None:
        registers = {"pc": HERE, "x30": 0x1234, "x3": 0x5678}
        self.assertEqual(successors(0xD65F03C0, registers), {0x1234})  # ret
        self.assertEqual(successors(0xD61F0060, registers), {0x5678})  # br x3
        self.assertEqual(successors(0xD63F0060, registers), {0x5678})  # blr x3

    def test_end_of_the_address_space(self) -> None:
        self.assertEqual(successors(0xD503201F, {"pc": (1 << 64) - 4}), {0})  # nop


if __name__ == "__main__":
    unittest.main()
