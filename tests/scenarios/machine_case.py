# SPDX-License-Identifier: Apache-2.0
"""What the tests on real machines share: the command line, its sentences, nothing left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orrery import paths

# The machines by the names of their run folders, and how the command line asks for them.
MACHINES = {
    "soc": ("--on", "soc"), "iss": ("--on", "soc", "--cpu", "iss"), "qemu": ("--on", "qemu"),
}
# The same for `Phone.open()`.
OPENED = {"soc": 'on="soc"', "iss": 'on="soc", cpu="iss"', "qemu": 'on="qemu"'}
FILES = {"console.log", "junit.xml", "metrics.csv", "run.json"}
# What a machine may leave beside them in a run folder.
EXTRAS = {"curves.csv", "maps.csv", "qemu.log", "samples.csv", "series.csv", "trace.pftrace"}
# Scenarios that measure: what they say is what they have measured.
MEASURES = ("allocator_ageing", "capabilities", "containers", "energy_aware", "full_node",
            "input_boost", "ipc", "pressure", "priority_inversion", "realtime", "scheduler_mix",
            "shared_memory", "wakeup_latency")
# Host seconds that no command of these tests may take.
PATIENCE = 180.0
_MARK = "ORRERY_TEST_MARK"


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"exit code {self.code}\nstdout: {self.out}\nstderr: {self.err}"


class MachineCase(unittest.TestCase):
    """A test that runs the command line in a folder of its own, `self.folder`."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name).resolve()
        self.mark = uuid.uuid4().hex
        #: User to run commands as, if not this process's own.
        self.user: int | None = None

    # Commands

    def environment(self, **more: str) -> dict[str, str]:
        """Environment of a command: all that it starts can be told by the mark in there."""
        path = os.pathsep.join(filter(None, sys.path))
        return os.environ | {"PYTHONPATH": path, _MARK: self.mark} | more

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Starts `orrery ARGUMENTS`."""
        return subprocess.Popen(
            [sys.executable, "-B", "-P", "-m", "orrery", *arguments], cwd=self.folder,
            env=self.environment(**environment), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, user=self.user,
        )

    def orrery(self, *arguments: str, **environment: str) -> Done:
        """Runs `orrery ARGUMENTS` to its end; nothing that it started may outlive it."""
        process = self.start(*arguments, **environment)
        try:
            out, err = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            self.fail(f"orrery {' '.join(arguments)} did not end: {out}{err}")
        self.assertNothingRuns()
        return Done(process.returncode, out, err)

    def run_on(self, machine: str, scenario: Path | str, *arguments: str, **more: str) -> Done:
        """Runs a scenario with the run folder `run` below `self.folder`."""
        return self.orrery(
            "run", str(scenario), *MACHINES[machine], "--out", "run", *arguments, **more
        )

    def scenario(self, body: str, decorator: str = '@scenario(program="idle")',
                 name: str = "trial", before: str = "") -> Path:
        """Writes NAME.py with a scenario of that name."""
        path = self.folder / f"{name}.py"
        body = textwrap.indent(textwrap.dedent(body).strip(), "    ")
        path.write_text(
            f"from orrery import *\n{before}{decorator}\ndef {name}(phone):\n{body}\n", "utf-8"
        )
        return path

    def result(self, folder: str = "run") -> dict[str, Any]:
        """run.json of a run folder."""
        return json.loads((self.folder / folder / "run.json").read_text("utf-8"))

    # What is asserted of them

    def assertPassed(self, done: Done) -> None:
        """The run passed, and left a whole run folder."""
        self.assertEqual((done.code, done.err), (0, ""), str(done))
        self.assertWhole()

    def assertRefused(self, done: Done, sentence: str) -> None:
        """The command was refused before anything ran: one sentence, code 2, nothing written."""
        self.assertEqual((done.code, done.out), (2, ""), str(done))
        self.assertEqual(done.err.count("\n"), 1, str(done))
        self.assertRegex(done.err, rf"^orrery: {sentence}\n$")
        self.assertEqual(self.hidden(), [])
        self.assertFalse((self.folder / "run").exists())

    def assertEnded(self, done: Done, code: int, sentence: str) -> None:
        """The run ended with `code`, one sentence and a whole run folder that says the same."""
        verdict = "failed" if code == 1 else "error"
        self.assertEqual(done.code, code, str(done))
        self.assertNotIn("Traceback", done.out + done.err)
        lines = done.err.splitlines()
        self.assertEqual(len(lines), 2, str(done))
        self.assertRegex(lines[0], rf"^{verdict} \w+ on \w+: .* -> run$")
        self.assertRegex(lines[1], rf"^  {sentence}$")
        self.assertWhole()
        result = self.result()
        self.assertEqual(
            (result["verdict"], result["exit_code"], result["message"]),
            (verdict, code, lines[1].strip()),
        )

    def assertWhole(self, folder: str = "run") -> None:
        """The run folder holds all that belongs there and nothing unfinished."""
        names = {path.name for path in (self.folder / folder).iterdir()}
        self.assertEqual(FILES - names, set())
        self.assertEqual(names - FILES - EXTRAS, set())
        self.assertEqual(self.hidden(), [])

    def assertNothingRuns(self) -> None:
        """Every process that a command of this test started has ended."""
        deadline = time.monotonic() + 5
        while left := self.running():
            if time.monotonic() > deadline:
                self.fail(f"still running: {left}")
            time.sleep(0.02)

    def running(self) -> list[str]:
        """Command lines of the processes with this test's mark."""
        found = []
        for number in self.marked():
            try:
                words = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
                found.append(b" ".join(words).decode("utf-8", "replace"))
            except OSError:
                continue  # it has ended
        return found

    def marked(self) -> list[int]:
        """Numbers of the processes with this test's mark."""
        mark = f"{_MARK}={self.mark}".encode()
        found = []
        for process in Path("/proc").iterdir():
            try:
                if process.name.isdigit() and mark in (process / "environ").read_bytes():
                    found.append(int(process.name))
            except OSError:
                continue  # it has ended, or is somebody else's
        return found

    def hidden(self) -> list[str]:
        """Unfinished run folders."""
        return [path.name for path in self.folder.iterdir() if path.name.startswith(".")]


def archive() -> bytes:
    """The archive that phones boot with."""
    return paths.initial_archive().read_bytes()


def entry(name: str, data: bytes, mode: int = 0o100555) -> bytes:
    """An entry of a cpio archive."""
    encoded = name.encode() + b"\0"
    fields = [0] * 13
    fields[1], fields[4], fields[6], fields[11] = mode, 1, len(data), len(encoded)
    header = b"070701" + b"".join(b"%08x" % field for field in fields) + encoded
    return header + bytes(-len(header) % 4) + data + bytes(-len(data) % 4)


def archive_of(files: dict[str, bytes]) -> bytes:
    """A cpio archive of files."""
    return b"".join(entry(*file) for file in files.items()) + entry("TRAILER!!!", b"", 0)
