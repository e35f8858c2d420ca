# SPDX-License-Identifier: Apache-2.0
"""A bug of the past: console input was lost while a program printed."""

from orrery import s, scenario


@scenario(machine="phone8", seed=7, program="bin/chatter 100", time_limit=60 * s)
def chatter(phone):
    """Input that comes while a program prints is all there when the program reads it."""
    phone.boot()
    phone.console.wait_for("chatter: begins", timeout=1 * s)
    phone.console.send("x" * 1000 + "\r")
    phone.console.wait_for("chatter: heard 1000 characters", timeout=10 * s)
