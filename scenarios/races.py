# SPDX-License-Identifier: Apache-2.0
"""What used to go wrong when several things happened at once, each under the bug's own name."""

from orrery import ms, s, scenario


@scenario(machine="phone8", seed=7, program="bin/exit_race 300", time_limit=60 * s)
def task_ends_while_its_threads_begin_to_wait(phone):
    """A task that exits while its threads are entering a wait still ends, and all of it."""
    phone.boot()
    before = phone.metrics["frames.free"].value
    phone.console.wait_for("exit_race: 300 rounds ok", timeout=50 * s)
    phone.run_for(10 * ms)
    assert [task.name for task in phone.tasks if task.state == "running"] == ["init"]
    assert phone.metrics["frames.free"].value >= before


@scenario(machine="phone8", seed=7, program="bin/chatter 100", time_limit=60 * s)
def console_hears_while_it_speaks(phone):
    """Input that comes while a program prints is all there when the program reads it."""
    phone.boot()
    phone.console.wait_for("chatter: begins", timeout=1 * s)
    phone.console.send("x" * 1000 + "\r")
    phone.console.wait_for("chatter: heard 1000 characters", timeout=10 * s)
