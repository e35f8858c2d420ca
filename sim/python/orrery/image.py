# SPDX-License-Identifier: Apache-2.0
"""The kernel image as a file: the header of the Linux arm64 boot protocol, and what it says."""

from __future__ import annotations

import struct
from pathlib import Path

from . import paths
from .errors import SimulatorError

# Offset of kernel_hold() and the file's own size stand in words that the protocol reserves (0: the
# image does not say).
_HEADER = struct.Struct("<32x Q 16x 4s I")
_MAGIC = b"ARM\x64"


def check_image(path: Path) -> None:
    """Refuses what cannot be a kernel image, or ends before its code does."""
    image = path.read_bytes()
    if len(image) >= _HEADER.size:
        hold, magic, size = _HEADER.unpack_from(image)
        if magic != _MAGIC:
            raise SimulatorError(f"{paths.display(path)} is not a kernel image")
        if max(hold + 4, size) <= len(image):
            return
    raise SimulatorError(f"the kernel image {paths.display(path)} is cut off")
