# SPDX-License-Identifier: Apache-2.0
"""What a session sees of the phone in SystemC."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import Unsupported
from .inspection import PAGE, Inspection, Object, Refused

# As sim/phone/cpu.cpp has it: what a CPU may run ahead while nothing is due.
_LONGEST_QUANTUM = 100_000
# The reserved word of an arm64 image's header that hal/aarch64/head.S uses: where the image runs.
_PLACE = 0x30


class SocInspection(Inspection):
    """The phone of the module `_orrery`; without an image its kernel runs natively."""

    cuts_anywhere = True
    quantum = _LONGEST_QUANTUM

    def __init__(self, native: Any, phone: Any, image: Path | None) -> None:
        super().__init__("soc" if image is None else "soc with --cpu iss")
        self._native = native
        self._phone = phone
        self._image = image
        self._is_native = image is None

    def systemc_version(self) -> str:
        """The version of the library."""
        return self._native.systemc_version()

    def delta_cycles(self) -> int:
        """SystemC's count. Slices add to it, so it differs from run to run."""
        return self._phone.delta_cycles

    def objects(self) -> list[Object]:
        """The modules of the simulation."""
        return [_object(shown) for shown in self._phone.objects()]

    def targets(self) -> list[str]:
        """The CPUs."""
        return [f"cpu{number}" for number in range(self._phone.cpu_count)]

    def registers(self, target: str) -> dict[str, int]:
        """Those of EL0 where the kernel runs natively."""
        return self._phone.registers(_number(target))

    def translate(self, target: str, address: int) -> int | None:
        """By the page tables that the CPU uses."""
        return self._phone.translate(_number(target), address)

    def read_physical(self, address: int, size: int) -> bytes:
        """Memory, and whole words of devices."""
        data = bytearray()
        for place, length in _pages(address, size):
            piece = self._phone.read_physical(place, length)
            if len(piece) != length:
                raise Refused(_nothing_at(place, length))
            data += piece
        return bytes(data)

    def write_physical(self, address: int, data: bytes) -> None:
        """Memory; devices refuse."""
        done = 0
        for place, length in _pages(address, len(data)):
            if self._phone.write_physical(place, data[done : done + length]) != length:
                raise Refused(_nothing_at(place, length))
            done += length

    def instructions(self, target: str) -> int:
        """Of programs and of the kernel's image."""
        work = self._phone.cpu_work[_number(target)]
        return work["user_instructions"] + work["kernel_instructions"]

    def write_registers(self, target: str, values: dict[str, int]) -> None:
        """Where the code can go on with others: at a breakpoint, or between two quanta."""
        if not self._phone.set_registers(_number(target), values):
            raise Refused(f"{target} is in the middle of something: registers can be written at a "
                          "breakpoint, or where its code has come to the end of a quantum")

    def vectors(self, target: str) -> bytes:
        """Those of the code whose registers are shown."""
        return self._phone.vectors(_number(target))

    def exception_return(self, target: str) -> tuple[int, int]:
        """Of the kernel's image."""
        return self._phone.exception_return(_number(target)) or super().exception_return(target)

    def address_space(self, target: str) -> int:
        """By TTBR0_EL1."""
        return self._phone.address_space(_number(target))

    def set_breakpoint(self, target: str, address: int, is_set: bool) -> None:
        """At EL0, and of the kernel's image at EL1."""
        self._phone.set_breakpoint(_number(target), address, is_set)

    def on_breakpoint(self, handler: Callable[[str, int], None]) -> None:
        """Afterwards the slice ends early."""
        self._phone.on_breakpoint(lambda cpu, address: handler(f"cpu{cpu}", address))

    def kernel_slide(self) -> int:
        """By the image's header, in which boot code keeps where it has placed the image."""
        if self._image is None:
            return super().kernel_slide()
        with open(self._image, "rb") as image:
            linked = image.read(_PLACE + 8)[_PLACE:]
        placed = self.read_physical(self._phone.kernel_begin + _PLACE, 8)
        return int.from_bytes(placed, "little") - int.from_bytes(linked, "little")

    def task(self, target: str) -> int:
        """Only of a native kernel, whose objects lie in this process."""
        if not self._is_native:
            raise self.unsupported("telling tasks apart")
        return self._phone.task(_number(target)) if self._phone.kernel().present else 0

    def threads(self) -> list[dict[str, Any]]:
        """Only of a native kernel, whose objects lie in this process."""
        return self._settled(self._phone.threads, "listing threads")

    def rights(self, task: int) -> list[dict[str, Any]]:
        """The same."""
        return self._settled(lambda: self._phone.rights(task), "listing rights")

    def memory_digests(self) -> list[int]:
        """Of sim/phone/memory_digest.hpp."""
        return self._phone.memory_digests()

    def limits(self) -> dict[str, Any]:
        """The same."""
        return self._settled(self._phone.limits, "listing limits") or {
            "tasks": [], "containers": []}

    def ports(self) -> list[dict[str, Any]]:
        """The same."""
        return self._settled(self._phone.ports, "listing ports")

    def frames(self, position: int, most: int) -> tuple[list[tuple[Any, ...]], int | None]:
        """The same."""
        if not self._is_native:
            raise self.unsupported("the map of page frames")
        if not self._has_memory():
            return [], None
        return self._phone.frames(position, most)

    def caches(self) -> list[dict[str, Any]]:
        """The same, where the heap is one that has them."""
        if not self._is_native:
            raise self.unsupported("listing caches of the kernel heap")
        if not self._has_memory():
            return []
        rows = self._phone.caches()
        if rows is None:
            raise Unsupported("Unsupported: only kernel_heap=slab without heap_debug shows caches")
        return rows

    def _has_memory(self) -> bool:
        """The kernel has come to its memory, and shows whose it is."""
        view = self._phone.kernel()
        return bool(view.present and view.page_frames.nodes and view.kernel_heap.allocator)

    def tap_trace(self, limit: int) -> Any:
        """What goes into the trace."""
        try:
            return self._phone.tap_trace(limit)
        except RuntimeError as error:
            raise Refused(str(error)) from error

    def new_future(self) -> None:
        """Cuts the trace."""
        self._phone.new_future()

    def show_trace(self) -> None:
        """The same. A disk that is full is told of when the run goes on."""
        with contextlib.suppress(RuntimeError):
            self._phone.show_trace()

    def _settled(self, ask: Any, what: str) -> Any:
        if not self._is_native:
            raise self.unsupported(what)
        if not self._phone.kernel().present:
            return []
        rows = ask()
        if rows is None:
            raise Refused("the kernel is changing its objects: resume for a moment, such as 1us")
        return rows


def _object(shown: tuple[str, str, list[Any]]) -> Object:
    name, kind, children = shown
    return Object(name, kind, [_object(child) for child in children])


def _number(target: str) -> int:
    return int(target.removeprefix("cpu"))


def _pages(address: int, size: int) -> list[tuple[int, int]]:
    """The stretches of a range, each within a page."""
    pieces, end = [], address + size
    while address < end:
        length = min(end, (address // PAGE + 1) * PAGE) - address
        pieces.append((address, length))
        address += length
    return pieces


def _nothing_at(address: int, size: int) -> str:
    return (f"{size} bytes at {address:#x} cannot be reached: there is nothing, a device that "
            "refuses, or no whole words of one")
