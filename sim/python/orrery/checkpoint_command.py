# SPDX-License-Identifier: Apache-2.0
"""`./orrery checkpoint`: runs a scenario up to a time and keeps that moment in a file."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from . import driver, paths
from .errors import EXIT_PASSED, UsageError
from .runner import Job
from .scenarios import Found
from .units import format_duration


def make(plan: driver.Plan, scenarios: list[Found], at: int, out: Path) -> int:
    """Makes the checkpoint; returns the exit code. What the run itself would leave is not kept."""
    if len(scenarios) != 1:
        raise UsageError("a checkpoint is of one scenario, which FILE then is of")
    if plan.template.on != "soc":
        raise UsageError(
            f"Unsupported: checkpoints are not offered on {plan.template.on}: choose --on soc")
    whole = out.absolute()
    if not whole.parent.is_dir():
        raise UsageError(f"the checkpoint {out} cannot be written: there is no such folder")
    template = replace(plan.template, checkpoint_at=at, checkpoint=str(whole))
    with tempfile.TemporaryDirectory() as folder:
        plan = replace(plan, template=template, out=Path(folder) / "run", quiet=True)
        code = driver.run(plan, scenarios)
    if code == EXIT_PASSED:
        name = f"{scenarios[0].name} on {template.label}"
        print(f"checkpoint of {name} at {format_duration(at)} -> {paths.display(whole)}",
              file=sys.stdout)
    return code


def found(job: Job) -> list[Found]:
    """The scenario that a checkpoint is of."""
    name = f"{job.file}::{job.scenario}"
    scenarios = driver.choose([name])
    if len(scenarios) != 1:
        raise UsageError(f"there is no one scenario {name}")
    return scenarios
