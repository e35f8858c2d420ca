# SPDX-License-Identifier: Apache-2.0
"""Values of options that several commands take, each refused with one sentence."""

from __future__ import annotations

import argparse
from pathlib import Path

from . import backend
from .errors import UsageError
from .parameters import parse_setting
from .session.address import Address, parse
from .units import parse_duration


def check_machine(on: str, cpu: str | None, fidelity: str | None) -> None:
    """Refuses a machine that there is not, and what it has no choice of."""
    if on not in backend.names():
        raise UsageError(f'--on takes {" or ".join(backend.names())}, not "{on}"')
    backend.check_choices(on, cpu, fidelity)


def check_snapshots(on: str, served: bool) -> None:
    """Refuses snapshots where there can be none, or nobody could go back to them."""
    if on != "soc":
        raise UsageError(f"Unsupported: --snapshots is not offered on {on}: choose --on soc")
    if not served:
        raise UsageError("--snapshots goes with --session, whose clients go back to them")


def settings(texts: list[str]) -> dict[str, str]:
    """The parameters of `--set key=value`, which may be repeated."""
    given: dict[str, str] = {}
    for key, value in map(parse_setting, texts):
        if key in given:
            raise UsageError(f'--set gives "{key}" twice')
        given[key] = value
    return given


def boot_words(text: str) -> str:
    """Words for the kernel command line."""
    words = text.split()
    if not (words and text.isascii() and text.isprintable()):
        raise argparse.ArgumentTypeError("it takes words of printable ASCII text, such as cpus=4")
    if "--" in words:
        raise argparse.ArgumentTypeError('it takes no word "--": the program is the scenario\'s')
    return " ".join(words)


def duration(text: str) -> int:
    """A duration in nanoseconds, longer than nothing."""
    try:
        nanoseconds = parse_duration(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if nanoseconds <= 0:
        raise argparse.ArgumentTypeError("it takes a time longer than nothing")
    return nanoseconds


def session_address(text: str) -> Address:
    """Where a session is to be served."""
    try:
        return parse(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def debugger_address(text: str) -> Address:
    """Where GDB is waited for: `PORT`, `HOST:PORT` or `unix:PATH`."""
    try:
        return parse(text if text.startswith("unix:") else f"tcp:{text}")
    except UsageError:
        raise argparse.ArgumentTypeError(
            f'GDB is waited for at PORT, HOST:PORT or unix:PATH, not "{text}"') from None


def natural(text: str) -> int:
    """A whole number from 0 up that fits 64 bits."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f'"{text}" is not a whole number from 0 up')
    value = int(text)
    if value >= 1 << 64:
        raise argparse.ArgumentTypeError(f'"{text}" does not fit 64 bits')
    return value


def positive(text: str) -> int:
    """A whole number from 1 up."""
    if (value := natural(text)) < 1:
        raise argparse.ArgumentTypeError("it takes a number from 1 up")
    return value


def file(text: str) -> str:
    """A file that is there, with its whole path."""
    if not Path(text).is_file():
        raise argparse.ArgumentTypeError(f'there is no file "{text}"')
    return str(Path(text).absolute())
