# SPDX-License-Identifier: Apache-2.0
"""A device's interrupts as messages to a program: the alarm of the real-time clock."""

from __future__ import annotations

from orrery import Phone, Preparation, s, scenario

#: Where the PL031 is and its interrupt: on phone8 SPI 4 (docs/architecture.md), on QEMU's board
#: virt SPI 2 (its device tree, node pl031). SPIs begin at 32.
CLOCKS = {"soc": (0x1C17_0000, 36), "qemu": (0x0901_0000, 34)}
PAGE = 4096


def devices(phone: Preparation) -> dict[str, bytes]:
    """What init gives to the program, and what the program reads."""
    address, interrupt = CLOCKS[phone.backend]
    return {"etc/devices": f"{address} {PAGE}".encode(),
            "etc/interrupt": f"{interrupt}".encode()}


@scenario(program="devices bin/device_interrupts", files=devices)
def device_interrupts(phone: Phone) -> None:
    """Alarms come once each, and not before the last one was acknowledged."""
    phone.boot()
    phone.console.wait_for(r"^device_interrupts: (ok|failed)$", timeout=30 * s)
    phone.console.wait_for(r"^init: bin/device_interrupts exited with code 0$", timeout=1 * s)
    assert not phone.faults
    assert "wrong" not in phone.console.text
