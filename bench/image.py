# SPDX-License-Identifier: Apache-2.0
"""The size of the kernel image: the file that boots, and its memory with .bss."""

from __future__ import annotations

import struct

from orrery import bench, paths


def measure(sheet: bench.Sheet) -> None:
    """Reads the image's header (Linux arm64 boot protocol)."""
    image = paths.kernel_image().read_bytes()
    (memory,) = struct.unpack_from("<Q", image, 0x10)
    sheet.row("kernel image, file", len(image) / 1024, "KiB", "under 200 KiB")
    sheet.row("kernel image, in memory", memory / 1024, "KiB")
