# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: files with which a run can be continued from where it was.

A checkpoint holds the recipe of a run, what clients changed in it, where it was, and digests of its
state there. It is restored by running the recipe again up to that place, which a deterministic
machine can; the digests prove that it is the same state. So a checkpoint is small and holds on
another host, and restoring takes as long as the run took to get there (docs/time-travel.md).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import paths
from .errors import UsageError
from .units import format_duration

if TYPE_CHECKING:
    from .runner import Job

_FORMAT = 1
#: Fields of a job that make the run what it is.
RECIPE = ("file", "scenario", "on", "settings", "seed", "time_limit", "trace",
          "record_allocations", "archive", "image", "device_tree", "entry_level", "cpu",
          "fidelity", "bootargs")
_PATHS = ("file", "archive", "image", "device_tree", "record_allocations")


class Written(BaseException):
    """A checkpoint has been made, for which alone the run was.

    Not an `Exception`, so that no `except Exception` in a scenario keeps a run alive.
    """


def recipe_of(job: Job, native: str) -> dict[str, Any]:
    """What the run of a job is made of; `native` is the file of the simulator's module."""
    recipe = {name: value for name, value in asdict(job).items() if name in RECIPE}
    for name in _PATHS:
        if recipe[name] is not None:
            recipe[name] = paths.from_root(Path(recipe[name]).absolute())
    inputs = {
        "scenario": Path(job.file), "archive": Path(job.archive or paths.initial_archive()),
        "simulator": Path(native),
    }
    if job.cpu == "iss":
        inputs["image"] = Path(job.image or paths.kernel_image())
    if job.device_tree:
        inputs["device tree"] = Path(job.device_tree)
    digests = {name: _digest(path) for name, path in inputs.items()}
    return {"orrery_checkpoint": _FORMAT, "recipe": recipe, "inputs": digests}


def read(path: Path) -> dict[str, Any]:
    """A checkpoint from its file; raises `UsageError`."""
    try:
        checkpoint = json.loads(path.read_text("utf-8"))
        known = checkpoint["orrery_checkpoint"]
        recipe, place = checkpoint["recipe"], checkpoint["position"]
        whole = isinstance(place["time"], int) and set(recipe) == set(RECIPE)
    except OSError as error:
        raise UsageError(f"the checkpoint {path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{path} is not a checkpoint, or a damaged one: make one with ./orrery checkpoint"
        ) from error
    if known != _FORMAT or not whole:
        raise UsageError(f"{path} is a checkpoint of another version of Orrery: make it again")
    for name in _PATHS:
        if recipe[name] is not None:
            recipe[name] = str(paths.ROOT / recipe[name])
    return dict(checkpoint)


def write(path: Path, checkpoint: dict[str, Any]) -> None:
    """Writes the file, whole or not at all; raises `UsageError`."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_text(json.dumps(checkpoint, indent=1) + "\n", "utf-8")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise UsageError(f"the checkpoint {path} cannot be written: {error.strerror}") from error


def check_inputs(checkpoint: dict[str, Any], job: Job, native: str) -> None:
    """Refuses to begin with other inputs than the checkpoint's; raises `UsageError`."""
    have = recipe_of(job, native)["inputs"]
    other = [name for name in have if have[name] != checkpoint["inputs"].get(name)]
    if other:
        time = format_duration(checkpoint["position"]["time"])
        raise UsageError(
            f"the {other[0]} is another than when the checkpoint at {time} was made: "
            "make the checkpoint again")


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise UsageError(f"{paths.display(path)} cannot be read: {error.strerror}") from error
