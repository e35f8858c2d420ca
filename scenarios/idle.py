# SPDX-License-Identifier: Apache-2.0
"""Idle: a phone that nobody uses costs nothing, and is still there afterwards."""

from orrery import Phone, s, scenario


@scenario(program="idle", time_limit=3600 * s)
def idle(phone: Phone) -> None:
    """Sixty simulated seconds of an idle phone (--set seconds=N for more or less)."""
    seconds = phone.parameter("seconds", 60)
    phone.boot()
    phone.console.wait_for(r"^init: idle$", timeout=1 * s)

    busy_before = [cpu.busy_time for cpu in phone.cpus]
    interrupts_before = phone.metrics["interrupts"].value
    start = phone.now
    phone.run_for(seconds * s)
    elapsed = phone.now - start

    # It is alive: init sleeps, every CPU is there, nothing has gone wrong.
    assert [task.state for task in phone.tasks] == ["running"]
    assert len(phone.cpus) == 8
    assert all(cpu.online for cpu in phone.cpus)
    assert phone.fault_count == 0

    # And it is idle: the CPUs sleep, and little wakes them.
    for cpu, before in zip(phone.cpus, busy_before):
        busy = (cpu.busy_time - before) / elapsed
        assert busy < 0.01, f"CPU {cpu.number} was busy for {busy:.1%} of the time"
    interrupts = (phone.metrics["interrupts"].value - interrupts_before) * s / elapsed
    assert interrupts < 50, f"{interrupts:.0f} interrupts a second on an idle phone"
    phone.metrics.record("idle.interrupts", interrupts, "1/s")
