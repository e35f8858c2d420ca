# SPDX-License-Identifier: Apache-2.0
"""Priority inversion: an urgent thread waits for idle ones, others want all CPUs in between."""

from orrery import Phone, ms, s, scenario

CASES = ("calls", "client", "lock")
# What is asked takes 0.2 ms of a CPU. In its way may be 2 ms that have begun; the rest is theirs
# who pass it on.
BOUND = 3 * ms
# Those in between have begun to compute for 20 ms by then.
INVERSION = 15 * ms


# CPUs of QEMU share one time: those in between would take it from the urgent one, too.
@scenario(program="schedule bin/priority_inversion", bootargs={"qemu": "cpus=1"})
def priority_inversion(phone: Phone) -> None:
    """With inheritance through three servers and a lock the answer comes in time, else late."""
    phone.boot()
    for case in CASES:
        times = {}
        for how in ("with", "without"):
            seen = phone.console.wait_for(
                rf"^priority_inversion: {case} {how} inheritance: (\d+) us$", timeout=1 * s
            )
            times[how] = int(seen[1]) * ms // 1000
            phone.metrics.record(f"priority_inversion.{case}.{how}", times[how], "ns")
        assert times["with"] <= BOUND, (case, times)
        # Were nobody in the way without inheritance, that would have been easy.
        assert times["without"] >= INVERSION, (case, times)
    phone.console.wait_for(r"^init: bin/priority_inversion exited with code 0$", timeout=1 * s)
    assert not phone.faults
