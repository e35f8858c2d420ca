# SPDX-License-Identifier: Apache-2.0
"""`./orrery inspect`: opens the inspector's window on a run folder, a trace, or a run that it
starts. The window is a program of its own, gui/window; this only starts it, and the run."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from . import backend, driver, paths
from .child import target_of
from .errors import EXIT_SIMULATOR, EXIT_USAGE, UsageError
from .options import check_machine, check_snapshots, duration, natural

#: Options of `./orrery run` that go with a scenario, and whether they have a value.
_RUN_OPTIONS = {
    "--on": True, "--cpu": True, "--fidelity": True, "--seed": True, "--set": True,
    "--bootargs": True, "--time-limit": True, "--session-wait": False, "--out": True,
}
# Host seconds between two looks for a session's socket.
_POLL_EVERY = 0.01
# A snapshot so often costs a run about 1 % (docs/time-travel.md).
_SNAPSHOTS = "10ms"
_WINDOW_OPTIONS = {"--theme": True, "--size": True, "--screenshot": True, "--panel": True,
                   "--do": True, "--reset-layout": False}


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.set_defaults(command=_inspect)
    parser.add_argument("target", nargs="?", metavar="RUN_DIR|TRACE|SCENARIO")
    snapshots = parser.add_mutually_exclusive_group()
    snapshots.add_argument("--snapshots", type=duration, metavar="INTERVAL")
    snapshots.add_argument("--no-snapshots", action="store_true")
    for name, has_value in (_RUN_OPTIONS | _WINDOW_OPTIONS).items():
        if has_value:
            parser.add_argument(name, action="append")
        else:
            parser.add_argument(name, action="store_true")


def program() -> Path:
    """The inspector's program."""
    return paths.build_folder() / "gui" / "window" / "orrery-inspector"


def display_problem() -> str | None:
    """Why no window can be opened here, in one sentence; None: it can."""
    if any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
        return None
    return ("there is no display for the inspector's window: log in with ssh -X, start it below "
            "xvfb-run, or open trace.pftrace in the Perfetto UI (docs/inspector.md)")


def _inspect(options: argparse.Namespace) -> int:
    if not program().is_file():
        raise UsageError("the inspector has not been built: start it with ./orrery inspect")
    if not options.screenshot and (problem := display_problem()):
        raise UsageError(problem)
    words = [str(program()), "--root", str(paths.ROOT), *_words(options, _WINDOW_OPTIONS)]
    if not options.target:
        raise UsageError("name a run folder, a trace or a scenario (see ./orrery help inspect)")
    if _is_recorded(Path(options.target)):
        if given := _words(options, _RUN_OPTIONS) + _asked_snapshots(options):
            raise UsageError(f"{given[0]} goes with a scenario, which is run; "
                             f"{options.target} has been")
        with subprocess.Popen([*words, options.target]) as window:
            window.wait()
        return _code(window)
    target = Path(options.target)
    if target.is_file() and target.suffix != ".py":
        raise UsageError(f"{target} is neither a run folder, nor a trace (.pftrace), nor a "
                         "scenario (.py)")
    return _run_and_inspect(options, words)


def _is_recorded(target: Path) -> bool:
    return target.suffix == ".pftrace" or (target.is_dir() and not any(target.glob("*.py")))


def _words(options: argparse.Namespace, names: dict[str, bool]) -> list[str]:
    """The options of these names, as they were given."""
    words: list[str] = []
    for name, has_value in names.items():
        given = getattr(options, name[2:].replace("-", "_"))
        if has_value:
            words += [f"{name}={value}" for value in given or ()]
        elif given:
            words.append(name)
    return words


def _run_and_inspect(options: argparse.Namespace, words: list[str]) -> int:
    """Runs the scenario beside the window."""
    chosen = driver.choose([options.target])
    if len(chosen) != 1:
        names = ", ".join(one.name for one in chosen)
        raise UsageError(f"{options.target} has several scenarios: name one of {names} "
                         "as FILE::NAME")
    machine, cpu = (options.on or ["soc"])[-1], (options.cpu or [None])[-1]
    check_machine(machine, cpu, (options.fidelity or [None])[-1])
    if options.snapshots:
        check_snapshots(machine, served=True)
    for seed in options.seed or ():
        natural(seed)
    label = backend.label(machine, cpu)
    out = Path(options.out[-1]) if options.out else target_of(None, chosen[0].name, label, True)
    with tempfile.TemporaryDirectory(prefix="orrery-") as folder:
        # Short, for the address of a socket has 107 bytes at most.
        socket = Path(folder) / "session"
        session = f"unix:{socket}"
        before = _identity(out)
        runner = subprocess.Popen(
            [sys.executable, "-P", "-m", "orrery", "run", options.target, "--trace", "--session",
             session, *_words(options, _RUN_OPTIONS), *_snapshots(options, machine),
             *([] if options.out else [f"--out={out}"])],
            stdin=subprocess.DEVNULL)
        try:
            _await_session(runner, socket)
        except BaseException:
            _end(runner)
            raise
        if runner.poll() is not None and not _left_trace(before, out):
            return runner.returncode  # it has said why
        reader, writer = os.pipe()
        window = subprocess.Popen(
            [*words, "--follow", "--session", session, "--run-ends", str(reader), str(out)],
            pass_fds=(reader,))
        os.close(reader)
        teller = threading.Thread(target=_tell_end, args=(runner, writer, out, before))
        teller.start()
        try:
            window.wait()
            # A run that goes on is ended with its window, which says nothing of it.
            ended = runner.poll() or 0
            return _code(window) or (ended if ended >= 0 else EXIT_SIMULATOR)
        finally:
            _end(window)
            _end(runner)
            teller.join()


def _await_session(runner: subprocess.Popen[bytes], socket: Path) -> None:
    """Until the run can be connected to, or has ended."""
    while runner.poll() is None and not socket.exists():
        time.sleep(_POLL_EVERY)


def _left_trace(before: int | None, out: Path) -> bool:
    """The run has ended so soon that the window opens on what it has left."""
    return _identity(out) not in (None, before)


def _asked_snapshots(options: argparse.Namespace) -> list[str]:
    """What was said of snapshots."""
    if options.snapshots:
        return [f"--snapshots={options.snapshots}ns"]
    return ["--no-snapshots"] if options.no_snapshots else []


def _snapshots(options: argparse.Namespace, machine: str) -> list[str]:
    """The run's option for snapshots, without which it cannot be taken back."""
    if options.no_snapshots or (machine != "soc" and not options.snapshots):
        return []
    return _asked_snapshots(options) or [f"--snapshots={_SNAPSHOTS}"]


def _identity(folder: Path) -> int | None:
    """What tells a run folder from the one that takes its place."""
    try:
        return folder.stat().st_ino
    except OSError:
        return None


def _tell_end(runner: subprocess.Popen[bytes], writer: int, out: Path, before: int | None) -> None:
    """Tells the window how the run has ended."""
    runner.wait()
    after = _identity(out)
    word = b"published" if after is not None and after != before else b"nothing"
    try:
        os.write(writer, word)
    except OSError:
        pass  # the window has been closed
    finally:
        os.close(writer)


def _code(process: subprocess.Popen[bytes]) -> int:
    """The exit code of a program, as shells have it where a signal ended it."""
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a program as Ctrl-C would; one that does not listen, for good."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# What the pictures of docs/inspector.md show: the scenario, and the window's options.
_SCREENSHOTS = {
    "window": ("synchronisation", ["--size=1280x800", "--theme=light"]),
    "dark": ("containers", ["--size=1280x800", "--theme=dark", "--do=area:0.2:0.45"]),
    "flow": ("synchronisation", ["--size=1280x560", "--theme=light", "--panel=timeline",
                                 "--do=wake:CPU 3", "--do=out:6"]),
    "metrics": ("wakeup_latency", ["--size=1100x500", "--theme=light", "--panel=metrics",
                                   "--do=metric:wakeup"]),
    "scenario": ("first_light", ["--size=1100x420", "--theme=light", "--panel=scenario"]),
    "palette": ("first_light", ["--size=1000x640", "--theme=light", "--do=palette:"]),
}


# The same of runs that are under way.
_LIVE = ["--session-wait", "--do=run:30ms"]
_LIVE_SCREENSHOTS = {
    "live": ("containers", [*_LIVE, "--size=1500x900", "--theme=light"]),
    "live-system": ("containers", [*_LIVE, "--size=1000x640", "--theme=light", "--panel=system"]),
    "live-code": ("first_light", ["--session-wait", "--do=run:20ms", "--size=1000x700",
                                  "--theme=dark", "--panel=code"]),
    "live-memory": ("containers", [*_LIVE, "--size=1000x640", "--theme=light",
                                   "--panel=memory"]),
}


def screenshots(arguments: list[str]) -> int:
    """Runs what the pictures show, and takes them: `DIR/NAME.png` for each."""
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="orrery-") as work:
        for scenario in dict.fromkeys(scenario for scenario, _ in _SCREENSHOTS.values()):
            subprocess.run(
                [sys.executable, "-P", "-m", "orrery", "run", scenario, "--trace", "--quiet",
                 f"--out={work}/{scenario}"], check=True)
        for name, (scenario, options) in _SCREENSHOTS.items():
            picture = folder / f"{name}.png"
            subprocess.run(
                [str(program()), "--root", str(paths.ROOT), f"--screenshot={picture}", *options,
                 f"{work}/{scenario}"], check=True,
                env={name: value for name, value in os.environ.items()
                     if name != "QT_QPA_PLATFORM"})
            print(paths.display(picture.absolute()))
        for name, (scenario, options) in _LIVE_SCREENSHOTS.items():
            picture = folder / f"{name}.png"
            subprocess.run(
                [sys.executable, "-P", "-m", "orrery", "inspect", scenario, f"--out={work}/live",
                 f"--screenshot={picture}", *options], check=True, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            print(paths.display(picture.absolute()))
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print("name the folder for the pictures: --screenshots DIR", file=sys.stderr)
        sys.exit(EXIT_USAGE)
    try:
        sys.exit(screenshots(sys.argv[1:]))
    except (subprocess.CalledProcessError, OSError) as error:
        # What was started has said more.
        print(f"orrery: the pictures could not be taken: {error}", file=sys.stderr)
        sys.exit(EXIT_SIMULATOR)
