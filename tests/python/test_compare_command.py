# SPDX-License-Identifier: Apache-2.0
"""`orrery compare` as people use it, on the fake phone: results, refusals, interrupts."""

import os
import pty
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
import unittest
from pathlib import Path

from orrery import paths
from support import CommandCase

_BODY = textwrap.dedent("""
    n = phone.parameter("n", 1)
    phone.boot()
    phone.metrics.record("cost", n * phone.random("work").uniform(9, 11), "ms")
    phone.metrics.samples("latency", [phone.random("more").random() for _ in range(50)], "us")
    course = phone.metrics.series("clock", "MHz")
    for _ in range(4):
        phone.run_for(5 * ms)
        course.record(phone.random("clock").random())
""")
_VARY = ("--vary", "set.n=1,2", "--seeds", "2")


class CompareCase(CommandCase):
    """A test with a scenario to compare and its results in `out`."""

    def setUp(self) -> None:
        super().setUp()
        self.scenario("trial", _BODY)

    def compare(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.orrery(
            "compare", "trial.py", "--on", "fake", "--out", "out", *arguments, **environment
        )

    def query(self, statement: str) -> list[tuple[object, ...]]:
        """Rows of the database; none if it is not there yet."""
        path = self.folder / "out" / "results.sqlite"
        if not path.exists():
            return []
        with sqlite3.connect(path) as database:
            rows = database.execute(statement).fetchall()
        database.close()
        return rows

    def slow(self, ending: str = "") -> None:
        """Makes runs take a while on the host."""
        self.scenario("trial", _BODY + f"\nimport time\ntime.sleep(0.2)\n{ending}")

    def until_runs(self, count: int) -> None:
        """Waits until so many runs have been kept."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if len(self.query("SELECT 1 FROM runs")) >= count:
                    return
            except sqlite3.OperationalError:
                pass  # its tables are being made
            time.sleep(0.05)
        self.fail(f"{count} runs did not come")

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-B", "-m", "orrery", "compare", "trial.py", "--on", "fake",
             "--out", "out", *arguments],
            cwd=self.folder, env=self.full_environment(), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )


class Results(CompareCase):
    def test_whole(self) -> None:
        done = self.compare(*_VARY, "--jobs", "2")
        self.assertSentence(done, 0)
        self.assertIn("comparing 2 variants of trial with 2 seeds each: 4 runs", done.stdout)
        self.assertIn("4 of 4 runs", done.stdout)
        out = self.folder / "out"
        self.assertEqual(
            sorted(path.name for path in out.iterdir()),
            ["report.html", "results.csv", "results.sqlite", "runs"],
        )
        self.assertIn("trial: set.n", (out / "report.html").read_text("utf-8"))
        run = out / "runs" / "2-set.n=2" / "seed-1"
        names = {path.name for path in run.iterdir()}
        self.assertLessEqual({"run.json", "samples.csv", "series.csv", "metrics.csv"}, names)
        rows = self.query("SELECT variant, seed, value FROM results WHERE metric = 'cost'")
        # The same seed draws the same in both variants, another seed something else.
        self.assertEqual([row[:2] for row in rows], [(1, 1), (1, 2), (2, 1), (2, 2)])
        costs = [float(str(row[2])) for row in rows]
        self.assertEqual(costs[2:], [2 * costs[0], 2 * costs[1]])
        self.assertNotEqual(costs[0], costs[1])
        parts = dict(self.query("SELECT part, version FROM versions"))
        self.assertTrue({"Orrery (git commit)", "compiler", "Python", "packages"} <= set(parts))
        command = dict(self.query("SELECT key, value FROM comparison"))["command"]
        self.assertEqual(
            command,
            "./orrery compare trial.py::trial --vary set.n=1,2 --seeds 2 --on fake --out out",
        )

    def test_failures(self) -> None:
        self.scenario("trial", 'phone.boot()\nassert phone.parameter("n", 1) + phone.seed != 4')
        done = self.compare(*_VARY)
        self.assertSentence(done, 1, "failed set.n=2, seed 2: trial.py:5: assert phone.parameter",
                            "1 of 4 runs did not pass")
        self.assertEqual(len(self.query("SELECT 1 FROM failures")), 1)
        self.assertIn("trial.py:5: assert", (self.folder / "out" / "report.html").read_text())
        # They are not tried again, unless it is asked for.
        again = self.compare(*_VARY)
        self.assertEqual(again.returncode, 1)
        self.assertIn("4 of them are done already, 0 are missing", again.stdout)
        self.assertIn("1 are missing", self.compare(*_VARY, "--retry-failed").stdout)

    def test_crash_and_limit_are_failures_like_others(self) -> None:
        self.scenario("trial", 'phone.boot()\nif phone.parameter("n", 1) > 1:\n'
                               "    if phone.seed > 1:\n        phone.run_for(1 * s)\n"
                               "    import os; os._exit(9)\n")
        done = self.compare(*_VARY, "--time-limit", "500ms")
        self.assertSentence(done, 3, "ended without a result", "limit of 500 ms")

    def test_quiet(self) -> None:
        done = self.compare(*_VARY, "-q")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_terminal_shows_a_bar(self) -> None:
        self.slow()
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-B", "-m", "orrery", "compare", "trial.py", "--on", "fake", *_VARY],
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
        self.assertRegex(shown.decode(), r"\[#+\.+\] [123] of 4 runs, 0:\d\d gone, about 0:\d\d to")
        self.assertRegex(shown.decode(), r"  set.n=2, seed 1 +0\.\d+ s +\d s")
        self.assertTrue((self.folder / "runs" / "compare-trial" / "report.html").is_file())


class Refusals(CompareCase):
    def test_one_sentence_each(self) -> None:
        (self.folder / "two.py").write_text(
            "from orrery import *\n@scenario\ndef a(phone): pass\n@scenario\ndef b(phone): pass\n"
        )
        for arguments, words in (
            (["trial.py", "--seeds", "2"], "--vary"),
            (["trial.py", "--vary", "set.n=1,2"], "--seeds"),
            (["trial.py", "--vary", "set.n=1,2", "--seeds", "0"], "from 1 up"),
            (["trial.py", "--vary", "set.n", "--seeds", "2"], "KEY=V1,V2"),
            (["two.py", *_VARY], "FILE::NAME: two.py holds a, b"),
            (["trial.py", *_VARY, "--on", "mars"], 'not "mars"'),
            (["trial.py", *_VARY, "--bootargs", "a -- b"], 'no word "--"'),
            (["trial.py", "--vary", "cpu=native,iss", "--seeds", "2", "--cpu", "iss"],
             "--cpu is given and varied"),
            (["trial.py", *_VARY, "--out", "trial.py"], "cannot be written"),
            (["trial.py", *_VARY, "--out", "."], "holds no comparison"),
        ):
            done = self.orrery("compare", *arguments)
            self.assertSentence(done, 2, words)
            self.assertEqual((done.stderr.count("\n"), done.stdout), (1, ""), done.stderr)
        self.assertFalse((self.folder / "runs").exists())

    def test_another_command_for_the_same_folder(self) -> None:
        self.assertSentence(self.compare(*_VARY, "-q"), 0)
        before = (self.folder / "out" / "report.html").read_bytes()
        done = self.compare("--vary", "set.n=1,3", "--seeds", "2")
        self.assertSentence(done, 2, "out holds another comparison (--vary differs): name another")
        self.scenario("trial", _BODY + "\nphone.run_for(1 * ms)")
        done = self.compare(*_VARY)
        self.assertSentence(done, 2, "out holds runs of other versions (scenario file (SHA-256)")
        self.assertEqual((self.folder / "out" / "report.html").read_bytes(), before)

    def test_database_in_use(self) -> None:
        self.assertSentence(self.compare(*_VARY, "-q"), 0)
        other = sqlite3.connect(self.folder / "out" / "results.sqlite", isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN EXCLUSIVE")
        done = self.compare(*_VARY)
        self.assertSentence(done, 2, "results.sqlite is in use: close what else has it open")

    def test_missing_packages(self) -> None:
        (self.folder / "sitecustomize.py").write_text(
            "import sys\nsys.modules['scipy'] = None\n"
            "import importlib.util as u\nfound = u.find_spec\n"
            "u.find_spec = lambda name, *a: None if name == 'scipy' else found(name, *a)\n"
        )
        path = os.pathsep.join([str(self.folder), self.full_environment()["PYTHONPATH"]])
        done = self.compare(*_VARY, PYTHONPATH=path)
        self.assertSentence(done, 2, "compare needs python3-scipy: start it with ./orrery compare")


class Interrupts(CompareCase):
    seeds = ("--vary", "set.n=1,2", "--seeds", "4", "--jobs", "2")
    #: What one go leaves, from the first test that needs to know.
    whole: dict[str, bytes] = {}

    def test_control_c_and_again(self) -> None:
        self.slow()
        process = self.start(*self.seeds)
        self.until_runs(2)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130)
        self.assertRegex(errors, r"^[2-7] of 8 runs are done: the same command continues\n"
                                 r"orrery: interrupted\n$")
        self.assertContinues()

    def test_killed_and_again(self) -> None:
        self.slow()
        process = self.start(*self.seeds)
        self.until_runs(2)
        process.kill()
        process.communicate(timeout=20)
        self.assertContinues()

    def test_two_at_once(self) -> None:
        self.slow("while True: time.sleep(1)")
        process = self.start(*self.seeds, "--host-limit", "60s")
        deadline = time.monotonic() + 20
        while not (self.folder / "out" / "runs").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        done = self.compare(*self.seeds, "--host-limit", "60s")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
        self.assertSentence(done, 2, "another ./orrery compare is at work in out")

    def assertContinues(self) -> None:
        """The same command does what is missing, and the results are those of one go."""
        done = self.compare(*self.seeds)
        self.assertSentence(done, 0)
        self.assertRegex(done.stdout, r"[2-7] of them are done already, [1-6] are missing")
        folders = sorted(path for path in (self.folder / "out" / "runs").glob("*/*"))
        self.assertEqual(len(folders), 8, folders)
        resumed = self.files()
        if not self.whole:
            (self.folder / "out").rename(self.folder / "resumed")
            self.assertSentence(self.compare(*self.seeds), 0)
            self.whole.update(self.files())
        self.assertEqual(self.whole, resumed)

    def files(self) -> dict[str, bytes]:
        return {name: (self.folder / "out" / name).read_bytes()
                for name in ("results.csv", "report.html")}


class Help(unittest.TestCase):
    def test_names_every_option(self) -> None:
        source = (Path(paths.__file__).parent / "compare" / "command.py").read_text("utf-8")
        text = (paths.HELP / "compare.txt").read_text("utf-8")
        options = [part.split('"')[1] for part in source.split("parser.add_argument(")[1:]]
        self.assertGreater(len(options), 12)
        hidden = ("scenario", "--archive", "--image")
        self.assertEqual([name for name in options if name not in hidden and name not in text], [])


if __name__ == "__main__":
    unittest.main()
