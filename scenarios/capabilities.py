# SPDX-License-Identifier: Apache-2.0
"""Capabilities: a program has what it was given, can pass on no more than that, and loses it when
who gave it takes it back."""

from orrery import Phone, ms, s, scenario


@scenario(program="bin/capabilities")
def capabilities(phone: Phone) -> None:
    """Derivation, transfer, revocation in use and in flight, expiry; tasks that have nothing."""
    phone.boot()
    phone.console.wait_for(r"^capabilities: ok$", timeout=60 * s)
    phone.console.wait_for(r"^init: bin/capabilities exited with code 0$", timeout=1 * s)
    phone.run_for(10 * ms)
    assert not phone.faults
    assert "wrong" not in phone.console.text
