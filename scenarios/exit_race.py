# SPDX-License-Identifier: Apache-2.0
"""A bug of the past: threads that were about to wait outlived the end of their task."""

from orrery import ms, s, scenario


@scenario(machine="phone8", seed=7, program="bin/exit_race 300", time_limit=60 * s)
def exit_race(phone):
    """A task that exits while its threads are entering a wait still ends, and all of it."""
    phone.boot()
    before = unused(phone)
    phone.console.wait_for("exit_race: 300 rounds ok", timeout=50 * s)
    phone.run_for(10 * ms)
    assert [task.name for task in phone.tasks if task.state == "running"] == ["init"]
    # Init itself may have touched some pages for the first time.
    assert unused(phone) >= before - 15


def unused(phone):
    """Frames that are free, or could be at any time: copies of the archive's files."""
    frames = phone.page_frames
    return phone.metrics["frames.free"].value + frames.owners["file"]
