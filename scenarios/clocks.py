# SPDX-License-Identifier: Apache-2.0
"""Operating points: programs choose them, work and energy follow, heat takes them away."""

import re

from orrery import Phone, Unsupported, ms, s, scenario

NO_CLOCKS = "clocks: no SCMI in the device tree, frequencies are fixed"
TOP = {"CPU Little": 1_800_000, "CPU Big": 2_400_000}


@scenario(program="bin/clock_steps 3000000")
def clocks(phone: Phone) -> None:
    """The same loop at each operating point: time follows the clock, and energy falls with it."""
    if phone.backend != "soc":
        return without_clocks(phone)
    phone.configure_power(ambient_celsius=phone.parameter("ambient", 25.0))
    phone.boot()

    work: dict[str, dict[int, tuple[int, float]]] = {name: {} for name in TOP}
    for index, (name, top) in enumerate(TOP.items()):
        level = 0
        while level < top:
            begin = phone.console.wait_for(rf"^clock_steps: begin {index} (\d+)$", timeout=1 * s)
            level = int(begin[1])
            before = phone.energy().rails[name].joules
            end = phone.console.wait_for(
                rf"^clock_steps: end {index} {level} kHz now (\d+) kHz in (\d+) ns$", timeout=1 * s
            )
            spent = phone.energy().rails[name].joules - before
            assert int(end[1]) == level
            work[name][level] = (int(end[2]), spent)
    phone.console.wait_for(r"^clock_steps: 2 clocks, done$", timeout=1 * s)

    for name, steps in work.items():
        lowest, highest = min(steps), max(steps)
        cycles = steps[highest][0] * highest
        for level, (nanoseconds, _) in steps.items():
            assert abs(nanoseconds * level / cycles - 1) < 0.01, f"{name} at {level} kHz"
        # Half the voltage squared outweighs that idle parts leak for longer.
        assert steps[lowest][1] < 0.8 * steps[highest][1]
        short = name.lower().replace(" ", "_")
        phone.metrics.record(f"clocks.{short}.slowdown", steps[lowest][0] / steps[highest][0])
        phone.metrics.record(f"clocks.{short}.saving", 1 - steps[lowest][1] / steps[highest][1])
    clocks_at_end = phone.energy().clocks
    assert {name: clock.kilohertz for name, clock in clocks_at_end.items()} == TOP
    assert all(clock.throttled == 0 for clock in clocks_at_end.values())


@scenario(program="bin/shell")
def throttling(phone: Phone) -> None:
    """In an ambience as hot as the trip points the clocks go down, whatever was asked for."""
    if phone.backend != "soc":
        return without_clocks(phone)
    ambient = phone.parameter("ambient", 85.0)
    phone.configure_power(ambient_celsius=ambient)
    phone.boot()
    phone.console.wait_for("orrery> ", timeout=1 * s)
    phone.run_for(2 * s)
    energy = phone.energy()
    hot = ambient >= 85
    assert (energy.clocks["CPU Big"].throttled > 0) == hot
    assert (energy.clocks["CPU Big"].kilohertz < TOP["CPU Big"]) == hot
    assert energy.temperatures["big"] > energy.temperatures["board"] > ambient

    # A program sees what is in force, and asking for more is of no use.
    phone.console.send_line("clocks 1 2400000")
    phone.console.wait_for(r"^clock 1 to 2400000 kHz: ok$", timeout=1 * s)
    phone.run_for(1 * ms)
    phone.console.send_line("clocks")
    now = phone.console.wait_for(r"^clock 1 CPU Big cpus=f0 now=(\d+) kHz", timeout=1 * s)
    assert int(now[1]) == phone.energy().clocks["CPU Big"].kilohertz
    phone.metrics.record("throttling.clock", int(now[1]), "kHz")


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
