# SPDX-License-Identifier: Apache-2.0
"""Energy-aware scheduling: work goes where it costs least, clocks follow it up and down.

Compare with ./orrery compare scenarios/energy_aware.py and other values of the two words.
"""

from orrery import Phone, ms, s, scenario

BIG = range(4, 8)
NO_MODEL = "energy: the device tree gives no operating points with power"
CHOSEN = "energy: 2 domains, placement energy, governor schedutil"


@scenario(program="bin/shell", bootargs="placement=energy governor=schedutil")
def energy_aware(phone: Phone) -> None:
    """Four threads that compute for a twentieth of the time, then one that always does."""
    phone.boot()
    has_model = phone.backend == "soc"
    # The console is slower than the kernel: what it says of energy comes before the prompt.
    phone.console.wait_for(r"^\[.*\] CPUs online", timeout=1 * s)
    assert has_model or NO_MODEL in phone.console.text
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
        # By the platform's figures a big CPU at its lowest clock does 512 of work for 227 mW, a
        # little one 187 for 105 mW: the big ones are cheaper as long as they need not run faster.
        assert sum(busy[cpu] for cpu in BIG) > 0.9 * sum(busy), busy
        assert lowest(phone)

    before = joules(phone) if has_model else 0.0
    start = phone.now
    phone.console.send_line("run duty_cycle 1 400000000 1")
    top = {"CPU Big": 0, "CPU Little": 0}
    while "duty_cycle: 1 threads" not in phone.console.text:
        assert phone.now - start < 10 * s, "the loop takes too long"
        phone.run_for(10 * ms)
        if has_model:
            clocks = phone.energy().clocks
            top = {name: max(top[name], clocks[name].kilohertz) for name in top}
    phone.metrics.record("energy_aware.heavy.time", phone.now - start, "ns")
    if has_model:
        phone.metrics.record("energy_aware.heavy.energy", joules(phone) - before, "J")
    if chosen:
        # Wherever it has begun, it ends up on a big CPU.
        assert top["CPU Big"] == 2_400_000, top
        # Nobody runs any more: clocks come down without being asked.
        phone.run_for(500 * ms)
        assert lowest(phone)


def lowest(phone: Phone) -> bool:
    """Whether no clock can go down any more."""
    clocks = {name: clock.kilohertz for name, clock in phone.energy().clocks.items()}
    return clocks == {"CPU Little": 1_008_000, "CPU Big": 1_200_000}


def joules(phone: Phone) -> float:
    """What both clusters have spent since the start."""
    rails = phone.energy().rails
    return sum(rails[name].joules for name in ("CPU Little", "CPU Big"))
