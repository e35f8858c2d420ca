# SPDX-License-Identifier: Apache-2.0
"""Real time: deadlines are kept while other threads want all the time there is."""

from orrery import Phone, ms, s, scenario


# CPUs of QEMU share one time, in which each runs for a part only: no reservation could be kept.
@scenario(program="schedule bin/realtime", bootargs={"qemu": "cpus=1"}, time_limit=60 * s)
def realtime(phone: Phone) -> None:
    """Threads with reserved time among sixteen that compute; wishes that are refused."""
    phone.boot()
    seen = phone.console.wait_for(
        r"^realtime: (\d+) threads, 0 refused, (\d+) jobs, (\d+) missed, late by (\d+) us$",
        timeout=30 * s,
    )
    had = phone.console.wait_for(r"^realtime: background had (\d+) ms$", timeout=5 * s)
    waited = phone.console.wait_for(r"^realtime: somebody waited for (\d+) ms$", timeout=5 * s)
    phone.console.wait_for(r"^realtime: too much is refused$", timeout=5 * s)
    threads, jobs, missed, late = (int(seen[i]) for i in range(1, 5))
    phone.metrics.record("realtime.jobs", jobs)
    phone.metrics.record("realtime.missed", missed)
    phone.metrics.record("realtime.worst_lateness", late, "us")
    assert threads == (12 if phone.backend == "soc" else 2)
    assert jobs >= threads * 10
    assert missed == 0, seen[0]
    # All CPUs were wanted by more than they had, and what was not reserved went to the others.
    assert int(waited[1]) > 0 and int(had[1]) > 0
    assert phone.schedule.some.total >= int(waited[1]) * ms
    phone.console.wait_for(r"^init: bin/realtime exited with code 0$", timeout=1 * s)
    assert not phone.faults
