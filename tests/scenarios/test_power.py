# SPDX-License-Identifier: Apache-2.0
"""Power of the phone in SystemC: what is chosen before it is switched on, and what comes of it."""

from __future__ import annotations

import unittest

from machine_case import MachineCase


class Power(MachineCase):
    def passes(self, body: str, decorator: str = '@scenario(program="idle")') -> None:
        done = self.run_on("soc", self.scenario(body, decorator))
        self.assertPassed(done)

    def test_the_battery_empties(self) -> None:
        done = self.run_on("soc", self.scenario(
            "phone.configure_power(battery_percent=0.0001)\nphone.boot()\nphone.run_for(60 * s)"
        ))
        self.assertEqual(done.code, 1, str(done))
        self.assertIn("the battery (modelled) is empty: the phone is off", done.err)

    def test_the_battery_lasts(self) -> None:
        self.passes(
            "phone.boot()\nphone.run_for(5 * s)\nbattery = phone.energy().battery\n"
            "assert 99 < battery.percent < 100 and 3.2 < battery.volts < 4.35\n"
            "assert phone.metrics['modelled.battery'].value == round(battery.percent, 6)"
        )

    def test_energy_is_the_same_however_often_it_is_looked_at(self) -> None:
        seldom, often = (
            self.run_on("soc", self.scenario(
                f"phone.boot()\nfor _ in range({steps}):\n"
                f"    phone.run_for(1 * s // {steps})\n    phone.energy()\n"
                "print([(r.joules, r.watts) for r in phone.energy().rails.values()])",
                '@scenario(program="idle")',
            ))
            for steps in (1, 500)
        )
        self.assertPassed(seldom)
        self.assertPassed(often)
        figures = [next(line for line in done.out.splitlines() if "[(" in line)
                   for done in (seldom, often)]
        self.assertEqual(*figures)

    def test_autonomous_sleep_saves_energy_and_costs_time(self) -> None:
        body = (
            "phone.configure_power(autonomous_sleep={})\nphone.boot()\nphone.run_for(5 * s)\n"
            "rail = phone.energy().rails['CPU Big']\nassert (rail.watts < 0.02) == {}"
        )
        for sleep in (True, False):
            with self.subTest(sleep):
                self.passes(body.format(sleep, sleep))

    def test_the_command_line_chooses_clocks(self) -> None:
        for wish, little, big in (
            ("lowest", 1_008_000, 1_200_000), ("75%", 1_416_000, 1_800_000),
            ("1600000", 1_608_000, 1_608_000), ("highest", 1_800_000, 2_400_000),
        ):
            with self.subTest(wish):
                self.passes(
                    "phone.boot()\nclocks = phone.energy().clocks\n"
                    f"assert clocks['CPU Little'].kilohertz == {little}\n"
                    f"assert clocks['CPU Big'].kilohertz == {big}",
                    f'@scenario(program="idle", bootargs="cpu_performance={wish}")',
                )

    def test_qemu_models_no_power(self) -> None:
        for call in ("configure_power(ambient_celsius=40)", "energy()"):
            with self.subTest(call):
                done = self.run_on("qemu", self.scenario(f"phone.{call}\nphone.boot()"))
                self.assertEqual(done.code, 2, str(done))


if __name__ == "__main__":
    unittest.main()
