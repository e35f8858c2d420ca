# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: what was saved is come to again, and goes on as if nothing had been saved."""

from __future__ import annotations

import json
import unittest
from pathlib import Path

from machine_case import MACHINES, PATIENCE
from orrery.session_client import SessionError
from served_case import ServedCase

SHELL = '@scenario(program="bin/shell")'
PLACE = 0x8000_0000 + (1 << 29) - 4096  # the first bank's last page, which nobody uses so early


class CheckpointCase(ServedCase):
    """A test with checkpoints."""

    def save(self, machine: str, scenario: Path | str, at: str, *options: str) -> Path:
        """Saves one with the command."""
        done = self.orrery("checkpoint", str(scenario), *MACHINES[machine], "--at", at,
                           "--out", "saved", *options)
        self.assertEqual((done.code, done.err), (0, ""), str(done))
        self.assertRegex(done.out, r"^checkpoint of \w+ on \w+ at \d.* -> saved\n$")
        self.assertEqual(self.hidden(), [])
        return self.folder / "saved"

    def restore(self, folder: str, *options: str) -> None:
        """Continues it to its end."""
        done = self.orrery("run", "--from", "saved", "--out", folder, *options)
        self.assertEqual((done.code, done.err), (0, ""), str(done))
        self.assertWhole(folder)


class Restored(CheckpointCase):
    """The continued run is the one that was never saved."""

    def test_soc(self) -> None:
        self.compare("soc", "first_light", "--trace")

    def test_iss(self) -> None:
        self.compare("iss", "first_light", "--trace")

    def test_caches(self) -> None:
        self.compare("soc", "first_light", "--fidelity", "memory", "--trace")

    def test_options(self) -> None:
        self.compare("soc", "scheduler_mix", "--seed", "3", "--set", "milliseconds=30",
                     "--bootargs", "cpus=4")

    def compare(self, machine: str, scenario: str, *options: str) -> None:
        self.assertPassed(self.run_on(machine, scenario, *options))
        saved = self.save(machine, scenario, "17.123456ms", *options)
        first = saved.read_bytes()
        self.restore("continued")
        self.assertSameRuns("run", "continued")
        self.save(machine, scenario, "17.123456ms", *options)
        self.assertEqual(saved.read_bytes(), first)


class InSessions(CheckpointCase):
    def test_of_a_run_with_input(self) -> None:
        scenario = self.scenario("phone.boot()\nphone.run_for(120 * ms)", SHELL)
        client = self.begin("soc", scenario, "--trace")
        client.resume("30.3ms")
        client.wait()
        client.execute("console", "send_line", "echo typed before")
        client.resume("10ms")
        client.wait()
        client.command("pwrite", "cpu0", PLACE, 1, 2, 3)
        made = client.execute("time", "checkpoint")
        self.assertEqual(made["position"]["time"], 40_300_000)
        (self.folder / "saved").write_text(json.dumps(made))
        self.finish(client)
        self.restore("continued")
        self.assertIn("typed before", (self.folder / "continued" / "console.log").read_text())
        self.assertSameRuns("served", "continued")

    def test_is_held_where_it_was_saved(self) -> None:
        """And can be looked into, taken back and saved again."""
        self.save("soc", "first_light", "20ms")
        client = self.begin_with("--from", "saved", "--snapshots", "5ms")
        status = client.wait(PATIENCE)
        self.assertEqual((status.reason, status.now), ("elaboration", 20_000_000))
        self.assertEqual(client.execute("time", "checkpoint"),
                         json.loads((self.folder / "saved").read_text()))
        client.back(7_000_000)
        self.assertEqual(client.status().now, 7_000_000)
        client.forward()
        self.assertEqual(client.status().now, 20_000_000)
        self.assertEqual(client.execute("time", "checkpoint"),
                         json.loads((self.folder / "saved").read_text()))
        self.finish(client)

    def test_where_there_can_be_none(self) -> None:
        client = self.begin("qemu", "first_light")
        with self.assertRaisesRegex(SessionError, "Unsupported: making checkpoints is not offered"):
            client.execute("time", "checkpoint")
        self.finish(client)


class Refused(CheckpointCase):
    """Another run is not taken for the one that was saved."""

    def test_on_qemu(self) -> None:
        done = self.orrery("checkpoint", "first_light", "--on", "qemu", "--at", "1ms", "--out", "s")
        self.assertRefused(
            done, "Unsupported: checkpoints are not offered on qemu: choose --on soc")

    def test_after_the_end(self) -> None:
        scenario = self.scenario("phone.boot()")
        done = self.orrery("checkpoint", str(scenario), "--at", "10s", "--out", "saved")
        self.assertEqual(done.code, 2)
        self.assertIn("there is no checkpoint: the run ended at", done.err)
        self.assertFalse((self.folder / "saved").exists())

    def test_options_of_the_recipe(self) -> None:
        self.save("soc", "first_light", "5ms")
        for word, options in (("--seed", ("--seed", "1")), ("--trace", ("--trace",)),
                              ("FILE", ("first_light",)), ("--on", ("--on", "qemu"))):
            done = self.orrery("run", "--from", "saved", "--out", "run", *options)
            self.assertRefused(done, f"{word} does not go with --from: .*")

    def test_what_is_no_checkpoint(self) -> None:
        (self.folder / "odd").write_text('{"orrery_checkpoint": 1}')
        for name, words in (("odd", "odd is not a checkpoint, or a damaged one: .*"),
                            ("none", "the checkpoint none cannot be read: No such file.*")):
            done = self.orrery("run", "--from", name, "--out", "run")
            self.assertRefused(done, words)
        done = self.orrery("run", "--out", "run")
        self.assertRefused(done, "name what to run: --from CHECKPOINT, or a FILE .*")

    def test_inputs_that_have_changed(self) -> None:
        scenario = self.scenario("phone.boot()\nphone.run_for(20 * ms)")
        self.save("soc", scenario, "10ms")
        scenario.write_text(scenario.read_text() + "\n")
        done = self.orrery("run", "--from", "saved", "--out", "run")
        self.assertEnded(done, 2, "the scenario is another than when the checkpoint at 10 ms was "
                                  "made: make the checkpoint again")

    def test_what_a_recipe_does_not_tell(self) -> None:
        """A scenario that asks its environment does something else: the state tells."""
        scenario = self.scenario(
            'phone.boot()\nphone.console.send_line("echo " + os.environ.get("WORD", "none"))\n'
            "phone.run_for(30 * ms)", SHELL, before="import os\n")
        self.save("soc", scenario, "20ms")
        self.restore("run")
        done = self.orrery("run", "--from", "saved", "--out", "run", WORD="some")
        self.assertEnded(done, 3, r"the run has not come to the checkpoint's state at 20000000 ns "
                                  r"again \(memory, .*\): something else .*")


if __name__ == "__main__":
    unittest.main()
