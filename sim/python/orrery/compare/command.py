# SPDX-License-Identifier: Apache-2.0
"""`./orrery compare`: its command line, and what happens from there to the report."""

from __future__ import annotations

import argparse
import fcntl
import importlib.util
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .. import backend, driver, paths
from ..errors import UsageError, most_severe
from ..options import boot_words, check_machine, duration, file, natural, positive, settings
from ..runner import Job
from ..scenarios import Found
from ..units import s
from . import versions
from .execution import Execution, start_child
from .export import write_csv
from .plan import Comparison, parse_variation
from .progress import Progress
from .store import Store

#: Modules that the report needs beside Python's own, by the package of Debian that has them.
NEEDED = {
    "jinja2": "python3-jinja2", "matplotlib": "python3-matplotlib", "scipy": "python3-scipy",
}


def add_to(parser: argparse.ArgumentParser) -> None:
    """Teaches a parser this command's options."""
    parser.set_defaults(command=compare)
    parser.add_argument("scenario", metavar="SCENARIO")
    parser.add_argument("--vary", action="append", required=True)
    parser.add_argument("--seeds", type=positive, required=True)
    parser.add_argument("--on", default="soc")
    parser.add_argument("--cpu", choices=backend.CPU_KINDS)
    parser.add_argument("--fidelity", choices=backend.FIDELITIES)
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--bootargs", type=boot_words)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--jobs", type=positive)
    parser.add_argument("--time-limit", type=duration)
    parser.add_argument("--host-limit", type=duration)
    parser.add_argument("--retry-failed", action="store_true")
    parser.add_argument("-q", "--quiet", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true")
    # As for `run`.
    parser.add_argument("--archive", type=file)
    parser.add_argument("--image", type=file)


def compare(options: argparse.Namespace) -> int:
    """Runs what is missing of the comparison and writes its results; returns the exit code."""
    _check_packages()
    scenario = _scenario(options.scenario)
    comparison = _comparison(options, scenario)
    out = options.out or Path("runs") / f"compare-{scenario.name}"
    with _alone_in(out):
        store = Store(out, comparison, versions.of_runs(comparison))
        try:
            return _run(options, comparison, scenario, store, out)
        except sqlite3.Error as error:
            raise UsageError(
                f"{paths.display(store.path)} cannot be written ({error}): start again to "
                "continue once it can"
            ) from error
        finally:
            store.close()


def _run(
    options: argparse.Namespace, comparison: Comparison, scenario: Found, store: Store, out: Path
) -> int:
    if options.retry_failed:
        store.forget_failures()
    progress = Progress(comparison, len(store.done()), options.quiet)
    limit = comparison.host_limit
    execution = Execution(comparison, store, out, progress, start_child(limit))
    try:
        execution.run(options.jobs or len(os.sched_getaffinity(0)))
    except KeyboardInterrupt:
        progress.interrupted()
        raise
    progress.ended()
    for path in _results(comparison, scenario, store, out):
        progress.say(f"-> {paths.display(path)}")
    codes = [code for (code,) in store.query("SELECT exit_code FROM runs")]
    failed = sum(code != 0 for code in codes)
    if failed:
        progress.complain(f"{failed} of {len(codes)} runs did not pass: see the report")
    return most_severe(codes)


def _results(
    comparison: Comparison, scenario: Found, store: Store, out: Path
) -> Iterator[Path]:
    # Here, because the packages that these need are there only once this command was started.
    from .analysis import analyse
    from .report import write_report

    tools = versions.of_tools()
    command = comparison.command(out)
    store.describe(command, scenario.summary, tools)
    yield store.path
    yield write_csv(store, comparison, out)
    analysis = analyse(store, comparison.variants, comparison.variations, comparison.seeds)
    yield write_report(store, comparison, analysis, {
        "command": command, "summary": scenario.summary, "versions": store.versions(),
    }, out)


def _comparison(options: argparse.Namespace, scenario: Found) -> Comparison:
    check_machine(options.on, options.cpu, options.fidelity)
    template = Job(
        file=str(scenario.path), scenario=scenario.name, folder="", on=options.on,
        settings=settings(options.set), bootargs=options.bootargs or "",
        time_limit=options.time_limit, archive=options.archive, image=options.image,
        cpu=options.cpu, fidelity=options.fidelity, verbose=options.verbose,
    )
    for key in ("cpu", "fidelity"):
        if getattr(options, key) and any(v.partition("=")[0] == key for v in options.vary):
            raise UsageError(f"--{key} is given and varied: leave one of them out")
    return Comparison(
        template, tuple(parse_variation(text) for text in options.vary), options.seeds,
        options.host_limit / s if options.host_limit else None,
    )


def _scenario(selection: str) -> Found:
    found = driver.choose([selection])
    if len(found) > 1:
        names = ", ".join(one.name for one in found)
        raise UsageError(f"compare takes one scenario, FILE::NAME: {selection} holds {names}")
    return found[0]


def _check_packages() -> None:
    missing = [NEEDED[name] for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(
            f"compare needs {', '.join(missing)}: start it with ./orrery compare once"
        )


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keeps a second comparison out of the folder meanwhile."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise UsageError(
            f"the folder {paths.display(folder)} cannot be written: {error.strerror}"
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                f"another ./orrery compare is at work in {paths.display(folder)}"
            ) from error
        yield
    finally:
        os.close(descriptor)
