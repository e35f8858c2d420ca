# SPDX-License-Identifier: Apache-2.0
"""What several tests need: a folder of their own, phones, and the command line as a user has it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path
from typing import Any

from fake_backend import FakeBackend
from orrery import Phone
from orrery.backend import Config

_IMPORTS = "from orrery import *\n"


def entry(name: str, data: bytes, mode: int = 0o100644) -> bytes:
    """An entry of a cpio archive."""
    encoded = name.encode() + b"\0"
    fields = [0] * 13
    fields[1], fields[6], fields[11] = mode, len(data), len(encoded)
    header = b"070701" + b"".join(b"%08X" % field for field in fields) + encoded
    return header + bytes(-len(header) % 4) + data + bytes(-len(data) % 4)


def archive(files: dict[str, bytes]) -> bytes:
    """A cpio archive of files."""
    return b"".join(entry(*file) for file in files.items()) + entry("TRAILER!!!", b"", 0)


class FolderCase(unittest.TestCase):
    """A test with an empty folder, `self.folder`."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def phone(self, program: str = "talk", **more: Any) -> Phone:
        """A phone on the fake backend."""
        path = self.folder / "initrd.cpio"
        path.write_bytes(archive({"text/a": b"contents"}))
        config = Config(
            machine="phone8", seed=1, archive=path, image=path, bootargs=f"-- {program}"
        )
        return Phone(FakeBackend(config), name="fake", archive=path, **more)


class CommandCase(FolderCase):
    """A test that runs the command line in its folder."""

    environment: dict[str, str] = {}

    def scenario(self, name: str, body: str, decorator: str = '@scenario(program="talk")') -> Path:
        """Writes NAME.py with a scenario of that name."""
        path = self.folder / f"{name}.py"
        body = textwrap.indent(textwrap.dedent(body).strip(), "    ")
        path.write_text(f"{_IMPORTS}{decorator}\ndef {name}(phone):\n{body}\n", "utf-8")
        return path

    def orrery(
        self, *arguments: str, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs `orrery ARGUMENTS`."""
        return subprocess.run(
            [sys.executable, "-B", "-m", "orrery", *arguments], cwd=self.folder,
            env=self.full_environment(**environment), capture_output=True, text=True, timeout=60,
        )

    def full_environment(self, **more: str) -> dict[str, str]:
        """The environment of commands: the fake backend is known."""
        # Without the built module, where there is one: these tests bring their own.
        path = os.pathsep.join(
            entry for entry in sys.path if entry and not list(Path(entry).glob("_orrery*.so"))
        )
        extra = {"PYTHONPATH": path, "ORRERY_EXTRA_BACKEND": "fake_backend"}
        return os.environ | extra | self.environment | more

    def run_fake(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs `orrery run --on fake ARGUMENTS`."""
        return self.orrery("run", "--on", "fake", *arguments)

    def result(self, name: str) -> dict[str, Any]:
        """run.json of a run folder."""
        return json.loads((self.folder / "runs" / f"{name}-fake" / "run.json").read_text())

    def assertSentence(
        self, done: subprocess.CompletedProcess[str], code: int, *words: str
    ) -> None:
        """The command ended with `code` and said so without a traceback."""
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertNotIn("Traceback", done.stdout + done.stderr)
