# SPDX-License-Identifier: Apache-2.0
"""Recordings of page-frame allocations, kept and read for a replay: docs/allocation-traces.md."""

from __future__ import annotations

import csv
import gzip
import heapq
import io
import os
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import UsageError

COLUMNS = ("time_ns", "operation", "order", "mobility", "cpu", "owner", "task", "block")
#: Slots that a task has for blocks (abi::frame_slots), CPUs and orders that a word has room for.
_SLOTS, _CPUS, _ORDERS = 1 << 18, 8, 11
_PAGE = 4096


@dataclass(frozen=True)
class Operation:
    """A row of a recording."""

    allocates: bool
    order: int
    unmovable: bool
    cpu: int
    block: int


def read(path: Path) -> Iterator[Operation]:
    """The operations of a recording in their order; `.gz` is uncompressed.

    Raises `UsageError` for a file that cannot be read or is no recording.
    """
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("ascii")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UsageError(f"the recording {path} cannot be read: {error}") from error
    rows = csv.DictReader(io.StringIO(text))
    if rows.fieldnames is None or tuple(rows.fieldnames[: len(COLUMNS)]) != COLUMNS:
        raise UsageError(f"{path} is no recording of allocations: it begins with other columns")
    for row in rows:
        try:
            yield _operation(row)
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(f"{path}, line {rows.line_num}: no operation ({error})") from error


def _operation(row: dict[str, str]) -> Operation:
    operation = Operation(
        allocates={"allocate": True, "free": False}[row["operation"]], order=int(row["order"]),
        unmovable=row["mobility"] == "unmovable", cpu=int(row["cpu"]), block=int(row["block"], 16),
    )
    if not 0 <= operation.order < _ORDERS or not 0 <= operation.cpu < _CPUS:
        raise ValueError("its order or its CPU is out of range")
    if operation.block % (_PAGE << operation.order):
        raise ValueError("its block is not aligned to its size")
    return operation


def put(recording: Path, target: Path) -> None:
    """Moves a complete recording to its place, compressed if its name ends in `.gz`.

    Raises `UsageError` if it cannot be written there.
    """
    draft = target.with_name(f".{target.name}.partial")
    try:
        if target.suffix == ".gz":
            # Without a name and a time, so that the same recording gives the same bytes.
            draft.write_bytes(gzip.compress(recording.read_bytes(), mtime=0))
        else:
            shutil.copyfile(recording, draft)
        os.replace(draft, target)
        recording.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"the recording {target} cannot be written: {reason}") from error


def replay_words(path: Path) -> bytes:
    """A recording as the words of user/lib/ageing/replay.hpp, little-endian."""
    replay = _Replay()
    words = [word for operation in read(path) for word in replay.words(operation)]
    return struct.pack(f"<{len(words)}I", *words)


@dataclass
class _Held:
    """A block that is allocated, of which parts may have been freed."""

    order: int
    slot: int
    left: int


class _Replay:
    """Gives every block a slot while it is allocated, the lowest that is free."""

    def __init__(self) -> None:
        self._held: dict[int, _Held] = {}
        self._free_slots: list[int] = []
        self._next_slot = 0

    def words(self, operation: Operation) -> Iterator[int]:
        """The words that an operation becomes: one, or none for part of a block."""
        if operation.allocates:
            if operation.block in self._held:
                raise UsageError(f"the block {operation.block:#x} is allocated twice in a recording")
            held = _Held(operation.order, self._new_slot(), 1 << operation.order)
            self._held[operation.block] = held
            yield self._word(operation, held)
            return
        # A block that was split is freed piece by piece; it goes with its last piece.
        base, held = self._holder(operation)
        held.left -= 1 << operation.order
        if held.left == 0:
            del self._held[base]
            heapq.heappush(self._free_slots, held.slot)
            yield self._word(operation, held)

    def _holder(self, operation: Operation) -> tuple[int, _Held]:
        for order in range(operation.order, _ORDERS):
            base = operation.block & -(_PAGE << order)
            held = self._held.get(base)
            if held is not None and held.order >= order:
                return base, held
        raise UsageError(f"the block {operation.block:#x} is freed but not allocated in a recording")

    def _new_slot(self) -> int:
        if self._free_slots:
            return heapq.heappop(self._free_slots)
        self._next_slot += 1
        if self._next_slot > _SLOTS:
            raise UsageError(f"a recording holds more than {_SLOTS} blocks at once")
        return self._next_slot - 1

    @staticmethod
    def _word(operation: Operation, held: _Held) -> int:
        return (
            held.slot | held.order << 18 | operation.unmovable << 22
            | (not operation.allocates) << 23 | operation.cpu << 24
        )
