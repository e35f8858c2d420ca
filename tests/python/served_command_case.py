# SPDX-License-Identifier: Apache-2.0
"""What tests of `orrery run --session` and `--gdb` share: a run that says where it is."""

from __future__ import annotations

import re
import subprocess
import sys

from support import CommandCase

#: What a run says is served.
WHAT = r"(?:session|GDB stub)"


class ServedCommandCase(CommandCase):
    """A test with runs that are served."""

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts a run; returns it when it can be reached, at `self.address`."""
        process = subprocess.Popen(
            [sys.executable, "-B", "-m", "orrery", "run", "--on", "fake", *arguments],
            cwd=self.folder, env=self.full_environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        assert process.stderr is not None
        self.line = process.stderr.readline().rstrip()
        match = re.fullmatch(rf"{WHAT} on (\S+), (.*)", self.line)
        assert match, self.line
        self.address, self.audience = match.groups()
        return process
