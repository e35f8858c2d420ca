# SPDX-License-Identifier: Apache-2.0
"""Synchronisation: threads and tasks that wait for one another, and thread-local variables."""

from orrery import Phone, s, scenario


@scenario(program="bin/synchronisation")
def synchronisation(phone: Phone) -> None:
    """Mutexes, condition variables, semaphores, locks in shared memory, deadlines, ends of tasks."""
    phone.boot()
    phone.console.wait_for(r"^synchronisation: ok$", timeout=30 * s)
    phone.console.wait_for(r"^init: bin/synchronisation exited with code 0$", timeout=1 * s)
    assert not phone.faults
