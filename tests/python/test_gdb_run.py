# SPDX-License-Identifier: Apache-2.0
"""`orrery run --gdb`: the command line around the stub."""

import socket
import unittest

from orrery.gdb_client import GdbClient
from served_command_case import ServedCommandCase

WAITS = "phone.boot()\nphone.run_for(10 * ms)"


class Runs(ServedCommandCase):
    def client(self) -> GdbClient:
        """A debugger."""
        port = int(self.address.rpartition(":")[2])
        client = GdbClient(socket.create_connection(("127.0.0.1", port)))
        self.addCleanup(client.close)
        return client

    def test_waits_and_passes(self) -> None:
        self.scenario("short", WAITS)
        process = self.start("--gdb", "0", "--gdb-wait", "short.py")
        self.assertRegex(self.address, r"tcp:127\.0\.0\.1:[1-9]\d*$")
        self.assertEqual(self.audience, "for this host only")
        self.client().resume()
        out, err = process.communicate(timeout=20)
        self.assertEqual((process.returncode, err), (0, ""))
        self.assertIn("passed short on fake", out)

    def test_goes_on_without_anybody(self) -> None:
        self.scenario("short", WAITS)
        path = self.folder / "socket"
        process = self.start("--gdb", f"unix:{path}", "short.py", "-q")
        self.assertEqual(process.communicate(timeout=20), ("", ""))
        self.assertEqual(process.returncode, 0)
        self.assertFalse(path.exists())

    def test_to_everybody_only_if_told(self) -> None:
        self.scenario("short", WAITS)
        self.start("--gdb", "0.0.0.0:0", "short.py")
        self.assertEqual(self.audience,
                         "for everybody who can reach that address: there is no password")

    def test_kill(self) -> None:
        self.scenario("short", WAITS)
        process = self.start("--gdb", "0", "--gdb-wait", "short.py")
        self.client().command("k")
        _, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130)
        self.assertIn("short.py:4: GDB ended the run", err)

    def test_panic(self) -> None:
        self.scenario("panics", "phone.boot()\nphone.run_for(1 * s)",
                      '@scenario(program="panic")')
        process = self.start("--gdb", "0", "--gdb-wait", "panics.py")
        client = self.client()
        client._send("c")
        self.assertEqual(client._receive(20), "X06")
        process.communicate(timeout=20)
        self.assertEqual(process.returncode, 3)

    def test_refused(self) -> None:
        self.scenario("short", WAITS)
        self.scenario("other", WAITS)
        for address in ("", "port", "99999", "unix:", "host:"):
            done = self.run_fake("--gdb", address, "short.py")
            self.assertSentence(done, 2, "GDB is waited for at PORT, HOST:PORT or unix:PATH")
        self.assertSentence(self.run_fake("--gdb-wait", "short.py"), 2, "goes with --gdb")
        done = self.run_fake("--gdb", "0", "short.py", "other.py")
        self.assertSentence(done, 2, "--gdb goes with one scenario")
        done = self.run_fake("--gdb", "unix:/nowhere/at/all", "short.py")
        self.assertSentence(done, 2, "GDB cannot be served at unix:/nowhere/at/all: ")
        done = self.run_fake("--gdb", "0", "--on", "qemu", "short.py")
        self.assertSentence(done, 2, "Unsupported: --gdb goes with --on soc")
        self.assertFalse((self.folder / "runs").exists())


if __name__ == "__main__":
    unittest.main()
