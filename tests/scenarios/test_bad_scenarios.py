# SPDX-License-Identifier: Apache-2.0
"""Broken scenarios and wrong command lines on real machines: a sentence and a code for each."""

from __future__ import annotations

import os
import re
import unittest
from collections.abc import Iterable
from pathlib import Path

from machine_case import MACHINES, MachineCase

NOBODY = 65534
UNBOOTED = ["soc"]  # what is wrong before the phone is on is the same on every machine


class Scenarios(MachineCase):
    """A body each, with the code and the sentence that it ends with."""

    def check(self, body: str, code: int, sentence: str, *options: str, before: str = "",
              machines: Iterable[str] = MACHINES) -> None:
        for machine in machines:
            with self.subTest(body, machine=machine):
                scenario = self.scenario(body, before=before)
                self.assertEnded(self.run_on(machine, scenario, *options), code, sentence)

    def test_not_python(self) -> None:
        path = self.folder / "trial.py"
        for source, sentence in (
            ("def (", r"trial\.py:1: SyntaxError: invalid syntax"),
            ("x = (\n", r"trial\.py:1: SyntaxError: '\(' was never closed"),
            ("x = 1\0\n", r"trial\.py is not Python: .* null bytes"),
            ("  x = 1\n", r"trial\.py:1: IndentationError: unexpected indent"),
        ):
            path.write_text(source)
            for machine in MACHINES:
                with self.subTest(source, machine=machine):
                    self.assertEnded(self.run_on(machine, path), 2, sentence)

    def test_at_import(self) -> None:
        for before, sentence in (
            ("1 / 0\n", r"trial\.py:2: ZeroDivisionError: division by zero"),
            ("import nonexistent\n", r"trial\.py:2: ModuleNotFoundError: No module named .*"),
            ("assert False\n", r"trial\.py:2: assert False"),
            ("import sys\nsys.exit(0)\n", r"the scenario ended its own process with sys\.exit"),
        ):
            code = 1 if "assert" in before else 2
            self.check("phone.boot()", code, sentence, before=before, machines=UNBOOTED)

    def test_not_a_scenario(self) -> None:
        for body, sentence in (
            ("@scenario\ndef trial(): pass\n", "does not take just the phone: .*"),
            ("@scenario\ndef trial(phone, more): pass\n", "does not take just the phone: .*"),
            ("@scenario\ndef trial(phone):\n    yield 1\n", "is a generator: .*"),
        ):
            path = self.folder / "trial.py"
            path.write_text(f"from orrery import *\n{body}")
            with self.subTest(body):
                self.assertEnded(self.run_on("soc", path), 2, f'the scenario "trial" {sentence}')

    def test_failed_expectations(self) -> None:
        self.check("phone.boot()\nassert phone.cpu_count == 9", 1,
                   r"trial\.py:5: assert phone\.cpu_count == 9 \(phone\.cpu_count is 8\)")
        self.check('phone.boot()\nassert not phone.tasks, "two\\nlines"', 1,
                   r"trial\.py:5: two lines \(.*\)")
        self.check("phone.boot()\nphone.run_until(lambda: False, timeout=5 * ms)", 1,
                   r"trial\.py:5: the condition at line 5 was not true within 5 ms")
        self.check("phone.boot()\nphone.run_until_off(timeout=5 * ms)", 1,
                   r"trial\.py:5: the phone was still on after 5 ms")

    def test_exceptions(self) -> None:
        for body, sentence in (
            ("{}['key']", r"trial\.py:5: KeyError: 'key'"),
            ("phone.frobnicate()", r"trial\.py:5: AttributeError: .* 'frobnicate'"),
            ('raise ValueError("two\\nlines")', r"trial\.py:5: ValueError: two lines"),
            ('raise BaseException("base")', r"trial\.py:5: BaseException: base"),
            ("raise KeyboardInterrupt", "the scenario interrupted itself"),
            ("bytearray(1 << 50)", r"trial\.py:5: MemoryError"),
            ("f = lambda: f()\nf()", r"trial\.py:5: RecursionError: .*"),
            ("phone.boot()", r"trial\.py:5: the phone has been booted already: .*"),
            ("phone.run_for(-1)", r"trial\.py:5: times are whole nanoseconds from 0 up, not -1.*"),
            ("phone.run_for(0.5 * s)", r"trial\.py:5: times are whole nanoseconds .*"),
            ('phone.console.wait_for("(")', r'trial\.py:5: "\(" is not a regular expression: .*'),
            ("phone.touch.tap(1, 2)", r"trial\.py:5: phone\.touch is Unsupported: .*"),
            ("import sys\nsys.exit()", r"the scenario ended its own process with sys\.exit"),
        ):
            self.check(f"phone.boot()\n{body}", 2, sentence)

    def test_before_boot(self) -> None:
        for body in ("phone.tasks", "phone.cpus", "phone.faults", "phone.run_for(1 * ms)",
                     'phone.console.send("x")'):
            self.check(body, 2,
                       r"trial\.py:4: the phone is off: a scenario begins with phone\.boot\(\)")

    def test_ending_its_process(self) -> None:
        for body, sentence in (
            ("os._exit(0)", r"the simulator ended without a result \(code 0\)"),
            ("os.kill(os.getpid(), 9)", "the run's process was ended by SIGKILL"),
            ("os.kill(os.getpid(), 15)", "the run's process was ended by SIGTERM"),
            ("print('last words', flush=True)\nos.abort()",
             "the simulator crashed with SIGABRT after saying: last words"),
        ):
            self.check(f"import os\nphone.boot()\n{body}", 3, sentence, "--trace")

    def test_endless(self) -> None:
        self.check("phone.boot()\nwhile True: pass", 4,
                   r"the run reached its limit of 1\.5 s on this host, at \d.* of simulated time",
                   "--host-limit", "1500ms", "--trace")
        self.check("phone.boot()\nwhile True:\n    try: phone.run_for(1 * s)\n"
                   "    except Exception: pass", 4,
                   r"trial\.py:6: the run reached its limit of 2 s of simulated time",
                   "--time-limit", "2s")
        self.check("phone.boot()\nphone.run_for(100 * s)", 4,
                   r"trial\.py:5: the run reached its limit of 60 s of simulated time")
        self.check("import threading, time\nphone.boot()\n"
                   "threading.Thread(target=time.sleep, args=(100,)).start()", 4,
                   r"the run reached its limit of 1\.5 s on this host, .*",
                   "--host-limit", "1500ms", machines=["soc"])

    def test_processes_of_its_own_end_with_it(self) -> None:
        self.check("import subprocess\nphone.boot()\nsubprocess.Popen(['sleep', '100'])\nassert 0",
                   1, r"trial\.py:7: assert 0")

    def test_another_folder(self) -> None:
        self.check('import os\nphone.boot()\nos.chdir("/")\nassert 0', 1,
                   r"\S*trial\.py:7: assert 0")

    def test_huge_output(self) -> None:
        for machine in MACHINES:
            done = self.run_on(machine, self.scenario(
                'phone.boot()\nprint("x" * 5_000_000)\nfor i in range(50_000): print("line", i)'
            ))
            self.assertPassed(done)
            self.assertIn("trial: " + "x" * 5_000_000 + "\n", done.out)
            self.assertEqual(len(re.findall(r"^trial: line \d+$", done.out, re.MULTILINE)), 50_000)


class Commands(MachineCase):
    """Command lines that are wrong, and what surrounds the run."""

    def test_refused(self) -> None:
        self.scenario('phone.parameter("n", 1)\nphone.boot()')
        for arguments, sentence in (
            (["--frob"], r'there is no option "--frob" \(see ./orrery help run\)'),
            (["--on", "mars"], r'--on takes soc or qemu, not "mars"'),
            (["--cpu", "fast"], r"argument --cpu: invalid choice: 'fast' .*"),
            (["--on", "qemu", "--cpu", "iss"],
             r"--cpu goes with --on soc: qemu has CPUs of its own"),
            (["--on", "qemu", "--fidelity", "cycle"],
             r"--fidelity goes with --on soc: qemu has a time of its own"),
            (["--entry", "el3"], r"argument --entry: invalid choice: 'el3' .*"),
            (["--time-limit", "60"], r'argument --time-limit: "60" is not a duration: .*'),
            (["--seed", "x"], r'argument --seed: "x" is not a whole number from 0 up .*'),
            (["--set", "n"], r'--set takes key=value, not "n"'),
            (["--junit", "/proc/none/x"], r"the JUnit file /proc/none/x cannot be written"),
        ):
            with self.subTest(arguments):
                done = self.orrery("run", "trial.py", "--out", "run", *arguments)
                self.assertRefused(done, sentence)

    def test_settings(self) -> None:
        scenario = self.scenario('phone.parameter("n", 1)\nphone.boot()')
        for machine in MACHINES:
            self.assertEnded(self.run_on(machine, scenario, "--set", "m=3"), 2,
                             r'the scenario has no parameter "m" \(it has n\)')
            self.assertEnded(self.run_on(machine, scenario, "--set", "n=many"), 2,
                             r'trial\.py:4: the parameter "n" takes a whole number or a duration, '
                             r'not "many"')
            self.assertPassed(self.run_on(machine, scenario, "--set", "n=3"))

    def test_entry_level_of_the_model(self) -> None:
        for machine in ("soc", "iss"):
            done = self.run_on(machine, self.scenario("phone.boot()"), "--entry", "el2")
            self.assertEnded(done, 2, "the phone in SystemC has no entry at EL2: use --on qemu")

    def test_no_qemu(self) -> None:
        done = self.run_on("qemu", self.scenario("phone.boot()"), PATH="")
        self.assertEnded(done, 2, "QEMU is not installed: install qemu-system-arm, or .*")

    def test_unwritable(self) -> None:
        self.scenario("phone.boot()")
        (self.folder / "file").write_text("")
        (self.folder / "other").mkdir()
        (self.folder / "other" / "letter").write_text("dear")
        places = ["/proc/none/run", "/sys/run", "file/run", "file", "other"]
        before = tree(self.folder)
        for place in places:
            with self.subTest(place):
                done = self.orrery("run", "trial.py", "--out", place)
                self.assertRefused(
                    done, r"(the run folder )?\S+ (cannot be written: .*|exists and is not a .*)"
                )
                self.assertEqual(tree(self.folder), before)

    def test_read_only(self) -> None:
        locked = self.folder / "locked"
        locked.mkdir(mode=0o555)
        scenario = self.scenario("phone.boot()")
        self.folder.chmod(0o755)
        if os.geteuid() == 0:  # who may write anywhere: so it is somebody else who runs it
            self.user = NOBODY
            if self.orrery("list", str(scenario)).code != 0:
                self.skipTest("nobody but root can read the source tree")
        for out in (locked / "run", locked):
            done = self.orrery("run", str(scenario), "--out", str(out))
            self.assertRefused(done, r"the run folder \S+ cannot be written: Permission denied")
            self.assertEqual(tree(locked), [])

    def test_results_gone(self) -> None:
        # The scenario takes its own results away while it runs.
        for machine in MACHINES:
            done = self.run_on(machine, self.scenario(
                "import glob, shutil\nphone.boot()\n"
                f"for one in glob.glob('{self.folder}/.run.*'): shutil.rmtree(one)"
            ))
            self.assertEqual(done.code, 2, str(done))
            self.assertRegex(done.err, r"^orrery: the results cannot be written: .*\n$")
            self.assertNotIn("Traceback", done.out)
            self.assertEqual(tree(self.folder), [str(self.folder / "trial.py")])


def tree(folder: Path) -> list[str]:
    """Everything in a folder."""
    return sorted(str(path) for path in folder.rglob("*"))


if __name__ == "__main__":
    unittest.main()
