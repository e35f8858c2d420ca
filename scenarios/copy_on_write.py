# SPDX-License-Identifier: Apache-2.0
"""Memory objects: what is shared is seen by all, what is copied is one's own, and frames are shared
for as long as nobody writes to them."""

from orrery import Phone, ms, s, scenario


@scenario(program="bin/copy_on_write")
def copy_on_write(phone: Phone) -> None:
    """A task and its children share and copy objects, on several CPUs and threads."""
    phone.boot()
    phone.console.wait_for(r"^copy_on_write: ok$", timeout=60 * s)
    phone.console.wait_for(r"^init: bin/copy_on_write exited with code 0$", timeout=1 * s)
    phone.run_for(10 * ms)
    assert not phone.faults
    assert "wrong" not in phone.console.text
