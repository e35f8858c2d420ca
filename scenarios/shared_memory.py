# SPDX-License-Identifier: Apache-2.0
"""Shared memory: bulk data from task to task through a ring, with every byte compared."""

import re

from orrery import Phone, ms, s, scenario


@scenario(program="bin/ring")
def shared_memory(phone: Phone) -> None:
    """The program checks what comes, early ends, and a neighbour that writes nonsense."""
    phone.boot()
    phone.console.wait_for(r"^ring: ok$", timeout=60 * s)
    phone.console.wait_for(r"^init: bin/ring exited with code 0$", timeout=1 * s)
    phone.run_for(10 * ms)
    passed = re.findall(r"^ring: (\d+) bytes .* in (\d+) us, compared$", phone.console.text, re.M)
    assert len(passed) == 2, passed
    assert not phone.faults
    assert "wrong" not in phone.console.text
