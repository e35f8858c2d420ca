# SPDX-License-Identifier: Apache-2.0
"""Energy-aware scheduling: small work stays on small CPUs, big work gets big ones, clocks follow.

Compare with ./orrery compare scenarios/energy_aware.py and other values of the two words.
"""

from orrery import Phone, ms, s, scenario

LITTLE, BIG = range(0, 4), range(4, 8)
NO_MODEL = r"^\[.*\] energy: the device tree gives no operating points with power"
CHOSEN = "energy: 2 domains, placement energy, governor schedutil"


@scenario(program="bin/shell", bootargs="placement=energy governor=schedutil")
def energy_aware(phone: Phone) -> None:
    """Four threads that compute for a twentieth of the time, then one that always does."""
    phone.boot()
    has_model = phone.backend == "soc"
    if not has_model:
        phone.console.wait_for(NO_MODEL, timeout=1 * s)
    chosen = CHOSEN in phone.console.text

    before = joules(phone) if has_model else 0.0
    busy_before = [cpu.busy_time for cpu in phone.cpus]
    phone.console.send_line("run duty_cycle 4 500000 40")
    done = phone.console.wait_for(
        r"^duty_cycle: 4 threads, 40 periods, longest (\d+) ns, done$", timeout=10 * s
    )
    busy = [cpu.busy_time - first for cpu, first in zip(phone.cpus, busy_before)]
    phone.metrics.record("energy_aware.light.longest", int(done[1]), "ns")
    phone.metrics.record(
        "energy_aware.light.big_share", sum(busy[cpu] for cpu in BIG) / sum(busy)
    )
    if has_model:
        phone.metrics.record("energy_aware.light.energy", joules(phone) - before, "J")
    if chosen:
        # Some of it was the shell's, and threads when nothing was known of them yet.
        assert sum(busy[cpu] for cpu in BIG) < 0.1 * sum(busy), busy
        assert phone.energy().clocks["CPU Big"].kilohertz == 1_200_000

    before = joules(phone) if has_model else 0.0
    start = phone.now
    phone.console.send_line("run duty_cycle 1 400000000 1")
    top = 0
    while "duty_cycle: 1 threads" not in phone.console.text:
        assert phone.now - start < 10 * s, "the loop takes too long"
        phone.run_for(10 * ms)
        if has_model:
            top = max(top, phone.energy().clocks["CPU Big"].kilohertz)
    phone.metrics.record("energy_aware.heavy.time", phone.now - start, "ns")
    if has_model:
        phone.metrics.record("energy_aware.heavy.energy", joules(phone) - before, "J")
    if chosen:
        assert top == 2_400_000, f"a thread that always runs got {top} kHz"
        # Nobody runs any more: clocks come down without being asked.
        phone.run_for(500 * ms)
        clocks = {name: clock.kilohertz for name, clock in phone.energy().clocks.items()}
        assert clocks == {"CPU Little": 1_008_000, "CPU Big": 1_200_000}, clocks


def joules(phone: Phone) -> float:
    """What both clusters have spent since the start."""
    rails = phone.energy().rails
    return sum(rails[name].joules for name in ("CPU Little", "CPU Big"))
