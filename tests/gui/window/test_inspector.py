# SPDX-License-Identifier: Apache-2.0
"""The inspector's program: pictures without a display, a run that is followed, a real window."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PATIENCE = 180
PNG = b"\x89PNG\r\n\x1a\n"


class InspectorCase(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="orrery-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.environment = {name: value for name, value in os.environ.items()
                            if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
        # Nobody's layout is changed by a test.
        self.environment["XDG_CONFIG_HOME"] = str(self.folder)

    def orrery(self, *words: str,
               wrapper: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        """Runs a command of `./orrery` to its end."""
        return subprocess.run(
            [*wrapper, sys.executable, "-B", "-P", "-m", "orrery", *words], cwd=self.folder,
            env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=PATIENCE, check=False)

    def record(self) -> None:
        """Makes a run folder, `run`."""
        done = self.orrery("run", "first_light", "--trace", "--out", "run", "--quiet")
        self.assertEqual(done.returncode, 0, done.stderr)

    def assert_picture(self, name: str) -> None:
        self.assertEqual((self.folder / name).read_bytes()[:8], PNG)


class WithoutADisplay(InspectorCase):
    def test_says_so_and_how_to_go_on(self) -> None:
        (self.folder / "run").mkdir()
        done = self.orrery("inspect", "run")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, "no display.*ssh -X.*xvfb-run.*Perfetto")
        self.assertEqual(done.stderr.count("\n"), 1)

    def test_takes_pictures_of_a_recorded_run(self) -> None:
        self.record()
        done = self.orrery("inspect", "run", "--screenshot", "all.png")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_picture("all.png")
        for panel in ("timeline", "log", "scenario", "metrics"):
            done = self.orrery("inspect", "run", "--screenshot", f"{panel}.png", "--panel", panel)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assert_picture(f"{panel}.png")
        done = self.orrery("inspect", "run", "--screenshot", "x.png", "--panel", "nothing")
        self.assertEqual(done.returncode, 2)
        self.assertIn('there is no panel "nothing"', done.stderr)

    def test_follows_a_run_to_its_end(self) -> None:
        done = self.orrery("inspect", "first_light", "--out", "live", "--screenshot", "live.png",
                           "--do", "go:CPU 3")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_picture("live.png")
        self.assertTrue((self.folder / "live" / "trace.pftrace").is_file())

    def test_pictures_of_held_runs_have_what_was_traced(self) -> None:
        done = self.orrery("inspect", "first_light", "--out", "live", "--screenshot", "live.png",
                           "--session-wait", "--do", "run:20ms", "--do", "go:CPU 3")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_picture("live.png")

    def test_ends_as_the_run_does(self) -> None:
        (self.folder / "fails.py").write_text(
            "from orrery import Phone, scenario\n\n@scenario(program=\"bin/first_light\")\n"
            "def fails(phone: Phone) -> None:\n    assert False, \"as it should\"\n")
        done = self.orrery("inspect", "fails.py", "--out", "live", "--screenshot", "live.png")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assert_picture("live.png")

    def test_refuses_what_makes_no_sense(self) -> None:
        (self.folder / "fails.md").write_text("no scenario\n")
        for words in (("inspect",), ("inspect", "nothing", "--screenshot", "x.png"),
                      ("inspect", "nothing.pftrace", "--screenshot", "x.png"),
                      ("inspect", ".", "--screenshot", "x.png"),
                      ("inspect", "first_light", "--on", "moon", "--screenshot", "x.png"),
                      ("inspect", "fails.md", "--screenshot", "x.png"),
                      ("inspect", "", "--screenshot", "x.png"),
                      ("inspect", "first_light", "--on", "qemu", "--snapshots", "1ms",
                       "--screenshot", "x.png"),
                      ("inspect", "first_light", "--snapshots", "0ms", "--screenshot", "x.png")):
            done = self.orrery(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertTrue(done.stderr.startswith("orrery: "), done.stderr)


@unittest.skipUnless(shutil.which("xvfb-run"), "Xvfb is not installed")
class InARealWindow(InspectorCase):
    def test_opens_below_xvfb(self) -> None:
        self.record()
        self.environment["QT_QPA_PLATFORM"] = "xcb"
        done = self.orrery("inspect", "run", "--screenshot", "real.png",
                           wrapper=("xvfb-run", "-a", "-s", "-screen 0 1600x1000x24"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_picture("real.png")


if __name__ == "__main__":
    unittest.main()
