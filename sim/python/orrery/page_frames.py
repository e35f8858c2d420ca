# SPDX-License-Identifier: Apache-2.0
"""Physical memory as the kernel's page-frame strategy shows it, and what is made of that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

#: Order of a block of 2 MiB in frames of 4 KiB.
HUGE_ORDER = 9


@dataclass(frozen=True)
class MemoryNode:
    """The memory of a NUMA node."""

    #: `numa-node-id` of the device tree.
    id: int
    #: Page frames of 4 KiB that the strategy manages, and the free ones.
    frames_total: int
    frames_free: int
    #: Bytes that the strategy and the page cache need for themselves.
    metadata_bytes: int
    #: Free blocks of 2^n frames at index n, each as large as it can be.
    free_blocks: tuple[int, ...]


@dataclass(frozen=True)
class PageFrames:
    """What the page-frame strategy showed when it last did: see `age`."""

    #: Name of the strategy, `page_allocator=` of the kernel command line.
    allocator: str
    #: Whether CPUs keep free frames of their own.
    page_cache: bool
    #: Nanoseconds since the kernel brought these figures up to date: every 256 allocations and
    #: frees of a CPU, and when a CPU has nothing to run. `frames.free` is always exact.
    age: int
    #: The nodes, by their ids.
    nodes: tuple[MemoryNode, ...]
    #: Frames that are not free, by who has them: `kernel`, `tables` (page tables), `anonymous`
    #: (memory of one task), `shared`, `file`, `swap` and `held`. Always exact.
    owners: dict[str, int] = field(default_factory=dict)
    #: Bytes of the kernel's records of frames: 16 a frame, whichever strategy there is.
    record_bytes: int = 0

    @property
    def free_blocks(self) -> tuple[int, ...]:
        """Free blocks of all nodes, by order."""
        return tuple(map(sum, zip(*(node.free_blocks for node in self.nodes))))

    @property
    def metadata_bytes(self) -> int:
        """Metadata of all nodes."""
        return sum(node.metadata_bytes for node in self.nodes)

    def free_at(self, order: int) -> int:
        """Blocks of an order that can be had: larger ones are cut into as many as they hold."""
        blocks = self.free_blocks
        return sum(blocks[i] << i - order for i in range(order, len(blocks)))

    @property
    def free_2m(self) -> int:
        """Free frames of 2 MiB."""
        return self.free_at(HUGE_ORDER)

    def unusable_free_space_index(self, order: int = HUGE_ORDER) -> float:
        """The share of free memory that is in blocks too small for an order, 0 to 1.

        After Linux, mm/vmstat.c, as /sys/kernel/debug/extfrag/unusable_index shows it: (free -
        suitable blocks * 2^order) / free; 1 when nothing is free.
        """
        free = sum(count << i for i, count in enumerate(self.free_blocks))
        return (free - (self.free_at(order) << order)) / free if free else 1.0

    def fragmentation_index(self, order: int = HUGE_ORDER) -> float:
        """Why an allocation of an order fails: towards 0 for want of memory, towards 1 because it
        is fragmented; -1 while it would succeed.

        After Linux, mm/vmstat.c, as /sys/kernel/debug/extfrag/extfrag_index shows it: 1 - (1 +
        free / 2^order) / free blocks of all orders; 0 when nothing is free.
        """
        blocks = self.free_blocks
        count = sum(blocks)
        if count == 0:
            return 0.0
        if self.free_at(order):
            return -1.0
        free = sum(number << i for i, number in enumerate(blocks))
        return 1 - (1 + free / (1 << order)) / count


def page_frames_of(view: Any, now: int) -> PageFrames:
    """The page frames of a kernel view at a time."""
    shown = view.page_frames
    return PageFrames(
        allocator=shown.allocator, page_cache=shown.page_cache, age=max(0, now - shown.shown_ns),
        nodes=tuple(
            MemoryNode(
                id=node.id, frames_total=node.frames_total, frames_free=node.frames_free,
                metadata_bytes=node.metadata_bytes, free_blocks=tuple(node.free_blocks),
            )
            for node in shown.nodes
        ),
        owners=dict(shown.owners), record_bytes=shown.record_bytes,
    )


def frame_metrics(view: Any, now: int) -> dict[str, tuple[float, str]]:
    """The metrics of page frames: of all nodes, and of each."""
    frames = page_frames_of(view, now)
    values: dict[str, tuple[float, str]] = {
        "frames.free": (view.frames_free, ""),
        "frames.total": (view.frames_total, ""),
    }
    if not frames.nodes:
        return values  # the kernel has not come to its memory yet
    values["frames.free_2m"] = (frames.free_2m, "")
    values["frames.unusable_index"] = (round(frames.unusable_free_space_index(), 6), "")
    values["frames.fragmentation_index"] = (round(frames.fragmentation_index(), 6), "")
    values["frames.metadata"] = (frames.metadata_bytes, "B")
    values["frames.records"] = (frames.record_bytes, "B")
    for owner, count in frames.owners.items():
        values[f"frames.owner.{owner}"] = (count, "")
    for node in frames.nodes:
        values[f"frames.node{node.id}.free"] = (node.frames_free, "")
        values[f"frames.node{node.id}.total"] = (node.frames_total, "")
    return values
