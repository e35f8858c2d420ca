# SPDX-License-Identifier: Apache-2.0
"""Inspection: what a session sees of a machine beyond what a scenario does.

A backend offers one as `inspection`. Everything is asked for between two slices of simulated time,
when the machine is at rest, and changes nothing of it but what is called `write_...`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..errors import Unsupported

PAGE = 4096


class Refused(Exception):
    """What a client asked for cannot be done; the message is its reply."""


@dataclass(frozen=True)
class Object:
    """Something that the machine is made of."""

    name: str
    kind: str
    children: list[Object] = field(default_factory=list)


class Inspection:
    """A machine that shows nothing: the base of those that do.

    `machine` is its name in sentences.
    """

    #: Runs may be cut into slices anywhere: the machine cannot tell.
    cuts_anywhere = False
    #: Nanoseconds of simulated time that a CPU may be ahead of the others; 0: not known.
    quantum = 0

    def __init__(self, machine: str) -> None:
        self.machine = machine

    def systemc_version(self) -> str:
        """Version of SystemC, where the machine is made with it."""
        return "none"

    def delta_cycles(self) -> int:
        """SystemC's delta cycles so far; 0 where there are none."""
        return 0

    def objects(self) -> list[Object]:
        """What the machine is made of."""
        return []

    def targets(self) -> list[str]:
        """The CPUs, by the names of their objects."""
        return []

    def registers(self, target: str) -> dict[str, int]:
        """Registers of a CPU, of 64 bits each, in order."""
        raise self.unsupported("reading registers")

    def write_registers(self, target: str, values: dict[str, int]) -> None:
        """Sets registers of a CPU; raises `Refused` and sets none where it cannot."""
        raise self.unsupported("writing registers")

    def vectors(self, target: str) -> bytes:
        """`v0` to `v31` of 16 bytes each, `fpsr` and `fpcr` of four, lowest byte first."""
        raise self.unsupported("reading vector registers")

    def exception_return(self, target: str) -> tuple[int, int]:
        """The program counter and PSTATE to which ERET leads; raises `Unsupported`."""
        raise self.unsupported("following exception returns")

    def address_space(self, target: str) -> int:
        """Where the page tables of EL0 are: which address space a CPU is in."""
        raise self.unsupported("telling address spaces apart")

    def translate(self, target: str, address: int) -> int | None:
        """The physical address behind a virtual one of a CPU; None if nothing is mapped there."""
        raise self.unsupported("translating addresses")

    def read_physical(self, address: int, size: int) -> bytes:
        """Memory or registers of devices, without side effects; raises `Refused`."""
        raise self.unsupported("reading physical memory")

    def write_physical(self, address: int, data: bytes) -> None:
        """Writes memory; raises `Refused`."""
        raise self.unsupported("writing physical memory")

    def read_virtual(self, target: str, address: int, size: int) -> bytes:
        """Memory as a CPU sees it at present; raises `Refused`."""
        pieces = self._pieces(target, address, size)
        return b"".join(self.read_physical(physical, length) for physical, length in pieces)

    def write_virtual(self, target: str, address: int, data: bytes) -> None:
        """Writes memory as a CPU sees it at present; raises `Refused`, and writes nothing then."""
        for physical, length in self._pieces(target, address, len(data)):
            self.write_physical(physical, data[:length])
            data = data[length:]

    def instructions(self, target: str) -> int:
        """Instructions that a CPU has executed so far."""
        raise self.unsupported("stepping a CPU")

    def set_breakpoint(self, target: str, address: int, is_set: bool) -> None:
        """Has the handler called before a CPU executes the instruction at a virtual address."""
        raise self.unsupported("stopping at breakpoints")

    def on_breakpoint(self, handler: Callable[[str, int], None]) -> None:
        """What is called, in the middle of a run, with a CPU and an address."""

    def kernel_slide(self) -> int:
        """How far the kernel's image lies from where it was linked; 0 until it is placed."""
        raise self.unsupported("debugging the kernel")

    def task(self, target: str) -> int:
        """The task whose thread runs on a CPU; 0 for none."""
        raise self.unsupported("telling tasks apart")

    def threads(self) -> list[dict[str, Any]]:
        """The kernel's threads."""
        raise self.unsupported("listing threads")

    def rights(self, task: int) -> list[dict[str, Any]]:
        """The rights that a task has names for; raises `Refused` for no such task."""
        raise self.unsupported("listing rights")

    def memory_digests(self) -> list[int]:
        """Digests of all memory, bank by bank: two states with the same are the same."""
        raise self.unsupported("making checkpoints")

    def limits(self) -> dict[str, Any]:
        """What tasks and containers may have at most."""
        raise self.unsupported("listing limits")

    def ports(self) -> list[dict[str, Any]]:
        """Ports and port sets, and the rights that tasks have to them."""
        raise self.unsupported("listing ports")

    def frames(self, position: int, most: int) -> tuple[list[tuple[Any, ...]], int | None]:
        """Page frames from a position on, in rows, and where to go on; None: that was all."""
        raise self.unsupported("the map of page frames")

    def caches(self) -> list[dict[str, Any]]:
        """The caches of the kernel heap."""
        raise self.unsupported("listing caches of the kernel heap")

    def tap_trace(self, limit: int) -> Any:
        """A bounded queue of trace records from now on: `_orrery.RecordTap`."""
        raise self.unsupported("subscribing to the trace")

    def new_future(self) -> None:
        """What the run's files have of later times will not come."""

    def show_trace(self) -> None:
        """The run stands still: brings the trace's file up to date, for those who follow it."""

    def unsupported(self, what: str) -> Unsupported:
        """What to raise for something that this machine does not offer."""
        return Unsupported(f"Unsupported: {what} is not offered on {self.machine}")

    def _pieces(self, target: str, address: int, size: int) -> list[tuple[int, int]]:
        """Physical stretches, each within a page."""
        pieces, end = [], address + size
        while address < end:
            length = min(end, (address // PAGE + 1) * PAGE) - address
            physical = self.translate(target, address)
            if physical is None:
                raise Refused(f"no memory is mapped at {address:#x}")
            pieces.append((physical, length))
            address += length
        return pieces
