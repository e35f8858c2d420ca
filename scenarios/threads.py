# SPDX-License-Identifier: Apache-2.0
"""Threads: what threads of one task are promised."""

from orrery import Phone, s, scenario


@scenario(program="bin/thread_test")
def threads(phone: Phone) -> None:
    """Threads share memory, sleep, yield, join, and keep their registers."""
    phone.boot()
    phone.console.wait_for(r"^thread_test: ok$", timeout=30 * s)
    phone.console.wait_for(r"^init: bin/thread_test exited with code 0$", timeout=1 * s)
    assert not phone.faults
