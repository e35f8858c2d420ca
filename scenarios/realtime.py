# SPDX-License-Identifier: Apache-2.0
"""Real time: deadlines are kept while other threads want all the time there is."""

from orrery import Phone, s, scenario


@scenario(program="schedule bin/realtime", time_limit=60 * s)
def realtime(phone: Phone) -> None:
    """Twelve threads with reserved time among sixteen that compute; wishes that are refused."""
    phone.boot()
    seen = phone.console.wait_for(
        r"^realtime: 12 threads, 0 refused, (\d+) jobs, (\d+) missed, late by (\d+) us$",
        timeout=30 * s,
    )
    had = phone.console.wait_for(r"^realtime: background had (\d+) ms$", timeout=5 * s)
    waited = phone.console.wait_for(r"^realtime: somebody waited for (\d+) ms$", timeout=5 * s)
    phone.console.wait_for(r"^realtime: too much is refused$", timeout=5 * s)
    phone.metrics.record("realtime.jobs", int(seen[1]))
    phone.metrics.record("realtime.missed", int(seen[2]))
    phone.metrics.record("realtime.worst_lateness", int(seen[3]), "us")
    assert int(seen[1]) >= 12 * 10
    assert int(seen[2]) == 0, seen[0]
    # All CPUs were wanted by more than they had, and what was not reserved went to the others.
    assert int(waited[1]) > 0 and int(had[1]) > 0
    phone.console.wait_for(r"^init: bin/realtime exited with code 0$", timeout=1 * s)
    assert not phone.faults
