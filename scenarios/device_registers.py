# SPDX-License-Identifier: Apache-2.0
"""Device registers in a program: init hands over those of the real-time clock, and nobody else can
get at any."""

from __future__ import annotations

from orrery import Phone, Preparation, ms, s, scenario

#: Where the PL031 is: on phone8 (docs/architecture.md), and on QEMU's board virt
#: (its device tree, node pl031).
CLOCKS = {"soc": 0x1C17_0000, "qemu": 0x0901_0000}
PAGE = 4096


def devices(phone: Preparation) -> dict[str, bytes]:
    """What init gives to the program."""
    return {"etc/devices": f"{CLOCKS[phone.backend]} {PAGE}".encode()}


@scenario(program="devices bin/device_registers", files=devices)
def device_registers(phone: Phone) -> None:
    """A program reads and sets a real-time clock, on several CPUs; others are refused."""
    phone.boot()
    phone.console.wait_for(r"^device_registers: (ok|failed)$", timeout=30 * s)
    phone.console.wait_for(r"^init: bin/device_registers exited with code 0$", timeout=1 * s)
    phone.run_for(10 * ms)
    assert not phone.faults
    assert "wrong" not in phone.console.text
