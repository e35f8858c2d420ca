# SPDX-License-Identifier: Apache-2.0
"""What a session sees of QEMU: memory, and registers through its debug stub."""

from __future__ import annotations

import os
from typing import Any

from .inspection import Inspection, Refused

# Bytes that one packet of the stub brings.
_LONGEST_READ = 1024
# Register numbers of AArch64 in org.gnu.gdb.aarch64.core, by QEMU's gdb-xml/aarch64-core.xml; cpsr
# has 32 bits.
_REGISTERS = {f"x{number}": number for number in range(31)} | {"sp": 31, "pc": 32, "pstate": 33}


class QemuInspection(Inspection):
    """A `QemuBackend` at rest. The board has no object tree to show."""

    def __init__(self, backend: Any) -> None:
        super().__init__("qemu")
        self._backend = backend

    def targets(self) -> list[str]:
        """The CPUs that the kernel has found."""
        return [f"cpu{number}" for number in range(len(self._backend.kernel().cpus))]

    def registers(self, target: str) -> dict[str, int]:
        """From the debug stub."""
        stub = self._stub(target)
        values = {name: stub.command(f"p{number:x}") for name, number in _REGISTERS.items()}
        return {name: int.from_bytes(bytes.fromhex(text), "little")
                for name, text in values.items()}

    def read_physical(self, address: int, size: int) -> bytes:
        """Memory only."""
        memory, offset = self._place(address, size)
        return os.pread(memory, size, offset)

    def read_virtual(self, target: str, address: int, size: int) -> bytes:
        """From the debug stub, which translates."""
        data, stub = b"", self._stub(target)
        while len(data) < size:
            length = min(size - len(data), _LONGEST_READ)
            data += bytes.fromhex(stub.command(f"m{address + len(data):x},{length:x}"))
        return data

    def tap_trace(self, limit: int) -> Any:
        """What goes into the trace."""
        try:
            return self._backend.tap_trace(limit)
        except RuntimeError as error:
            raise Refused(str(error)) from error

    def _stub(self, target: str) -> Any:
        # QEMU's stub calls the CPUs threads, from 1 on.
        stub = self._backend.debug_stub
        stub.command(f"Hg{int(target.removeprefix('cpu')) + 1:x}")
        return stub

    def _place(self, address: int, size: int) -> tuple[int, int]:
        for memory, base, length in self._backend.memory:
            if base <= address and address + size <= base + length:
                return memory, address - base
        raise Refused(f"{size} bytes at {address:#x} are not all in memory")

