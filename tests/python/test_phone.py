# SPDX-License-Identifier: Apache-2.0
"""The phone as a scenario sees it: time, console, tasks, limits."""

import unittest

from orrery import (
    KernelPanic,
    Phone,
    PoweredOff,
    TimedOut,
    TimeLimit,
    Unsupported,
    UsageError,
    ms,
    s,
)
from support import FolderCase


class Time(FolderCase):
    def test_boot_ends_when_init_runs(self) -> None:
        phone = self.phone()
        phone.boot()
        self.assertEqual(phone.now, 3 * ms)
        with self.assertRaisesRegex(UsageError, "booted already"):
            phone.boot()

    def test_boot_times_out(self) -> None:
        with self.assertRaisesRegex(TimedOut, "init after 50 ms"):
            self.phone("dead").boot(timeout=50 * ms)

    def test_nothing_before_boot(self) -> None:
        phone = self.phone()
        for use in (lambda: phone.run_for(1), lambda: phone.console.send("x")):
            with self.assertRaisesRegex(UsageError, "phone.boot"):
                use()

    def test_run_for_is_exact_over_slices(self) -> None:
        phone = self.phone()
        phone.boot()
        phone.run_for(3 * s + 7)
        self.assertEqual(phone.now, 3 * s + 3 * ms + 7)

    def test_run_until(self) -> None:
        phone = self.phone()
        phone.boot()
        phone.run_until(lambda: phone.now >= 20 * ms, timeout=1 * s, every=2 * ms)
        self.assertEqual(phone.now, 21 * ms)
        phone.run_until(lambda: True, timeout=0)

    def test_run_until_times_out(self) -> None:
        phone = self.phone()
        phone.boot()

        def never() -> bool:
            return False

        with self.assertRaisesRegex(TimedOut, r"never\(\) was not true within 10 ms"):
            phone.run_until(never, timeout=10 * ms)
        self.assertEqual(phone.now, 13 * ms)

    def test_panic_shows_the_epitaph(self) -> None:
        phone = self.phone("panic")
        phone.boot()
        with self.assertRaisesRegex(KernelPanic, "it cannot be .kernel/x.cpp:42, CPU 3"):
            phone.run_for(1 * s)

    def test_power_off(self) -> None:
        phone = self.phone("off")
        phone.boot()
        self.assertIsNone(phone.power_off_code)
        self.assertEqual(phone.run_until_off(1 * s), 5)
        self.assertEqual((phone.now, phone.power_off_code), (20 * ms, 5))
        with self.assertRaisesRegex(PoweredOff, "code 5"):
            phone.run_for(1)
        phone.console.wait_for("bye")
        with self.assertRaisesRegex(PoweredOff, "never said"):
            phone.console.wait_for("never said")

    def test_time_limit_passes_through_except_exception(self) -> None:
        phone = self.phone(time_limit=100 * ms)
        phone.boot()
        with self.assertRaisesRegex(TimeLimit, "100 ms"):
            try:
                phone.run_for(1 * s)
            except Exception:
                self.fail("a scenario could swallow its time limit")
        self.assertEqual(phone.now, 100 * ms)


class ConsoleTest(FolderCase):
    def test_matches_go_forward(self) -> None:
        phone = self.phone()
        phone.boot()
        phone.console.wait_for("^hello$")
        with self.assertRaisesRegex(TimedOut, 'did not show "hello" within 5 ms; it said'):
            phone.console.wait_for("hello", timeout=5 * ms)
        self.assertEqual(phone.console.text, "hello\nframes 12345\nprompt> ")

    def test_never_half_a_number(self) -> None:
        phone = self.phone()
        phone.boot()
        self.assertEqual(phone.console.wait_for(r"frames (\d+)")[1], "12345")

    def test_match_at_the_end_after_silence(self) -> None:
        phone = self.phone()
        phone.boot()
        phone.console.wait_for("prompt> ")
        self.assertEqual(phone.now, 9 * ms)

    def test_send(self) -> None:
        phone = self.phone()
        phone.boot()
        phone.console.wait_for("prompt> ")
        phone.console.send_line("typed")
        self.assertEqual(phone.console.unmatched, "")
        phone.console.wait_for("^prompt> typed$|^typed$|typed\n")
        phone.console.expect_silence(10 * ms)
        phone.console.send("more")
        with self.assertRaisesRegex(AssertionError, '"more"'):
            phone.console.expect_silence(10 * ms)

    def test_bad_pattern(self) -> None:
        phone = self.phone()
        phone.boot()
        with self.assertRaisesRegex(UsageError, "not a regular expression"):
            phone.console.wait_for("(")


class Sights(FolderCase):
    def test_kernel_records(self) -> None:
        phone = self.phone()
        phone.boot()
        (task,) = phone.tasks
        self.assertEqual((task.name, task.state, task.cpus), ("bin/init", "running", (0, 2)))
        self.assertEqual(phone.programs, ["bin/init"])
        (fault,) = phone.faults
        self.assertEqual((fault.exception_class, fault.registers["x7"]), (0x24, 7))
        self.assertEqual(phone.cpu_count, 8)
        self.assertEqual(phone.archive, {"text/a": b"contents"})
        self.assertEqual(phone.backend, "fake")

    def test_built_in_metrics(self) -> None:
        phone = self.phone()
        self.assertEqual(list(phone.metrics), [])
        phone.boot()
        values = {name: metric.value for name, metric in phone.metrics.items()}
        self.assertEqual(values["boot.to_init"], 0.003)
        self.assertEqual(values["cpu0.busy"], 0.25)
        self.assertEqual((values["system_calls"], values["frames.free"]), (32, 900))
        self.assertEqual(values["simulated_time"], 0.003)

    def test_energy(self) -> None:
        phone = self.phone()
        phone.configure_power(ambient_celsius=40)
        phone.boot()
        energy = phone.energy()
        self.assertEqual(energy.rails["CPU Big"].name, "S2M_VDD_CPUCL2")
        self.assertEqual((energy.joules, energy.ambient), (1.5, 25.0))
        self.assertEqual(energy.clocks["CPU Big"].throttled, 1)
        self.assertEqual(energy.temperatures, {"big": 40.25})
        self.assertEqual(energy.battery.percent, 99.5)
        self.assertEqual(phone.metrics["modelled.energy.cpu_big"].value, 1.5)
        self.assertEqual(phone.metrics["modelled.temperature.big"].unit, "C")
        self.assertEqual(phone.metrics["modelled.battery"].value, 99.5)

    def test_power_is_configured_before_boot(self) -> None:
        phone = self.phone()
        with self.assertRaisesRegex(UsageError, "lies between 0 and 100, not at 101"):
            phone.configure_power(battery_percent=101)
        phone.boot()
        with self.assertRaisesRegex(UsageError, "before phone.boot"):
            phone.configure_power(battery_percent=50)

    def test_power_is_configured_with_numbers(self) -> None:
        for choice, words in (
            ({"ambient_celsius": "hot"}, "ambient_celsius is a number, not 'hot'"),
            ({"trip_celsius": True}, "trip_celsius is a number, not True"),
            ({"battery_percent": float("nan")}, "battery_percent lies between 0 and 100"),
            ({"autonomous_sleep": 1}, "autonomous_sleep is True or False, not 1"),
        ):
            with self.subTest(choice), self.assertRaisesRegex(UsageError, words):
                self.phone().configure_power(**choice)

    def test_wrong_name_of_a_rail(self) -> None:
        phone = self.phone()
        phone.boot()
        energy = phone.energy()
        for parts, known in (
            (energy.rails, "CPU Big"), (energy.clocks, "CPU Big"), (energy.temperatures, "big"),
        ):
            words = f'nothing here is called "CPU" .there are: {known}.$'
            for kind in (UsageError, KeyError):
                with self.subTest(known), self.assertRaisesRegex(kind, words):
                    parts["CPU"]
            self.assertIsNone(parts.get("CPU"))

    def test_unsupported(self) -> None:
        phone = self.phone()
        with self.assertRaisesRegex(Unsupported, "phone.touch is Unsupported: .* fake"):
            phone.touch.tap(1, 2)
        with self.assertRaisesRegex(Unsupported, "phone.modem"):
            phone.require("modem")
        with self.assertRaisesRegex(Unsupported, "phone.teleport"):
            phone.require("teleport")
        phone.require("console")


class Opening(FolderCase):
    def test_choices_that_a_machine_has_not(self) -> None:
        for choice, words in (
            ({"on": "qemu", "cpu": "iss"}, "--cpu goes with --on soc: qemu has CPUs of its own"),
            ({"on": "qemu", "cpu": "native"}, "--cpu goes with --on soc"),
            ({"on": "qemu", "fidelity": "cycle"},
             "--fidelity goes with --on soc: qemu has a time of its own"),
            ({"cpu": "fast"}, '--cpu takes native or iss, not "fast"'),
            ({"fidelity": ""}, '--fidelity takes functional or cycle or memory, not ""'),
        ):
            with self.subTest(choice), self.assertRaisesRegex(UsageError, words):
                Phone.open(**choice)


class Randomness(FolderCase):
    def test_a_stream_for_each_purpose(self) -> None:
        phone, other = self.phone(seed=3), self.phone(seed=3)
        self.assertEqual(phone.seed, 3)
        first = [phone.random("a").random() for _ in range(3)]
        other.random("b").random()  # what is drawn for another purpose shifts nothing
        self.assertEqual([other.random("a").random() for _ in range(3)], first)
        self.assertNotEqual(self.phone(seed=3).random("b").random(), first[0])
        self.assertNotEqual(self.phone(seed=4).random("a").random(), first[0])

    def test_known_numbers(self) -> None:
        # They must not change: results that were published are repeated with them.
        self.assertEqual(self.phone(seed=7).random("work").getrandbits(32), 992871329)


if __name__ == "__main__":
    unittest.main()
