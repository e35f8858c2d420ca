# SPDX-License-Identifier: Apache-2.0
"""The command line: what is refused, what is shown, Ctrl-C, the launcher."""

import os
import pty
import re
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

from orrery import cli, paths
from support import CommandCase


class Refusals(CommandCase):
    def test_one_sentence_each(self) -> None:
        self.scenario("good", "phone.boot()")
        (self.folder / "none.py").write_text("x = 1\n")
        for arguments, words in (
            (["missing.py"], 'no scenario file "missing.py"'),
            (["*.nothing"], 'no file matches "*.nothing"'),
            (["none.py"], "none.py holds no scenario"),
            (["good.py", "--on", "mars"], "soc or qemu or fake"),
            (["good.py", "--sed", "x", "--frob"], 'no option "--sed"'),
            (["good.py", "--seed", "-1"], "seed"),
            (["good.py", "--seed", "x"], '"x" is not a whole number'),
            (["good.py", "--jobs", "0"], "from 1 up"),
            (["good.py", "--time-limit", "60"], '"60" is not a duration'),
            (["good.py", "--host-limit", "0s"], "longer than nothing"),
            (["good.py", "--set", "x"], "key=value"),
            (["good.py", "--set", "x=1", "--set", "x=2"], '"x" twice'),
            ([], "FILE"),
        ):
            done = self.run_fake(*arguments)
            self.assertSentence(done, 2, words)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            self.assertEqual(done.stdout, "")
        self.assertFalse((self.folder / "runs").exists())

    def test_options_are_written_out(self) -> None:
        self.scenario("good", "phone.boot()")
        for arguments, words in (
            (["run", "good.py", "--fid=cycle"], 'no option "--fid=cycle" (see ./orrery help run)'),
            (["run", "good.py", "--see", "3"], 'no option "--see" (see ./orrery help run)'),
            (["run", "--frob", "good.py"], 'no option "--frob" (see ./orrery help run)'),
            (["run", "good.py", "-q", "more.py"], 'no argument "more.py" (see ./orrery help run)'),
            (["run"], "FILE (see ./orrery help run)"),
            (["run", "good.py", "--seed", "x"], "whole number from 0 up (see ./orrery help run)"),
            (["list", "--frob"], 'no option "--frob" (see ./orrery help list)'),
            (["compare", "good.py", "--vary", "cpus=1,2", "--seed", "2"], "help compare)"),
            (["compare", "good.py", "--vary", "cpus=1,2", "--seeds", "2", "--retry"],
             'no option "--retry" (see ./orrery help compare)'),
            (["--frob"], "(see ./orrery help)"),
        ):
            with self.subTest(arguments):
                done = self.orrery(*arguments)
                self.assertSentence(done, 2, words)
                self.assertEqual((done.stdout, done.stderr.count("\n")), ("", 1), done.stderr)
        self.assertFalse((self.folder / "runs").exists())

    def test_unknown_command(self) -> None:
        self.assertSentence(self.orrery("frobnicate"), 2, "frobnicate")
        self.assertSentence(self.orrery(), 2, "COMMAND")


class Machines(CommandCase):
    """What is said about machines that are not there."""

    def build(self) -> str:
        """A build tree with all that QEMU needs, and a module that is none."""
        for name in ("kernel/orrery.img", "user/initrd.cpio", "python/_orrery.py"):
            path = self.folder / "build" / name
            path.parent.mkdir(parents=True)
            path.write_bytes(b"")
        # Of a kernel image the header is looked at.
        image = self.folder / "build" / "kernel" / "orrery.img"
        image.write_bytes(bytes(56) + b"ARM\x64" + bytes(8))
        return str(self.folder / "build")

    def test_qemu_missing(self) -> None:
        self.scenario("good", "phone.boot()")
        done = self.orrery(
            "run", "good.py", "--on", "qemu", PATH="", ORRERY_BUILD=self.build()
        )
        self.assertSentence(done, 2, "QEMU is not installed: install qemu-system-arm")

    def test_qemu_that_ends_at_once(self) -> None:
        self.scenario("good", "phone.boot()")
        program = self.folder / "qemu-system-aarch64"
        program.write_text("#!/bin/sh\necho 'qemu-system-aarch64: no such machine'\nexit 1\n")
        program.chmod(0o755)
        done = self.orrery(
            "run", "good.py", "--on", "qemu", PATH=f"{self.folder}:/bin",
            ORRERY_BUILD=self.build(),
        )
        self.assertSentence(done, 3, "QEMU ended with exit code 1: no such machine")
        log = self.folder / "runs" / "good-qemu" / "qemu.log"
        self.assertIn("no such machine", log.read_text())

    def test_not_built(self) -> None:
        self.scenario("good", "phone.boot()")
        done = self.orrery("run", "good.py", ORRERY_BUILD="/nowhere")
        self.assertSentence(done, 3, "run ./orrery build first")


class Display(CommandCase):
    def test_quiet(self) -> None:
        self.scenario("good", 'phone.boot()\nprint("words")')
        self.scenario("bad", "assert 1 == 2")
        done = self.run_fake("-q", "good.py")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        done = self.run_fake("-q", "bad.py")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("bad.py:4: assert 1 == 2", done.stderr)

    def test_prints_of_a_scenario_are_shown(self) -> None:
        self.scenario("good", 'phone.boot()\nprint("words")')
        self.assertIn("good: words\n", self.run_fake("good.py").stdout)

    def test_terminal_shows_progress(self) -> None:
        self.scenario("slow", """
            import time
            phone.boot()
            for _ in range(8):
                phone.run_for(10 * ms)
                time.sleep(0.1)
        """)
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-B", "-m", "orrery", "run", "--on", "fake", "slow.py"],
            cwd=self.folder, env=self.full_environment(TERM="xterm"), stdout=slave, stderr=slave,
        )
        os.close(slave)
        shown = b""
        try:
            while data := os.read(master, 4096):
                shown += data
        except OSError:
            pass  # how a terminal says that nobody is left on the other side
        os.close(master)
        self.assertEqual(process.wait(), 0, shown)
        self.assertRegex(shown.decode(), r"slow on fake +0\.\d+ s +\d s  prompt>")
        self.assertIn(b"\x1b[1A\x1b[J", shown)

    def test_list(self) -> None:
        self.scenario("good", '"""What it is.\n\nMore."""\nphone.boot()')
        (self.folder / "bad.py").write_text("def (")
        done = self.orrery("list", ".")
        self.assertSentence(done, 0)
        self.assertRegex(done.stdout, r"good.py::good +What it is\.\n")
        self.assertIn("echo_shell", self.orrery("list").stdout)


class Interruption(CommandCase):
    def test_control_c(self) -> None:
        self.scenario("loop", """
            import os
            open("pid", "w").write(str(os.getpid()))
            while True: pass
        """)
        process = subprocess.Popen(
            [sys.executable, "-B", "-m", "orrery", "run", "--on", "fake", "loop.py"],
            cwd=self.folder, env=self.full_environment(), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )
        pid = self.folder / "pid"
        deadline = time.monotonic() + 20
        while not (pid.exists() and pid.read_text()) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        self.assertEqual((process.returncode, errors), (130, "orrery: interrupted\n"))
        self.assertFalse(Path(f"/proc/{pid.read_text()}").exists())
        self.assertEqual(list((self.folder / "runs").iterdir()), [])


class Launcher(CommandCase):
    def launcher(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(paths.ROOT / "orrery"), *arguments], cwd=self.folder, capture_output=True,
            text=True, timeout=30,
        )

    def test_help_of_every_command(self) -> None:
        overview = self.launcher("--help")
        self.assertEqual(overview.returncode, 0)
        for name in re.findall(r"^  (\w+) .*  ", overview.stdout, re.MULTILINE):
            if name == "help":
                continue
            shown = self.launcher(name, "--help")
            self.assertEqual((shown.returncode, shown.stderr), (0, ""), name)
            self.assertIn(f"./orrery {name}", shown.stdout)
            self.assertEqual(shown.stdout, self.launcher("help", name).stdout)

    def test_help_names_every_option(self) -> None:
        text = (paths.HELP / "run.txt").read_text()
        source = Path(cli.__file__).read_text()
        options = set(re.findall(r'run\.add_argument\((?:"-\w", )?"(--[\w-]+)"', source))
        hidden = {"--archive", "--image", "--device-tree", "--entry"}
        self.assertGreater(len(options), 10)
        self.assertEqual(sorted(name for name in options - hidden if name not in text), [])

    def test_refuses(self) -> None:
        done = self.launcher("frobnicate")
        self.assertEqual(done.returncode, 2)
        self.assertIn('there is no command "frobnicate"', done.stderr)

    def test_env(self) -> None:
        line = self.launcher("env").stdout
        done = subprocess.run(
            ["bash", "-c", f"{line} /usr/bin/python3 -B -c 'import orrery'"], cwd=self.folder
        )
        self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
