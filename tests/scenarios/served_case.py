# SPDX-License-Identifier: Apache-2.0
"""What the tests of served runs share: a run that waits for its client, and its end."""

from __future__ import annotations

import re
from pathlib import Path

from machine_case import MACHINES, PATIENCE, MachineCase
from orrery.session_client import SessionClient, SessionEnded, SessionError

# What a run leaves that has nothing of the host in it.
SAME = ("trace.pftrace", "console.log", "metrics.csv")


class ServedCase(MachineCase):
    """A test with a run that is served."""

    def begin(self, machine: str, scenario: Path | str, *options: str) -> SessionClient:
        """Starts a run that waits for its client, and returns one."""
        return self.begin_with(str(scenario), *MACHINES[machine], *options)

    def begin_with(self, *arguments: str) -> SessionClient:
        """The same with `orrery run ARGUMENTS`."""
        self.process = self.start("run", "--out", "served", "--session", "tcp:0", "--session-wait",
                                  *arguments)
        self.addCleanup(self.kill)
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        match = re.match(r"session on (tcp:127\.0\.0\.1:\d+), for this host only$", line)
        assert match, line
        client = SessionClient(match[1], PATIENCE)
        self.addCleanup(client.close)
        return client

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def finish(self, client: SessionClient, code: int = 0) -> str:
        """Lets the run go on to its end."""
        if client.status().reason:
            client.resume()
        with self.assertRaises(SessionEnded):
            client.wait(PATIENCE)
        out, err = self.process.communicate(timeout=PATIENCE)
        self.assertEqual(self.process.returncode, code, out + err)
        return out

    def assertSameRuns(self, *folders: str) -> None:
        """The run folders hold the same but for the host's share."""
        first, *others = folders
        for other in others:
            for name in SAME:
                files = [self.folder / folder / name for folder in (first, other)]
                self.assertEqual(*(file.exists() for file in files))
                same = not files[0].exists() or files[0].read_bytes() == files[1].read_bytes()
                self.assertTrue(same, f"{name} in {other} is another than in {first}")
            results = [self.result(folder) for folder in (first, other)]
            for result in results:
                del result["host"]
            self.assertEqual(*results)

    def look_around(self, client: SessionClient) -> None:
        """Reads whatever can be read."""
        client.command("list")
        for command in ("tasks", "containers", "cpus", "faults", "schedule", "memory", "threads",
                        "limits", "ports", "frames", "caches"):
            try:
                client.execute("kernel", command)
            except SessionError as error:
                self.assertRegex(str(error), "Unsupported|is changing")
        client.execute("console", "text")
        client.execute("cpus", "registers")
        client.execute("objects", "values")
        client.execute("trace", "read", 100)
        for target in ("cpu0", "cpu5"):
            registers = client.registers(target)
            try:
                client.read_virtual(target, registers["sp"] & ~15, 16)
            except SessionError as error:
                self.assertRegex(str(error), "no memory is mapped|cannot be reached")

    def user_place(self, client: SessionClient) -> int:
        """Where a CPU is in a program."""
        for _ in range(100):
            for number in range(8):
                counter = client.registers(f"cpu{number}")["pc"]
                try:
                    client.command("vapa", f"cpu{number}", counter)
                except SessionError:
                    continue  # the program has ended
                if 0 < counter < 1 << 48 and number != 0:
                    return counter
            client.resume("100us")
            client.wait()
        self.fail("no CPU executes a program")
