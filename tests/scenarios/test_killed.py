# SPDX-License-Identifier: Apache-2.0
"""Runs that are ended in the middle: nothing half-written, nothing left running."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import unittest
from pathlib import Path

from machine_case import MACHINES, PATIENCE, MachineCase

# Says that it runs, then never ends: in the simulator, or in Python.
BUSY = 'phone.boot()\nopen("{flag}", "w").close()\nwhile True: phone.run_for(1 * ms)'
STUCK = 'phone.boot()\nopen("{flag}", "w").close()\nwhile True: pass'


class KilledCase(MachineCase):
    """A test that ends runs."""

    def begin(self, machine: str, body: str) -> subprocess.Popen[str]:
        """Starts a traced run and waits until it is in the middle."""
        flag = self.folder / "flag"
        flag.unlink(missing_ok=True)
        scenario = self.scenario(
            body.format(flag=flag), '@scenario(program="idle", time_limit=10**9 * s)', name="middle"
        )
        process = self.start(
            "run", str(scenario), *MACHINES[machine], "--out", "run", "--trace"
        )
        deadline = time.monotonic() + PATIENCE
        while not flag.exists():
            if time.monotonic() > deadline or process.poll() is not None:
                process.kill()
                self.fail(f"it never ran: {process.communicate()}")
            time.sleep(0.01)
        return process

    def ended(self, process: subprocess.Popen[str]) -> tuple[int, str]:
        """Exit code and words of a driver that is to have ended."""
        try:
            _, words = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            self.fail("the driver did not end")
        self.assertNothingRuns()
        return process.returncode, words

    def process_named(self, name: str, parent: int) -> int:
        """The process below `parent` whose command line has `name` in it."""
        for path in Path("/proc").glob("[0-9]*"):
            try:
                fields = (path / "stat").read_text().rpartition(")")[2].split()
                if int(fields[1]) == parent and name in (path / "cmdline").read_text():
                    return int(path.name)
            except OSError:
                continue
        self.fail(f"no process {name} below {parent}")

    def earlier_run(self) -> bytes:
        """Leaves the run folder of an earlier run; returns its run.json."""
        self.assertPassed(self.run_on("soc", self.scenario("phone.boot()")))
        return (self.folder / "run" / "run.json").read_bytes()


class Driver(KilledCase):
    def test_asked_to_end(self) -> None:
        for machine in MACHINES:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                for body in (BUSY, STUCK):
                    with self.subTest(machine=machine, signal=number.name, body=body):
                        process = self.begin(machine, body)
                        process.send_signal(number)
                        self.assertEqual(self.ended(process), (130, "orrery: interrupted\n"))
                        self.assertFalse((self.folder / "run").exists())
                        self.assertEqual(self.hidden(), [])

    def test_killed(self) -> None:
        for machine in MACHINES:
            with self.subTest(machine):
                earlier = self.earlier_run()
                process = self.begin(machine, BUSY)
                process.kill()
                self.assertEqual(self.ended(process), (-signal.SIGKILL, ""))
                # The earlier run stands as it was; what this one had begun, the next one removes.
                self.assertEqual((self.folder / "run" / "run.json").read_bytes(), earlier)
                self.assertEqual(len(self.hidden()), 1)
                self.assertPassed(self.run_on("soc", self.scenario("phone.boot()")))

    def test_work_of_others_is_left_alone(self) -> None:
        process = self.begin("soc", BUSY)
        work = self.hidden()
        done = self.orrery_beside("run", str(self.scenario("phone.boot()")), "--out", "run")
        self.assertEqual(done, 0)
        self.assertEqual(self.hidden(), work)
        process.send_signal(signal.SIGINT)
        self.ended(process)
        self.assertWhole()

    def orrery_beside(self, *arguments: str) -> int:
        """Runs a command to its end while others of this test go on."""
        process = self.start(*arguments)
        process.communicate(timeout=PATIENCE)
        return process.returncode


class Parts(KilledCase):
    """Somebody ends a part of the run; the driver lives and tells."""

    def test_runner(self) -> None:
        for machine in MACHINES:
            for number in (signal.SIGKILL, signal.SIGSEGV):
                with self.subTest(machine=machine, signal=number.name):
                    process = self.begin(machine, BUSY)
                    os.kill(self.process_named("orrery.runner", process.pid), number)
                    code, words = self.ended(process)
                    self.assertEqual(code, 3)
                    self.assertRegex(words, rf"\A.*\n  (the run's process was ended by|the "
                                            rf"simulator crashed with) {number.name}\n\Z")
                    self.assertWhole()
                    self.assertEqual(self.result()["verdict"], "error")

    def test_qemu(self) -> None:
        process = self.begin("qemu", BUSY)
        runner = self.process_named("orrery.runner", process.pid)
        os.kill(self.process_named("qemu-system-aarch64", runner), signal.SIGKILL)
        code, words = self.ended(process)
        self.assertEqual(code, 3)
        self.assertRegex(words, r"\A.*\n  QEMU was killed by signal 9\n\Z")
        self.assertWhole()

    def test_first_of_several(self) -> None:
        """The others still run to their ends, and the worst counts."""
        for name, body in (("first", "import os\nos.kill(os.getpid(), 9)"), ("second", "pass"),
                           ("third", "assert 0")):
            self.scenario(f"phone.boot()\n{body}", name=name)
        done = self.orrery("run", "first.py", "second.py", "third.py", "--out", "runs")
        self.assertEqual(done.code, 3, str(done))
        self.assertIn("3 scenarios: 1 passed, 1 failed, 1 error", done.out)
        for name in ("first", "second", "third"):
            self.assertWhole(f"runs/{name}-soc")
        self.assertEqual({path.name for path in (self.folder / "runs").iterdir()},
                         {"first-soc", "second-soc", "third-soc"})


if __name__ == "__main__":
    unittest.main()
