# SPDX-License-Identifier: Apache-2.0
"""Runs many scenarios, each in its own process, a few at a time."""

from __future__ import annotations

import os
import select
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from glob import glob, has_magic
from pathlib import Path
from typing import Any

from . import paths
from .child import Child, target_of
from .display import Display
from .errors import UsageError, most_severe
from .run_folder import RunFolder, junit
from .runner import Job
from .scenarios import Found, find


@dataclass(frozen=True)
class Plan:
    """What `./orrery run` has been asked to do with every scenario it runs."""

    #: A job to copy: everything that all jobs have in common.
    template: Job
    out: Path | None = None
    junit: Path | None = None
    jobs: int = 1
    host_limit: float | None = None
    quiet: bool = False


def choose(selections: Sequence[str]) -> list[Found]:
    """The scenarios meant by files, folders, globs and `FILE::NAME`, each once.

    A file that is not Python stands for one scenario of its own name, which will say so.
    """
    chosen: list[Found] = []
    for selection in selections:
        pattern, _, wanted = selection.partition("::")
        for path in _files(pattern):
            found = _scenarios_in(path)
            if wanted:
                names = ", ".join(scenario.name for scenario in found)
                found = [scenario for scenario in found if scenario.name == wanted]
                if not found:
                    raise UsageError(f'{path} has no scenario "{wanted}" (it has {names})')
            chosen += [scenario for scenario in found if scenario not in chosen]
    return chosen


def run(plan: Plan, scenarios: Sequence[Found]) -> int:
    """Runs all scenarios and returns the exit code that stands for them."""
    display = Display(plan.quiet)
    _check_writable(plan.junit)
    folders = _folders(plan, scenarios)
    waiting = [(_job(plan, one, folder), folder) for one, folder in zip(scenarios, folders)]
    running: list[Child] = []
    finished: list[Child] = []
    started = time.monotonic()
    try:
        while waiting or running:
            while waiting and len(running) < plan.jobs:
                running.append(_start(plan, *waiting.pop(0), display))
            wait(running)
            for child in [child for child in running if child.check()]:
                running.remove(child)
                finished.append(child)
                assert child.result is not None
                display.finished(child.result, child.folder.target)
            display.update(running)
    except BaseException:
        display.clear()
        for child in running:
            child.abandon()
        for folder in folders:
            folder.discard()
        raise
    order = {id(folder): place for place, folder in enumerate(folders)}
    finished.sort(key=lambda child: order[id(child.folder)])
    results: list[dict[str, Any]] = [child.result for child in finished if child.result]
    display.summary(results, time.monotonic() - started)
    if plan.junit:
        plan.junit.write_text(junit(results), "utf-8")
    return most_severe([result["exit_code"] for result in results])


def _start(plan: Plan, job: Job, folder: RunFolder, display: Display) -> Child:
    child: Child

    def output(text: str) -> None:
        display.output(child, text)

    child = Child(job, folder, plan.host_limit, output)
    display.started(child)
    return child


def wait(children: Sequence[Child]) -> None:
    """Takes in what running scenarios say, or waits a moment for it."""
    owners = {descriptor: child for child in children for descriptor in child.descriptors}
    if not owners:
        time.sleep(0.01)  # both ends are closed, the process is about to end
        return
    ready, _, _ = select.select(list(owners), [], [], 0.1)
    for descriptor in ready:
        owners[descriptor].read(descriptor)


def _job(plan: Plan, scenario: Found, folder: RunFolder) -> Job:
    return replace(
        plan.template, file=str(scenario.path), scenario=scenario.name, folder=str(folder.work)
    )


def _folders(plan: Plan, scenarios: Sequence[Found]) -> list[RunFolder]:
    """A run folder for each scenario, made before anything starts."""
    count = Counter(scenario.name for scenario in scenarios)
    folders: list[RunFolder] = []
    try:
        for one in scenarios:
            # Scenarios of one name in several files are told apart by the file.
            name = one.name if count[one.name] == 1 else f"{one.path.stem}.{one.name}"
            target = target_of(plan.out, name, plan.template.label, len(scenarios) == 1)
            if any(folder.target == target for folder in folders):
                raise UsageError(f"two scenarios would write the run folder {target}")
            folders.append(RunFolder(target))
    except UsageError:
        for folder in folders:
            folder.discard()
        raise
    return folders


def _files(pattern: str) -> list[Path]:
    path = Path(pattern)
    if path.is_dir():
        files = sorted(path.glob("*.py"))
        if not files:
            raise UsageError(f"there is no scenario file in {pattern}")
        return files
    if has_magic(pattern) and not path.exists():
        files = [Path(name) for name in sorted(glob(pattern, recursive=True))]
        if not files:
            raise UsageError(f'no file matches "{pattern}"')
        return files
    # The project's own scenarios can be named from anywhere, and without their folder.
    known = (path, paths.ROOT / path, paths.ROOT / "scenarios" / f"{pattern}.py")
    for candidate in known:
        if candidate.is_file():
            return [candidate]
    raise UsageError(f'there is no scenario file "{pattern}"')


def _scenarios_in(path: Path) -> list[Found]:
    try:
        found = find(path)
    except (SyntaxError, ValueError):
        return [Found(path, path.stem, "")]
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    if not found:
        raise UsageError(f"{path} holds no scenario: mark a function with @scenario")
    return found


def _check_writable(path: Path | None) -> None:
    if path is None:
        return
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UsageError(f"the JUnit file {path} cannot be written")
