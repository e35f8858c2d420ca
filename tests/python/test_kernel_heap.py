# SPDX-License-Identifier: Apache-2.0
"""The kernel heap's figures as Python shows them."""

import unittest
from types import SimpleNamespace

from orrery.kernel_heap import heap_metrics, kernel_heap_of


def view(allocator: str) -> SimpleNamespace:
    return SimpleNamespace(kernel_heap=SimpleNamespace(
        allocator=allocator, debug=True, frames=3, objects=20, bytes=4000, shown_ns=700
    ))


class KernelHeap(unittest.TestCase):
    def test_figures_and_their_age(self) -> None:
        heap = kernel_heap_of(view("slab"), 1000)
        self.assertEqual((heap.allocator, heap.debug, heap.frames), ("slab", True, 3))
        self.assertEqual((heap.objects, heap.bytes, heap.age), (20, 4000, 300))
        self.assertEqual(kernel_heap_of(view("slab"), 600).age, 0)

    def test_metrics(self) -> None:
        self.assertEqual(heap_metrics(view("tlsf")), {
            "heap.frames": (3, ""), "heap.objects": (20, ""), "heap.bytes": (4000, "B"),
        })
        self.assertEqual(heap_metrics(view("")), {})


if __name__ == "__main__":
    unittest.main()
