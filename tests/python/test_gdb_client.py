# SPDX-License-Identifier: Apache-2.0
"""The clients of QEMU's protocols, against servers of a few lines."""

import json
import socket
import threading
import unittest
from collections.abc import Callable

from orrery.gdb_client import GdbClient, GdbError
from orrery.qmp_client import QmpClient


def packet(text: str) -> bytes:
    return b"$" + text.encode() + b"#" + f"{sum(text.encode()) & 0xFF:02x}".encode()


class Stub:
    """A debug stub: answers commands from a table, notes what it was asked."""

    def __init__(self, connection: socket.socket, answers: dict[str, list[bytes]]) -> None:
        self.asked: list[str] = []
        self._connection = connection
        self._answers = answers
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._connection.close()
        self._thread.join(5)

    def _serve(self) -> None:
        data = b""
        while True:
            try:
                data += self._connection.recv(4096)
            except OSError:
                return
            if not data:
                return
            while b"#" in data and len(data) >= data.index(b"#") + 3:
                end = data.index(b"#") + 3
                text = data[data.index(b"$") + 1 : end - 3].decode()
                data = data[end:]
                self.asked.append(text)
                for part in self._answers.get(text.partition(":")[0], [b"+" + packet("")]):
                    self._connection.sendall(part)
            if data.strip(b"+-") == b"":
                data = b""


class Gdb(unittest.TestCase):
    def client(self, answers: dict[str, list[bytes]]) -> tuple[GdbClient, Stub]:
        ours, theirs = socket.socketpair()
        client, stub = GdbClient(ours, timeout=2), Stub(theirs, answers)
        self.addCleanup(stub.end)
        self.addCleanup(client.close)
        return client, stub

    def wait(self, condition: Callable[[], object]) -> None:
        for _ in range(2000):
            if condition():
                return
            threading.Event().wait(0.001)
        self.fail("it did not come")

    def test_hold_and_go_on(self) -> None:
        stop = packet("T05thread:03;")
        counter = (0xFFFF_8000_0000_1000).to_bytes(8, "little").hex()
        after = (0xFFFF_8000_0000_1004).to_bytes(8, "little").hex()
        client, stub = self.client({
            "Z0,ffff800000001000,4": [b"+", packet("OK")],
            "c": [b"+", stop[:5], stop[5:]],
            "Hg03": [packet("OK")],
            "p20": [packet(counter)],
            f"P20={after}": [packet("OK")],
        })
        client.start()
        client.insert_breakpoint(0xFFFF_8000_0000_1000)
        self.assertIsNone(client.stopped())
        client.resume()
        seen: list[str | None] = []
        self.wait(lambda: seen.append(client.stopped()) or seen[-1])
        self.assertEqual(seen[-1], "03")
        client.skip_instruction("03")
        self.assertEqual(stub.asked[-3:], ["Hg03", "p20", f"P20={after}"])

    def test_bad_checksum_is_sent_again(self) -> None:
        client, _ = self.client({"g": [b"+$OK#00", packet("OK")]})
        self.assertEqual(client.command("g"), "OK")

    def test_errors(self) -> None:
        client, stub = self.client({"Hg1": [packet("E22")], "Z0,0,4": [packet("")], "x": []})
        with self.assertRaisesRegex(GdbError, "refused Hg1 .E22"):
            client.command("Hg1")
        with self.assertRaisesRegex(GdbError, "no breakpoints"):
            client.insert_breakpoint(0)
        stub.end()
        with self.assertRaisesRegex(GdbError, "did not answer"):
            client.command("x")
        self.assertTrue(client.closed)

    def test_other_stops_and_the_end(self) -> None:
        client, _ = self.client({"c": [packet("T02thread:01;"), packet("W00")]})
        client.resume()
        seen: list[str | None] = []
        self.wait(lambda: seen.append(client.stopped()) or seen[-1] is not None)
        self.assertEqual(seen[-1], "")
        self.wait(lambda: client.stopped() is None and client.closed)


class Qmp(unittest.TestCase):
    def test_greeting_command_and_events(self) -> None:
        ours, theirs = socket.socketpair()
        greeting = {"QMP": {"version": {"qemu": {"major": 7, "minor": 2, "micro": 1}}}}
        event = {"event": "SHUTDOWN", "data": {"reason": "guest-shutdown"}}
        for message in (greeting, event, {"return": {}}):
            theirs.sendall(json.dumps(message).encode() + b"\r\n")
        client = QmpClient(ours, timeout=2)
        self.assertEqual(client.start(), "7.2.1")
        self.assertEqual(client.take_events(), [event])
        self.assertEqual(client.take_events(), [])
        theirs.close()
        client.take_events()
        self.assertTrue(client.closed)
        client.close()


if __name__ == "__main__":
    unittest.main()
