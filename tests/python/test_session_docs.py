# SPDX-License-Identifier: Apache-2.0
"""The clients that docs/session-protocol.md shows do what it says."""

import re
import subprocess
import sys

from orrery import paths
from orrery.session.commands import COMMANDS
from orrery.session.modules import MODULES
from session_case import ENDLESS, SessionCase

TEXT = (paths.ROOT / "docs" / "session-protocol.md").read_text("utf-8")
CLIENTS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


class Clients(SessionCase):
    def setUp(self) -> None:
        super().setUp()
        self.serve(lambda phone: phone.run_for(ENDLESS), place="tcp:0")
        self.port = str(self.listener.address.port)

    def run_client(self, code: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-B", "-c", code, self.port], capture_output=True, text=True,
            timeout=20, check=True,
        )
        return done.stdout.splitlines()

    def test_has_twenty_lines(self) -> None:
        lines = [line for line in CLIENTS[0].splitlines() if line]
        self.assertLessEqual(len(lines), 22)
        self.assertLessEqual(sum("import" not in line for line in lines), 20)

    def test_of_plain_python(self) -> None:
        shown = re.search(r"^```\n(OK\n.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
        assert shown

        def without_cycles(lines: list[str]) -> list[str]:
            return [re.sub(r"0,\d+$", "0,...", line) for line in lines]

        printed = self.run_client(CLIENTS[0])
        self.assertEqual(without_cycles(printed), without_cycles(shown[1].splitlines()))

    def test_of_the_package(self) -> None:
        path = f"import sys\nsys.path[:0] = {sys.path!r}\n"
        printed = self.run_client(path + CLIENTS[1].replace("4444", self.port))
        self.assertRegex(printed[0], r"Status\(reason='step', now=\d+, ")
        self.assertEqual(printed[1], "1 bin/init running")
        self.assertRegex(printed[-1], r"^0x[0-9a-f]+$")

    def test_every_command_is_described(self) -> None:
        for name in COMMANDS:
            self.assertRegex(TEXT, rf"`{name}[`,\[]")
        for _, commands in MODULES.values():
            for name in commands:
                self.assertRegex(TEXT, rf"`{name}[`,\[]")
