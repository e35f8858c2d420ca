# SPDX-License-Identifier: Apache-2.0
"""Fragmentation, counted by hand."""

import unittest
from types import SimpleNamespace

from orrery import MemoryNode, PageFrames
from orrery.page_frames import frame_metrics, page_frames_of


def frames(*histograms: list[int]) -> PageFrames:
    nodes = tuple(
        MemoryNode(
            id=i, frames_total=5000, frames_free=sum(n << k for k, n in enumerate(blocks)),
            metadata_bytes=10, free_blocks=tuple(blocks),
        )
        for i, blocks in enumerate(histograms)
    )
    return PageFrames(allocator="buddy", page_cache=False, age=0, nodes=nodes)


class Fragmentation(unittest.TestCase):
    def test_whole_memory(self) -> None:
        whole = frames([0] * 9 + [1, 2], [0] * 9 + [0, 1])
        self.assertEqual(whole.free_blocks, (0,) * 9 + (1, 3))
        self.assertEqual(whole.free_2m, 7)
        self.assertEqual(whole.free_at(8), 14)
        self.assertEqual(whole.unusable_free_space_index(), 0)
        self.assertEqual(whole.fragmentation_index(), -1)
        self.assertEqual(whole.metadata_bytes, 20)

    def test_some_of_it_in_pieces(self) -> None:
        # 512 frames in one block, 512 in pieces of 1 and 2.
        mixed = frames([256, 128] + [0] * 7 + [1, 0])
        self.assertEqual(mixed.unusable_free_space_index(), 0.5)
        self.assertEqual(mixed.fragmentation_index(), -1)

    def test_all_of_it_in_pieces(self) -> None:
        # 1024 free frames, none beside another: two blocks of 2 MiB, if only they were together.
        pieces = frames([1024] + [0] * 10)
        self.assertEqual(pieces.unusable_free_space_index(), 1)
        self.assertAlmostEqual(pieces.fragmentation_index(), 1 - 3 / 1024)
        self.assertAlmostEqual(pieces.fragmentation_index(1), 1 - 513 / 1024)

    def test_too_little_memory(self) -> None:
        # One free frame: it fails for want of memory.
        little = frames([1] + [0] * 10)
        self.assertAlmostEqual(little.fragmentation_index(), 1 - (1 + 1 / 512))

    def test_no_memory(self) -> None:
        none = frames([0] * 11)
        self.assertEqual(none.unusable_free_space_index(), 1)
        self.assertEqual(none.fragmentation_index(), 0)

    def test_owners(self) -> None:
        node = SimpleNamespace(id=0, frames_total=9, frames_free=2, metadata_bytes=4,
                               free_blocks=[2] + [0] * 10)
        shown = SimpleNamespace(allocator="buddy", page_cache=False, shown_ns=0, nodes=[node],
                                owners=[("kernel", 4), ("tables", 3)], record_bytes=144)
        view = SimpleNamespace(frames_free=2, frames_total=9, page_frames=shown)
        self.assertEqual(page_frames_of(view, 5).owners, {"kernel": 4, "tables": 3})
        metrics = frame_metrics(view, 5)
        self.assertEqual(metrics["frames.owner.kernel"], (4, ""))
        self.assertEqual(metrics["frames.owner.tables"], (3, ""))
        self.assertEqual(metrics["frames.records"], (144, "B"))

    def test_metrics_before_memory_is_known(self) -> None:
        shown = SimpleNamespace(allocator="", page_cache=False, shown_ns=0, nodes=[], owners=[],
                                record_bytes=0)
        view = SimpleNamespace(frames_free=0, frames_total=0, page_frames=shown)
        self.assertEqual(set(frame_metrics(view, 5)), {"frames.free", "frames.total"})


if __name__ == "__main__":
    unittest.main()
