# SPDX-License-Identifier: Apache-2.0
"""What a session sees of the phone in pure Python: one CPU, 64 KiB of memory, made-up records."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from orrery.session.inspection import PAGE, Inspection, Object, Refused

MEMORY_SIZE = 16 * PAGE
#: Virtual addresses lie so far above physical ones.
VIRTUAL = 0x1000_0000


class FakeTap:
    """As `_orrery.RecordTap`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._records: deque[tuple[Any, ...]] = deque()
        self.dropped = 0

    def add(self, *record: Any) -> None:
        if len(self._records) == self._limit:
            self._records.popleft()
            self.dropped += 1
        self._records.append(record)

    def take(self, most: int) -> list[tuple[Any, ...]]:
        return [self._records.popleft() for _ in range(min(most, len(self._records)))]

    @property
    def size(self) -> int:
        return len(self._records)


class FakeInspection(Inspection):
    """Instructions go on by one each microsecond, in which all breakpoints are passed."""

    cuts_anywhere = True
    quantum = 1000

    def __init__(self, backend: Any) -> None:
        super().__init__("fake")
        self._backend = backend
        self._memory = bytearray(MEMORY_SIZE)
        self._x0 = 0x1122_3344_5566_7788
        self.taps: list[FakeTap] = []
        self.breakpoints: set[int] = set()
        self.reached: Callable[[str, int], None] = lambda target, address: None

    def objects(self) -> list[Object]:
        return [Object("board", "sc_module", [Object("led<&>", "sc_module")])]

    def targets(self) -> list[str]:
        return ["cpu0"]

    def registers(self, target: str) -> dict[str, int]:
        others = {f"x{number}": number for number in range(1, 31)}
        return {"x0": self._x0, **others, "sp": VIRTUAL, "pc": VIRTUAL + 0x100, "pstate": 0}

    def vectors(self, target: str) -> bytes:
        return bytes(range(256)) * 2 + bytes(8)

    def address_space(self, target: str) -> int:
        return 0x8000

    def task(self, target: str) -> int:
        return 1

    def write_registers(self, target: str, values: dict[str, int]) -> None:
        self._x0 = values["x0"]

    def translate(self, target: str, address: int) -> int | None:
        physical = address - VIRTUAL
        return physical if 0 <= physical < MEMORY_SIZE else None

    def read_physical(self, address: int, size: int) -> bytes:
        self._check(address, size)
        return bytes(self._memory[address : address + size])

    def write_physical(self, address: int, data: bytes) -> None:
        self._check(address, len(data))
        self._memory[address : address + len(data)] = data

    def instructions(self, target: str) -> int:
        return self._backend.now // 1000

    def set_breakpoint(self, target: str, address: int, is_set: bool) -> None:
        (self.breakpoints.add if is_set else self.breakpoints.discard)(address)

    def on_breakpoint(self, handler: Callable[[str, int], None]) -> None:
        self.reached = handler

    def tap_trace(self, limit: int) -> FakeTap:
        self.taps.append(FakeTap(limit))
        return self.taps[-1]

    @staticmethod
    def _check(address: int, size: int) -> None:
        if address + size > MEMORY_SIZE:
            raise Refused(f"{size} bytes at {address:#x} are not all in memory")
