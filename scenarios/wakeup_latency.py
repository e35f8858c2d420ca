# SPDX-License-Identifier: Apache-2.0
"""Wake-up latency: how late real-time threads wake while every CPU is busy, as cyclictest asks."""

from orrery import Phone, ms, s, scenario

#: Microseconds that no wake-up may be late by, without `--set worst=N`: docs/kernel-benchmarks.md.
WORST = 30


@scenario(program="schedule bin/shell", time_limit=7200 * s, host_limit=280)
def wakeup_latency(phone: Phone) -> None:
    """Real-time threads on all CPUs sleep from moment to moment beside others that never do.

    `--set seconds=3600 --host-limit 90000s` runs for an hour, and says each second how it goes.
    """
    worst_allowed = phone.parameter("worst", WORST)
    duration = phone.parameter("seconds", 0) * s or phone.parameter("duration", 10 * ms)
    phone.boot()
    phone.console.wait_for(r"^orrery> ", timeout=5 * s)
    phone.console.send_line(f"run bin/wakeup_latency {duration // ms}")
    phone.console.wait_for(r"^wakeup_latency: 0 threads failed$", timeout=duration + 10 * s)
    told = phone.console.text
    cpus = {}
    histogram: dict[float, int] = {}
    for line in told.splitlines():
        words = line.split()
        if line.startswith("wakeup_latency: CPU "):
            cpus[int(words[2])] = int(words[-4])
        elif line.startswith("wakeup_latency: ") and line.endswith(" times"):
            histogram[float(words[1])] = int(words[3])
    assert len(cpus) == phone.cpu_count
    phone.metrics.samples("wakeup_latency.late", histogram, "us")
    for cpu, worst in cpus.items():
        phone.metrics.record(f"wakeup_latency.cpu{cpu}.worst", worst / 1000, "us")
    # QEMU gives all CPUs together an instruction a nanosecond.
    if phone.backend == "soc":
        assert max(cpus.values()) < worst_allowed * 1000, cpus
    assert phone.fault_count == 0
