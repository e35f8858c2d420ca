# SPDX-License-Identifier: Apache-2.0
"""Locks that eight CPUs want at once: time goes on for all who wait, and never back."""

from orrery import Phone, s, scenario


@scenario(program="bin/lock_contest")
def lock_contest(phone: Phone) -> None:
    """One thread on each CPU contends for a lock of its program, then for the kernel's."""
    phone.boot()
    phone.console.wait_for(
        r"^lock_contest: 8 threads, 1600 entries of 1600, 0 calls refused$", timeout=30 * s
    )
    phone.console.wait_for(r"^lock_contest: backwards 0, still 0$", timeout=1 * s)
    seen = phone.console.wait_for(
        r"^lock_contest: seen (\d+) readings, (\d+) long waits, overtaken by (\d+) ticks$",
        timeout=1 * s,
    )
    phone.console.wait_for(r"^init: bin/lock_contest exited with code 0$", timeout=1 * s)
    assert int(seen[1]) > 8 * 200 * 4
    if phone.backend == "soc":
        # CPUs that are busy run ahead of each other by no more than this (docs/time.md).
        assert int(seen[2]) > 0 and int(seen[3]) <= 2000, seen[0]
    phone.metrics.record("lock_contest.long_waits", int(seen[2]))
    phone.metrics.record("lock_contest.overtaken", int(seen[3]), "ns")
    assert not phone.faults
