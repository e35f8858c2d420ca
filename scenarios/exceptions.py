# SPDX-License-Identifier: Apache-2.0
"""Exceptions as messages: a pager and a debugger that are ordinary programs."""

from orrery import Phone, ms, s, scenario


@scenario(program="bin/exceptions")
def exceptions(phone: Phone) -> None:
    """A program pages one child, debugs another and stops a third."""
    phone.boot()
    phone.console.wait_for(r"^exceptions: ok$", timeout=60 * s)
    phone.console.wait_for(r"^init: bin/exceptions exited with code 0$", timeout=1 * s)
    phone.run_for(10 * ms)
    assert "exceptions: paged 32 pages\n" in phone.console.text
    assert "exceptions: debugged 5 breakpoints\n" in phone.console.text
    assert not phone.faults, "an exception that was seen to has left a fault report"
    assert "wrong" not in phone.console.text
