# SPDX-License-Identifier: Apache-2.0
"""What the documentation shows of a run is what the run shows."""

from __future__ import annotations

import re
import unittest

from machine_case import MachineCase
from orrery import paths


def without_host_time(text: str) -> str:
    """The same line from any host."""
    return re.sub(r"\d+\.\d s host", "... s host", text)


class FirstLight(MachineCase):
    """The run that whoever comes here starts with; its simulated time is the same everywhere."""

    def test_last_line(self) -> None:
        done = self.orrery("run", "first_light")
        self.assertEqual((done.code, done.err), (0, ""), str(done))
        shown = done.out.splitlines()[-1]
        for name in ("README.md", "docs/getting-started.md"):
            with self.subTest(name):
                text = (paths.ROOT / name).read_text("utf-8")
                lines = re.findall(r"^passed first_light on soc: .*$", text, re.MULTILINE)
                self.assertEqual(
                    [without_host_time(line) for line in lines], [without_host_time(shown)],
                    f"{name} tells of another run: write there what this one ends with",
                )


if __name__ == "__main__":
    unittest.main()
