# SPDX-License-Identifier: Apache-2.0
"""What both machines offer alike: entry levels, numbers of CPUs, tasks, faults, typing, Python."""

from __future__ import annotations

import os
import subprocess
import textwrap
import unittest

from machine_case import MACHINES, OPENED, MachineCase, archive, archive_of
from orrery import paths, read_archive

FIRST_LIGHT = """
phone.boot()
done = phone.console.wait_for(r"^first_light: (\\d+) workers, (\\d+) files, ok$", timeout=30 * s)
assert int(done[1]) == {count}
assert [cpu.online for cpu in phone.cpus] == [True] * {count} + [False] * (8 - {count})
assert all((cpu.busy_time > 0) == cpu.online for cpu in phone.cpus)
assert phone.cpu_count == 8
"""


class Entry(MachineCase):
    def test_levels(self) -> None:
        for level in ("el1", "el2"):
            for name in ("first_light", "threads", "isolation"):
                with self.subTest(name, level=level):
                    self.assertPassed(self.run_on("qemu", name, "--entry", level))

    def test_levels_are_different(self) -> None:
        """QEMU offers EL2, and the firmware's conduit with it, only where it was asked to."""
        words = {}
        for level in ("el1", "el2"):
            scenario = self.scenario(
                "import pathlib\nphone.boot()\n"
                "process = phone._backend._process._process.pid\n"
                'line = pathlib.Path(f"/proc/{process}/cmdline").read_text()\n'
                'print("virtualization=on" in line)'
            )
            done = self.run_on("qemu", scenario, "--entry", level)
            self.assertPassed(done)
            words[level] = done.out.splitlines()[1]
        self.assertEqual(words, {"el1": "trial: False", "el2": "trial: True"})


class Holds(MachineCase):
    def test_holds_do_not_skip_to_deadlines_of_others(self) -> None:
        """A machine that skips idle time might do so while it was being stopped: by an hour, where
        programs on other CPUs slept for one."""
        scenario = self.scenario(
            """
            phone.boot()
            phone.run_for(300 * ms)
            for _ in range(300):
                before = phone.now
                phone.run_for(1 * ms)
                assert phone.now - before < 2 * ms, (before, phone.now)
            """,
            '@scenario(program="bin/container_load fork")',
        )
        self.assertPassed(self.run_on("qemu", scenario, "--trace"))


class Cpus(MachineCase):
    def test_counts(self) -> None:
        for count in (1, 2, 3, 8, 9):
            for machine in MACHINES:
                with self.subTest(count, machine=machine):
                    scenario = self.scenario(
                        FIRST_LIGHT.format(count=min(count, 8)),
                        f'@scenario(program="bin/first_light", bootargs="cpus={count}")',
                    )
                    self.assertPassed(self.run_on(machine, scenario))


    def test_who_has_not_run_programs_has_executed_none(self) -> None:
        """Not even while the image still runs where memory is, before it turns the MMU on."""
        for machine in ("soc", "iss"):
            with self.subTest(machine):
                scenario = self.scenario(
                    "phone.boot()\n"
                    "work = phone.cpu_work\n"
                    "assert all(cpu.kernel_instructions > 100 for cpu in work), work\n"
                    "assert 0 < sum(cpu.user_instructions for cpu in work) < 20_000, work\n"
                    "assert sum(cpu.user_instructions == 0 for cpu in work) >= 4, work\n"
                )
                self.assertPassed(self.run_on(machine, scenario))


class View(MachineCase):
    """The kernel as Python sees it."""

    def test_epitaph(self) -> None:
        files = read_archive(archive())
        del files["bin/init"]
        path = self.folder / "without.cpio"
        path.write_bytes(archive_of(files))
        for machine in MACHINES:
            with self.subTest(machine):
                done = self.run_on(machine, self.scenario("phone.boot()"), "--archive", str(path))
                self.assertEqual(done.code, 3, str(done))
                epitaph = self.result()["epitaph"]
                self.assertIn("cannot start", epitaph["message"])
                self.assertEqual((epitaph["cpu"], epitaph["thread"]), (0, 0))
                self.assertGreater(epitaph["time"], 0)
                self.assertLessEqual(epitaph["time"], self.result()["simulated_ns"])
                # The place is one where the kernel does panic.
                source = (paths.ROOT / epitaph["file"]).read_text().splitlines()
                self.assertIn("PANIC", source[epitaph["line"] - 1].upper())
                self.assertIn("kernel panic on CPU 0",
                              (self.folder / "run" / "console.log").read_text())

    def test_tasks_and_faults(self) -> None:
        scenario = self.scenario("""
            phone.boot()
            phone.console.wait_for("^orrery> ", timeout=1 * s)
            init, shell = phone.tasks
            assert (init.id, init.parent, init.name) == (1, 0, "init")
            assert (shell.parent, shell.name) == (1, "shell")
            assert {task.state for task in phone.tasks} == {"running"}
            assert phone.programs == ["init", "shell"]
            assert init.frames > 0 and shell.frames > 0 and shell.threads == 1
            free = phone.metrics["frames.free"].value

            phone.console.send_line("sleep 50")
            phone.run_for(10 * ms)
            busy = phone.tasks[1].cpu_time
            phone.run_for(20 * ms)
            assert phone.tasks[1].cpu_time - busy < 1 * ms, "it sleeps"
            phone.console.wait_for("^orrery> ", timeout=1 * s)

            phone.console.send_line("run steady")
            phone.run_until(lambda: len(phone.tasks) == 3, timeout=1 * s, every=100 * us)
            steady = phone.tasks[2]
            assert (steady.name, steady.parent, steady.state) == ("steady", shell.id, "running")
            assert phone.metrics["frames.free"].value < free
            phone.console.wait_for("^orrery> ", timeout=10 * s)
            assert [task.id for task in phone.tasks] == [init.id, shell.id]
            assert phone.metrics["frames.free"].value == free
            assert phone.tasks[1].cpus and not phone.faults

            before = phone.now
            for number, case in enumerate(["read_null", "privileged_instruction", "write_code"]):
                phone.console.send_line(f"run offender {case}")
                phone.console.wait_for("^orrery> ", timeout=1 * s)
                assert phone.fault_count == number + 1
            null, privileged, code = phone.faults
            assert null.name == "offender" and null.task > steady.id
            assert (null.exception_class, null.address) == (0x24, 0)
            assert null.disassembly.startswith("ldr"), null.disassembly
            assert null.registers["pc"] == null.pc and len(null.registers) == 34
            assert privileged.disassembly.startswith("mrs")
            assert privileged.exception_class in (0x00, 0x18)
            assert code.disassembly.startswith("str") and code.syndrome & 1 << 6
            assert before < null.time < privileged.time < code.time <= phone.now
            assert null.task < privileged.task < code.task
            assert phone.metrics["faults"].value == 3
        """, '@scenario(program="bin/shell")')
        for machine in MACHINES:
            with self.subTest(machine):
                self.assertPassed(self.run_on(machine, scenario))
                self.assertEqual(len(self.result()["faults"]), 3)


class Typing(MachineCase):
    def test_much_at_once(self) -> None:
        scenario = self.scenario("""
            phone.boot()
            phone.console.wait_for("^orrery> ", timeout=1 * s)
            phone.console.send("x" * 3000 + "\\r")
            phone.console.wait_for("^line too long: at most 200 characters$", timeout=10 * s)
            phone.console.wait_for("^orrery> ", timeout=1 * s)

            # Many lines: each is answered, in order, none is lost or torn.
            lines = [f"echo line {number}\\r" for number in range(200)]
            phone.console.send("".join(lines))
            for number in range(200):
                phone.console.wait_for(f"^line {number}$", timeout=10 * s)
            phone.console.wait_for("^orrery> ", timeout=1 * s)

            # What is no text, and nothing at all.
            phone.console.send("\\x00\\x01\\x1b[A\\x7f\\xff\\u20ac\\r")
            phone.console.wait_for("^orrery> ", timeout=1 * s)
            phone.console.send("")
            phone.console.send_line("echo still here")
            phone.console.wait_for("^still here\\norrery> ", timeout=1 * s)
            assert not phone.faults
            phone.console.expect_silence(100 * ms)
        """, '@scenario(program="bin/shell")')
        for machine in MACHINES:
            with self.subTest(machine):
                self.assertPassed(self.run_on(machine, scenario))


class OrdinaryPython(MachineCase):
    """`import orrery` without the command line around it."""

    def python(self, code: str) -> tuple[int, str, str]:
        """Runs code with nothing but the environment that `./orrery env` prints."""
        clean = {"PATH": os.environ["PATH"], "ORRERY_BUILD": str(paths.build_folder())}
        line = subprocess.run([str(paths.ROOT / "orrery"), "env"], capture_output=True, text=True,
                              env=clean, timeout=20, check=True).stdout
        self.assertRegex(line, r"^export PYTHONPATH=\S+\n$")
        program = self.folder / "program.py"
        program.write_text(textwrap.dedent(code))
        done = subprocess.run(
            ["bash", "-c", f"{line}exec /usr/bin/python3 -B {program}"], cwd="/",
            capture_output=True, text=True, timeout=60,
            env=clean | {"ORRERY_TEST_MARK": self.mark},
        )
        self.assertNothingRuns()
        return done.returncode, done.stdout, done.stderr

    def test_by_hand(self) -> None:
        for machine in MACHINES:
            with self.subTest(machine):
                done = self.python(f"""
                    import orrery
                    from orrery import ms, s
                    with orrery.Phone.open("bin/shell", {OPENED[machine]}) as phone:
                        phone.boot()
                        phone.console.wait_for("^orrery> ", timeout=1 * s)
                        phone.console.send_line("primes 100")
                        print(phone.console.wait_for("^(\\\\d+) primes", timeout=1 * s)[1])
                        phone.run_for(10 * ms)
                        print([task.name for task in phone.tasks], phone.cpu_count)
                """)
                self.assertEqual(done, (0, "25\n['init', 'shell'] 8\n", ""))

    def test_trace_by_hand(self) -> None:
        for machine in MACHINES:
            trace = self.folder / f"{machine}.pftrace"
            done = self.python(f"""
                import orrery
                with orrery.Phone.open("idle", {OPENED[machine]}, trace="{trace}") as phone:
                    phone.boot()
                    phone.finish()
            """)
            self.assertEqual(done, (0, "", ""))
            self.assertGreater(trace.stat().st_size, 300)

    def test_two_on_soc(self) -> None:
        done = self.python("""
            import orrery
            with orrery.Phone.open("idle") as first:
                first.boot()
                for attempt in range(2):
                    try:
                        orrery.Phone.open("idle")
                    except orrery.SimulatorError as error:
                        print(error)
                first.run_for(1000 * orrery.ms)
                print(first.programs)
        """)
        sentence = "there can be only one phone in a process\n"
        self.assertEqual(done, (0, f"{sentence}{sentence}['init']\n", ""))

    def test_two_on_qemu_and_one_on_soc(self) -> None:
        done = self.python("""
            import orrery
            phones = [orrery.Phone.open("bin/first_light", on=on) for on in ("qemu", "qemu")]
            phones += [orrery.Phone.open("bin/first_light", cpu="iss")]
            for phone in phones:
                phone.boot()
            for phone in phones:
                print(phone.console.wait_for(", ok$", timeout=30 * orrery.s)[0])
            for phone in phones:
                phone.close()
                phone.close()
        """)
        self.assertEqual(done, (0, ", ok\n" * 3, ""))

    def test_left_without_closing(self) -> None:
        for machine in MACHINES:
            done = self.python(f"""
                import orrery
                phone = orrery.Phone.open("idle", {OPENED[machine]})
                phone.boot()
            """)
            self.assertEqual(done, (0, "", ""))


if __name__ == "__main__":
    unittest.main()
