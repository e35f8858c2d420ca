# SPDX-License-Identifier: Apache-2.0
"""`orrery run --session`: the command line around a session."""

import socket
import unittest

from orrery.session_client import SessionClient, SessionEnded
from served_command_case import ServedCommandCase

WAITS = 'phone.boot()\nphone.run_for(10 * ms)'


class Sessions(ServedCommandCase):
    def test_waits_and_passes(self) -> None:
        self.scenario("short", WAITS)
        process = self.start("--session", "tcp:0", "--session-wait", "short.py")
        self.assertRegex(self.address, r"tcp:127\.0\.0\.1:[1-9]\d*$")
        self.assertEqual(self.audience, "for this host only")
        with SessionClient(self.address) as client:
            self.assertEqual(client.status().reason, "elaboration")
            client.resume("4ms")
            self.assertEqual(client.wait().now, 4_000_000)
            client.resume()
            with self.assertRaises(SessionEnded):
                client.wait()
        out, err = process.communicate(timeout=20)
        self.assertEqual((process.returncode, err), (0, ""))
        self.assertIn("passed short on fake", out)

    def test_goes_on_without_anybody(self) -> None:
        self.scenario("short", WAITS)
        path = self.folder / "socket"
        process = self.start("--session", f"unix:{path}", "short.py", "-q")
        self.assertEqual(self.address, f"unix:{path}")
        self.assertEqual(process.communicate(timeout=20), ("", ""))
        self.assertEqual(process.returncode, 0)
        self.assertFalse(path.exists())

    def test_quit(self) -> None:
        self.scenario("short", WAITS)
        process = self.start("--session", "tcp:0", "--session-wait", "short.py")
        with SessionClient(self.address) as client:
            client.quit()
        _, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130)
        self.assertIn("short.py:4: a client of the session ended the run", err)
        self.assertEqual(self.result("short")["verdict"], "error")

    def test_no_scenario_can_hide_from_quit(self) -> None:
        self.scenario("stubborn", """
            while True:
                try:
                    phone.boot()
                    phone.run_for(10 * ms)
                except Exception:
                    pass
        """)
        process = self.start("--session", "tcp:0", "--session-wait", "stubborn.py")
        with SessionClient(self.address) as client:
            client.quit()
        process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130)

    def test_to_everybody_only_if_told(self) -> None:
        self.scenario("short", WAITS)
        self.start("--session", "tcp:0.0.0.0:0", "short.py")
        self.assertEqual(self.audience,
                         "for everybody who can reach that address: there is no password")

    def test_refused(self) -> None:
        self.scenario("short", WAITS)
        self.scenario("other", WAITS)
        for address in ("4444", "tcp:", "tcp:host", "tcp:99999", "unix:", "udp:1", ""):
            done = self.run_fake("--session", address, "short.py")
            self.assertSentence(done, 2, "a session has an address such as tcp:PORT")
        self.assertSentence(self.run_fake("--session-wait", "short.py"), 2, "goes with --session")
        done = self.run_fake("--session", "tcp:0", "short.py", "other.py")
        self.assertSentence(done, 2, "--session goes with one scenario")
        done = self.run_fake("--session", "unix:/nowhere/at/all", "short.py")
        self.assertSentence(done, 2, "the session cannot be served at unix:/nowhere/at/all: ")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            done = self.run_fake("--session", f"tcp:{port}", "short.py")
        self.assertSentence(done, 2, "cannot be served", "in use")
        self.assertFalse((self.folder / "runs").exists())

    def test_files_that_were_left(self) -> None:
        self.scenario("short", WAITS)
        path = self.folder / "socket"
        with socket.socket(socket.AF_UNIX) as abandoned:
            abandoned.bind(str(path))
        process = self.start("--session", f"unix:{path}", "short.py")
        process.communicate(timeout=20)
        self.assertEqual(process.returncode, 0)
        path.write_text("somebody's")
        done = self.run_fake("--session", f"unix:{path}", "short.py")
        self.assertSentence(done, 2, "cannot be served")
        self.assertEqual(path.read_text(), "somebody's")


if __name__ == "__main__":
    unittest.main()
