# SPDX-License-Identifier: Apache-2.0
"""Where things are: the source tree, and what the build made of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType

from .errors import SimulatorError

#: The root of the source tree.
ROOT: Path = Path(__file__).resolve().parents[3]


#: Help texts, shared with the launcher.
HELP: Path = ROOT / "sim" / "python" / "help"


def build_folder() -> Path:
    """The build tree: `build/` at the root, or what ORRERY_BUILD names."""
    return Path(os.environ.get("ORRERY_BUILD") or ROOT / "build")


def kernel_image() -> Path:
    """The AArch64 kernel image."""
    return build_folder() / "kernel" / "orrery.img"


def initial_archive() -> Path:
    """The archive of programs and files that the phone boots with."""
    return build_folder() / "user" / "initrd.cpio"


def display(path: Path) -> str:
    """A path as short as it can be said from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def from_root(path: Path) -> str:
    """A path as results name it: from the root of the source tree where it lies in there."""
    whole = path.resolve()
    return str(whole.relative_to(ROOT)) if whole.is_relative_to(ROOT) else str(path)


def native(memory: bool = False) -> ModuleType:
    """The simulator's C++ module, `_orrery`: with `memory`, the one whose kernel tells what it does
    in memory, unless the process has loaded the other one already.

    Raises `SimulatorError` with one sentence when it has not been built.
    """
    folder = build_folder() / "python"
    if memory and (folder / "memory").is_dir():
        folder = folder / "memory"
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    try:
        import _orrery
    except ImportError as error:
        raise SimulatorError(
            f"the simulator's Python module cannot be loaded ({error}): run ./orrery build first"
        ) from error
    return _orrery
