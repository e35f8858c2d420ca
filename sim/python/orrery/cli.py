# SPDX-License-Identifier: Apache-2.0
"""The command line: `./orrery run`, `checkpoint`, `list`, `compare` and `inspect`."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from . import backend, checkpoint, checkpoint_command, driver, inspector, paths
from .compare import command as compare
from .errors import EXIT_INTERRUPTED, EXIT_PASSED, EXIT_USAGE, UsageError
from .options import (
    boot_words,
    check_machine,
    check_snapshots,
    debugger_address,
    duration,
    file,
    natural,
    positive,
    session_address,
    settings,
)
from .runner import Job
from .scenarios import Found
from .session import Address, Listener
from .units import s


# Options that a checkpoint has already, by their names in here.
_OF_A_RECIPE = ("on", "cpu", "fidelity", "seed", "set", "bootargs", "trace", "record_allocations",
                "time_limit", "archive", "image", "device_tree", "entry")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence; its help is the launcher's, which has no Python.

    Options are written out: the launcher reads some of them too, and a short form of today would
    be ambiguous with an option of tomorrow.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_abbrev=False, **settings)

    def format_help(self) -> str:
        name = self.prog.rpartition(" ")[2].removeprefix("./")
        return (paths.HELP / f"{name}.txt").read_text("utf-8")

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {_help_of(self.prog)})")


def _help_of(program: str) -> str:
    """What shows the help of `./orrery` or of `./orrery COMMAND`."""
    return " ".join(["./orrery help", *program.split()[1:]])


def main(arguments: list[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _interrupt)
    verbose = "-v" in (arguments or sys.argv) or "--verbose" in (arguments or sys.argv)
    try:
        return _command(arguments)
    except UsageError as error:
        if verbose:
            traceback.print_exc()
        print(f"orrery: {error}", file=sys.stderr)
        return EXIT_USAGE
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_PASSED
    except OSError as error:
        # A run folder that has gone away, a disk that is full.
        if verbose:
            traceback.print_exc()
        print(f"orrery: the results cannot be written: {error}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        print("orrery: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED


def _command(arguments: list[str] | None) -> int:
    """Does what the command line says. What a command does not know belongs to its own help."""
    options, unknown = _parser().parse_known_args(arguments)
    if unknown:
        kind = "option" if unknown[0].startswith("-") else "argument"
        raise UsageError(
            f'there is no {kind} "{unknown[0]}" (see {_help_of(f"./orrery {options.name}")})'
        )
    return options.command(options)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """Ends like Ctrl-C, so that nothing is left behind."""
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="./orrery")
    commands = parser.add_subparsers(dest="name", metavar="COMMAND", required=True)

    run = commands.add_parser("run")
    run.set_defaults(command=_run)
    run.add_argument("files", nargs="*", metavar="FILE")
    run.add_argument("--from", dest="checkpoint", type=Path, metavar="CHECKPOINT")
    _add_recipe(run)
    run.add_argument("--session", type=session_address, metavar="ADDRESS")
    run.add_argument("--session-wait", action="store_true")
    run.add_argument("--snapshots", type=duration, metavar="INTERVAL")
    run.add_argument("--gdb", type=debugger_address, metavar="ADDRESS")
    run.add_argument("--gdb-wait", action="store_true")
    run.add_argument("--out", type=Path)
    run.add_argument("--junit", type=Path)
    run.add_argument("--jobs", type=positive)
    run.add_argument("--host-limit", type=duration)
    run.add_argument("-q", "--quiet", action="store_true")
    run.add_argument("-v", "--verbose", action="store_true")

    checkpoint = commands.add_parser("checkpoint")
    checkpoint.set_defaults(command=_checkpoint)
    checkpoint.add_argument("files", nargs=1, metavar="FILE")
    checkpoint.add_argument("--at", type=duration, required=True)
    checkpoint.add_argument("--out", type=Path, required=True)
    _add_recipe(checkpoint)
    checkpoint.add_argument("--host-limit", type=duration)
    checkpoint.add_argument("-v", "--verbose", action="store_true")

    listing = commands.add_parser("list")
    listing.set_defaults(command=_list)
    listing.add_argument("files", nargs="*", metavar="FILE")

    compare.add_to(commands.add_parser("compare"))
    inspector.add_to(commands.add_parser("inspect"))
    return parser


def _add_recipe(parser: argparse.ArgumentParser) -> None:
    """Options that make a run what it is."""
    run = parser
    run.add_argument("--on", default="soc")
    run.add_argument("--cpu", choices=backend.CPU_KINDS)
    run.add_argument("--fidelity", choices=backend.FIDELITIES)
    run.add_argument("--seed", type=natural)
    run.add_argument("--set", action="append", default=[])
    run.add_argument("--bootargs", type=boot_words)
    run.add_argument("--trace", action="store_true")
    run.add_argument("--record-allocations", type=Path, metavar="FILE")
    run.add_argument("--time-limit", type=duration)
    # For tests of the kernel and of this program: other inputs than the built ones, entry at EL2.
    run.add_argument("--archive", type=file)
    run.add_argument("--image", type=file)
    run.add_argument("--device-tree", type=file)
    run.add_argument("--entry", choices=("el1", "el2"), default="el1")


def _job(options: argparse.Namespace) -> Job:
    """What all scenarios of a command have in common."""
    check_machine(options.on, options.cpu, options.fidelity)
    recording = options.record_allocations
    return Job(
        file="", scenario="", folder="", on=options.on,
        settings=settings(options.set), bootargs=options.bootargs or "", seed=options.seed,
        time_limit=options.time_limit,
        trace=options.trace,
        record_allocations=str(recording.absolute()) if recording else None,
        archive=options.archive, image=options.image,
        device_tree=options.device_tree, entry_level=int(options.entry[2]),
        cpu=options.cpu, fidelity=options.fidelity, verbose=options.verbose,
    )


def _chosen(options: argparse.Namespace) -> tuple[Job, list[Found]]:
    """What is to be run: what the command line names, or what a checkpoint is of."""
    if options.checkpoint is None:
        if not options.files:
            raise UsageError(
                "name what to run: --from CHECKPOINT, or a FILE (see ./orrery help run)")
        job = _job(options)
        return job, driver.choose(options.files)
    plain = _parser().parse_args(["run", "nothing"])
    given = [name for name in vars(plain) if name in _OF_A_RECIPE
             and getattr(options, name) != getattr(plain, name)]
    if options.files or given:
        what = "FILE" if options.files else f"--{given[0].replace('_', '-')}"
        raise UsageError(
            f"{what} does not go with --from: the checkpoint says what is run, and how")
    made = checkpoint.read(options.checkpoint)
    job = Job(**made["recipe"], folder="", verbose=options.verbose,
              restore=str(options.checkpoint.absolute()))
    return job, checkpoint_command.found(job)


def _run(options: argparse.Namespace) -> int:
    template, scenarios = _chosen(options)
    if template.record_allocations and len(scenarios) > 1:
        raise UsageError("--record-allocations goes with one scenario, which FILE then is of")
    _check_served(options, template.on, len(scenarios))
    if options.snapshots:
        check_snapshots(template.on, options.session is not None)
    template.session_wait, template.gdb_wait = options.session_wait, options.gdb_wait
    template.snapshots = options.snapshots or 0
    plan = driver.Plan(
        template=template, out=options.out, junit=options.junit,
        jobs=options.jobs or len(os.sched_getaffinity(0)),
        host_limit=_host_limit(options), quiet=options.quiet,
    )
    with contextlib.ExitStack() as listeners:
        if options.session:
            template.session = _listen(listeners, options.session, "session on", "the session")
        if options.gdb:
            template.gdb = _listen(listeners, options.gdb, "GDB stub on", "GDB")
        return driver.run(plan, scenarios)


def _check_served(options: argparse.Namespace, on: str, scenarios: int) -> None:
    """Refuses what makes no sense of the options of sessions and of GDB."""
    for name, wait, address, who in (
        ("--session", options.session_wait, options.session, "whose clients it waits for"),
        ("--gdb", options.gdb_wait, options.gdb, "which it waits for"),
    ):
        if wait and not address:
            raise UsageError(f"{name}-wait goes with {name}, {who}")
        if address and scenarios > 1:
            raise UsageError(f"{name} goes with one scenario, which FILE then is of")
    if options.gdb and on == "qemu":
        raise UsageError(
            "Unsupported: --gdb goes with --on soc; QEMU has a stub of its own, see "
            "docs/debugging.md")


def _listen(
    listeners: contextlib.ExitStack, address: Address, title: str, what: str
) -> int:
    """Begins to listen, says where and for whom, and returns the socket's descriptor."""
    listener = Listener(address, what)
    listeners.callback(listener.close)
    print(f"{title} {listener.address}, {listener.audience}", file=sys.stderr, flush=True)
    return listener.socket.fileno()


def _checkpoint(options: argparse.Namespace) -> int:
    plan = driver.Plan(template=_job(options), host_limit=_host_limit(options))
    return checkpoint_command.make(plan, driver.choose(options.files), options.at, options.out)


def _host_limit(options: argparse.Namespace) -> float | None:
    return options.host_limit / s if options.host_limit else None


def _list(options: argparse.Namespace) -> int:
    scenarios = driver.choose(options.files or [str(paths.ROOT / "scenarios")])
    names = [f"{paths.display(one.path.resolve())}::{one.name}" for one in scenarios]
    width = max(map(len, names))
    for name, one in zip(names, scenarios):
        print(f"{name:<{width}}  {one.summary}".rstrip())
    return EXIT_PASSED


if __name__ == "__main__":
    sys.exit(main())
