# SPDX-License-Identifier: Apache-2.0
"""Plan: what a controlled run is to do beside serving clients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .front import Front


@dataclass
class Plan:
    """Snapshots, a checkpoint to restore, and one to make."""

    #: Begin held.
    wait: bool = False
    #: Nanoseconds of simulated time between two snapshots; they need a front.
    interval: int = 0
    front: Front | None = None
    #: What is called in a process that was a snapshot and has the run now.
    on_wake: Callable[[], None] = lambda: None
    #: What the run is made of, for a checkpoint; None: none can be made.
    recipe: Callable[[], dict[str, Any]] | None = None
    #: The checkpoint to come to before anybody is served.
    restore: dict[str, Any] | None = None
    #: When to make a checkpoint, and what is done with it.
    checkpoint_at: int | None = None
    on_checkpoint: Callable[[dict[str, Any]], None] = lambda checkpoint: None
