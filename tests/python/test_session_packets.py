# SPDX-License-Identifier: Apache-2.0
"""The form of packets: what is written is read, and nothing else is taken for a packet."""

import random
import unittest

from orrery.session.packets import Decoder, Kind, Received, encode, join, split


def decoded(data: bytes, longest: int = 1 << 16) -> list[Received]:
    return list(Decoder(longest).feed(data))


def packet(text: str) -> Received:
    return Received(Kind.PACKET, text.encode())


class Encoding(unittest.TestCase):
    def test_form(self) -> None:
        self.assertEqual(encode("OK"), b"$OK#9a")
        self.assertEqual(encode(""), b"$#00")

    def test_escapes_are_in_the_sum(self) -> None:
        self.assertEqual(encode("a$"), b"$a}\x04#%02x" % (ord("a") + ord("}") + 4 & 0xFF))
        for special in "$#}*":
            self.assertEqual(decoded(encode(f"<{special}>")), [packet(f"<{special}>")])

    def test_is_ascii(self) -> None:
        self.assertEqual(decoded(encode("caf\u00e9 \U0001f4f1")),
                         [packet("caf\\xe9 \\U0001f4f1")])

    def test_fields(self) -> None:
        for fields in ([""], ["", ""], ["a,b", "c\\"], ["\\,"], ["a", "", "b"]):
            self.assertEqual(split(join(*fields)), fields)
        self.assertEqual(split("a\\"), ["a\\"])


class Decoding(unittest.TestCase):
    def test_in_any_portions(self) -> None:
        data = b"+" + encode("status") + b"-" + encode("a}b")
        decoder, received = Decoder(), []
        for byte in data:
            received += decoder.feed(bytes([byte]))
        self.assertEqual(received, [Received(Kind.ACKNOWLEDGED), packet("status"),
                                    Received(Kind.REFUSED), packet("a}b")])

    def test_sum(self) -> None:
        self.assertEqual(decoded(b"$OK#9A"), [packet("OK")])
        self.assertEqual(decoded(b"$OK#00"), [packet("OK")])
        for wrong in (b"$OK#9b", b"$OK#zz", b"$OK#$$", b"$O}#cc"):
            self.assertEqual(decoded(wrong), [Received(Kind.DAMAGED)])

    def test_begins_anew(self) -> None:
        self.assertEqual(decoded(b"noise$sta$status#9c"), [Received(Kind.DAMAGED)])
        self.assertEqual(decoded(b"noise$sta" + encode("status")), [packet("status")])

    def test_too_long(self) -> None:
        long = b"$" + b"a" * 11 + b"#00"
        self.assertEqual(decoded(long + encode("b" * 10), 10),
                         [Received(Kind.TOO_LONG), packet("b" * 10)])

    def test_keeps_no_more_than_it_may(self) -> None:
        decoder = Decoder(100)
        self.assertEqual(list(decoder.feed(b"$" + b"a" * 1_000_000)), [])
        self.assertLessEqual(len(decoder._payload), 101)

    def test_random_bytes(self) -> None:
        source = random.Random(6)
        alphabet = b"$#}*+-,\\0123abcstatus\x00\xff"
        for _ in range(300):
            noise = bytes(source.choices(alphabet, k=source.randrange(200)))
            decoder = Decoder(50)
            for received in decoder.feed(noise):
                self.assertLessEqual(len(received.text), 50)
            # Whatever came before, the next packet but one is understood: the first may have been
            # taken for the sum of another.
            after = list(decoder.feed(b"..#.." + encode("status") + encode("status")))
            self.assertEqual(after[-1], packet("status"))


if __name__ == "__main__":
    unittest.main()
