# SPDX-License-Identifier: Apache-2.0
"""Backends: the machines a scenario can run on, behind one protocol."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from .errors import Unsupported, UsageError

if TYPE_CHECKING:
    from .session.inspection import Inspection

#: Why `Backend.run` came back.
REASONS = ("time", "console", "powered_off", "panicked", "battery_empty")

#: The machines that a scenario may name.
MACHINES = ("phone8",)


#: How the CPUs of the model execute the kernel: its host build natively, or its image instruction
#: by instruction.
CPU_KINDS = ("native", "iss")

#: What the model knows of time: a fixed figure for everything; what code costs in the pipeline of
#: its core; that and caches, translation and DRAM.
FIDELITIES = ("functional", "cycle", "memory")
DEFAULT_FIDELITY = "cycle"


def label(on: str, cpu: str | None) -> str:
    """What a machine is called where it must be told from all others: in names of run folders."""
    return on if cpu in (None, CPU_KINDS[0]) else cpu


@dataclass(frozen=True)
class Config:
    """What a backend has to know before the phone is switched on."""

    #: Machine to build.
    machine: str
    #: Seed of everything random in the machine.
    seed: int
    #: Archive that the phone boots with, and the kernel for a backend that needs the image.
    archive: Path
    image: Path
    #: How the CPUs of the model execute the kernel: one of `CPU_KINDS`, None for the first. Only
    #: the model has a choice.
    cpu: str | None = field(default=None, kw_only=True)
    #: What the model knows of time: one of `FIDELITIES`, None for `DEFAULT_FIDELITY`; likewise.
    fidelity: str | None = field(default=None, kw_only=True)
    #: Kernel command line; a backend may add words of its own before it.
    bootargs: str
    #: Perfetto trace to write, or None.
    trace: Path | None = None
    #: Recording of page-frame allocations to write (docs/allocation-traces.md), or None.
    allocations: Path | None = field(default=None, kw_only=True)
    #: Folder for what a backend has to say for itself, or None.
    log_folder: Path | None = None
    #: Device tree to use, as it is, instead of the one made for the machine.
    device_tree: Path | None = None
    #: The phone's memory is to be in large pages of the host, so that the process forks quickly.
    huge_pages: bool = False
    #: Exception level at which the kernel is entered, where the backend offers a choice.
    entry_level: int = 1


class Backend(Protocol):
    """A machine with a phone in it. Time passes only inside `run`."""

    def boot(self) -> None:
        """Switches the phone on; no time passes."""

    def run(self, nanoseconds: int, until_console: bool) -> str:
        """Lets time pass and says why it stopped: one of `REASONS`.

        With `until_console` it also stops soon after the phone has written to its console.
        """

    @property
    def now(self) -> int:
        """Simulated time in nanoseconds."""

    def console_take(self) -> bytes:
        """What the phone has written since the last call."""

    def console_send(self, data: bytes) -> None:
        """Types on the phone's console."""

    def kernel(self) -> Any:
        """The kernel's own view of itself (`_orrery.KernelView`)."""

    def configure_power(self, choices: dict[str, Any]) -> None:
        """Chooses ambience and battery before the phone is switched on.

        Raises `Unsupported` where power is not modelled.
        """

    def power(self) -> Any:
        """Clocks, energy, heat and battery (`_orrery.PowerReport`); None where not modelled."""

    def cpu_work(self) -> list[dict[str, float]]:
        """What each CPU has executed, as fields of `records.CpuWork`."""

    def memory_counts(self) -> list[dict[str, int]]:
        """What each CPU's caches have counted, as fields of `records.MemoryCounts`."""

    def inspection(self) -> Inspection:
        """What a session sees of the machine beyond what is here."""

    def versions(self) -> dict[str, str]:
        """Versions of what the machine is made of, for run.json."""

    def finish(self) -> None:
        """Completes the trace; no time passes afterwards."""

    def close(self) -> None:
        """Gives everything back. May be called at any time, and twice."""


_factories: dict[str, Callable[[Config], Backend]] = {}


def register(name: str, factory: Callable[[Config], Backend]) -> None:
    """Makes a backend known by the name that `--on` takes."""
    _factories[name] = factory


def names() -> list[str]:
    """The backends that `--on` takes."""
    _load_built_in()
    return list(_factories)


def check_choices(name: str, cpu: str | None, fidelity: str | None) -> None:
    """Refuses what a backend has no choice of, and what nobody offers; None is its default."""
    for option, value, known, instead in (
        ("--cpu", cpu, CPU_KINDS, "CPUs of its own"),
        ("--fidelity", fidelity, FIDELITIES, "a time of its own"),
    ):
        if value is None:
            continue
        if name != "soc":
            raise UsageError(f"{option} goes with --on soc: {name} has {instead}")
        if value not in known:
            raise UsageError(f'{option} takes {" or ".join(known)}, not "{value}"')


def create(name: str, config: Config) -> Backend:
    """Builds a backend."""
    _load_built_in()
    if name not in _factories:
        raise UsageError(f'there is no backend "{name}": choose from {", ".join(_factories)}')
    if config.machine not in MACHINES:
        raise Unsupported(
            f'there is no machine "{config.machine}": choose from {", ".join(MACHINES)}'
        )
    check_choices(name, config.cpu, config.fidelity)
    return _factories[name](config)


def _load_built_in() -> None:
    if "soc" in _factories:
        return
    from .qemu import QemuBackend
    from .soc import SocBackend

    register("soc", SocBackend)
    register("qemu", QemuBackend)
    # Tests bring their own machine.
    extra = os.environ.get("ORRERY_EXTRA_BACKEND")
    if extra:
        importlib.import_module(extra)
