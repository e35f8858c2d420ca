# SPDX-License-Identifier: Apache-2.0
"""The kernel heap as the kernel shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class KernelHeap:
    """What the allocator of kernel objects showed when it last did: see `age`."""

    #: Its name, `kernel_heap=` of the kernel command line.
    allocator: str
    #: Whether objects have red zones and free memory is poisoned, `heap_debug=on`.
    debug: bool
    #: Page frames that it holds.
    frames: int
    #: Objects in use, and the bytes they take with rounding.
    objects: int
    bytes: int
    #: Nanoseconds since the kernel brought these figures up to date: when a CPU has nothing to run,
    #: at most once a millisecond, and when the machine is switched off.
    age: int


def kernel_heap_of(view: Any, now: int) -> KernelHeap:
    """The kernel heap of a kernel view at a time."""
    shown = view.kernel_heap
    return KernelHeap(
        allocator=shown.allocator, debug=shown.debug, frames=shown.frames, objects=shown.objects,
        bytes=shown.bytes, age=max(0, now - shown.shown_ns),
    )


def heap_metrics(view: Any) -> dict[str, tuple[float, str]]:
    """The metrics of the kernel heap; none before the kernel has one."""
    shown = view.kernel_heap
    if not shown.allocator:
        return {}
    return {
        "heap.frames": (shown.frames, ""),
        "heap.objects": (shown.objects, ""),
        "heap.bytes": (shown.bytes, "B"),
    }
