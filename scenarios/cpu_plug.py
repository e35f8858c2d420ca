# SPDX-License-Identifier: Apache-2.0
"""CPUs come and go: threads leave a CPU that is taken out, and use it again afterwards."""

from orrery import Phone, s, scenario


@scenario(program="schedule bin/cpu_plug", time_limit=60 * s)
def cpu_plug(phone: Phone) -> None:
    """Seven CPUs are taken out and put in again under eight threads."""
    phone.boot()
    phone.console.wait_for(r"^cpu_plug: all but CPU 0 are out", timeout=30 * s)
    assert [cpu.online for cpu in phone.cpus] == [True] + 7 * [False]
    phone.console.wait_for(r"^cpu_plug: 0 refused, 0 stuck, 0 trespasses$", timeout=30 * s)
    assert all(cpu.online for cpu in phone.cpus)
    phone.console.wait_for(r"^init: bin/cpu_plug exited with code 0$", timeout=1 * s)
    assert not phone.faults
