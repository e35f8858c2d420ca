# SPDX-License-Identifier: Apache-2.0
"""Ports and messages: calls between threads and tasks, floods, bad names, and the end of either side
at every step of a call."""

import re

from orrery import Phone, ms, s, scenario


@scenario(program="bin/ipc")
def ipc(phone: Phone) -> None:
    """The program checks what it is told and what it gets back, twice, and that nothing is lost."""
    phone.boot()
    phone.console.wait_for(r"^ipc: ok$", timeout=60 * s)
    phone.console.wait_for(r"^init: bin/ipc exited with code 0$", timeout=1 * s)
    phone.run_for(10 * ms)
    for where in ("threads", "tasks"):
        times = re.findall(rf"^ipc: (\d+) ns a call between {where}", phone.console.text, re.M)
        phone.metrics.record(f"ipc.call_between_{where}", int(times[-1]), "ns")
    assert not phone.faults
    assert "wrong" not in phone.console.text
