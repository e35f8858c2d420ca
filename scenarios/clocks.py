# SPDX-License-Identifier: Apache-2.0
"""Operating points: programs choose them, work and energy follow, heat takes them away."""

import re

from orrery import Phone, Unsupported, ms, s, scenario

NO_CLOCKS = "clocks: no SCMI in the device tree, frequencies are fixed"
TOP = {"CPU Little": 1_800_000, "CPU Big": 2_400_000}

Steps = dict[int, tuple[int, float]]


@scenario(program="bin/shell")
def clocks(phone: Phone) -> None:
    """Time and energy of a loop follow the clock; with --set ambient=85 heat has the last word."""
    if phone.backend != "soc":
        return without_clocks(phone)
    ambient = phone.parameter("ambient", 25.0)
    phone.configure_power(ambient_celsius=ambient)
    phone.boot()
    phone.console.send_line("run clock_steps 3000000")
    work = {name: steps_of(phone, index, name) for index, name in enumerate(TOP)}
    phone.console.wait_for(r"^clock_steps: 2 clocks, done$", timeout=1 * s)
    if ambient < 60:
        check_work(phone, work)

    # Doing nothing: an ambience as hot as the trip points is enough to be throttled.
    phone.run_for(1 * s)
    energy = phone.energy()
    for name, clock in energy.clocks.items():
        assert (clock.throttled > 0) == (clock.kilohertz < TOP[name]) == (ambient >= 85), name
    assert energy.temperatures["big"] > energy.temperatures["board"] > ambient

    # A program sees what is in force, whatever it asks for.
    phone.console.send_line("clocks 1 2400000")
    phone.console.wait_for(r"^clock 1 to 2400000 kHz: ok$", timeout=1 * s)
    phone.run_for(1 * ms)
    phone.console.send_line("clocks")
    now = phone.console.wait_for(r"^clock 1 CPU Big cpus=f0 now=(\d+) kHz", timeout=1 * s)
    assert int(now[1]) == phone.energy().clocks["CPU Big"].kilohertz
    phone.metrics.record("clocks.cpu_big.clock", int(now[1]), "kHz")


def steps_of(phone: Phone, index: int, name: str) -> Steps:
    """Nanoseconds of the loop and joules of the rail at each operating point of a clock."""
    steps: Steps = {}
    while max(steps, default=0) < TOP[name]:
        begin = phone.console.wait_for(rf"^clock_steps: begin {index} (\d+)$", timeout=1 * s)
        before = phone.energy().rails[name].joules
        end = phone.console.wait_for(
            rf"^clock_steps: end {index} {begin[1]} kHz now \d+ kHz in (\d+) ns$", timeout=1 * s
        )
        spent = phone.energy().rails[name].joules - before
        steps[int(begin[1])] = (int(end[1]), spent)
    return steps


def check_work(phone: Phone, work: dict[str, Steps]) -> None:
    """The same cycles at every clock, for less energy where clock and voltage are low."""
    for name, steps in work.items():
        lowest, highest = min(steps), max(steps)
        for level, (nanoseconds, _) in steps.items():
            share = nanoseconds * level / (steps[highest][0] * highest)
            assert abs(share - 1) < 0.01, f"{name} at {level} kHz"
        # The voltage squared outweighs that idle parts leak for longer.
        assert steps[lowest][1] < 0.8 * steps[highest][1]
        short = name.lower().replace(" ", "_")
        phone.metrics.record(f"clocks.{short}.slowdown", steps[lowest][0] / steps[highest][0])
        phone.metrics.record(f"clocks.{short}.saving", 1 - steps[lowest][1] / steps[highest][1])


def without_clocks(phone: Phone) -> None:
    """A machine whose clocks nobody controls says so, once."""
    phone.boot()
    phone.run_for(50 * ms)
    assert len(re.findall(re.escape(NO_CLOCKS), phone.console.text)) == 1
    try:
        phone.energy()
    except Unsupported:
        return
    raise AssertionError("a machine without a power model tells energy")
