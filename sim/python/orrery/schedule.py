# SPDX-License-Identifier: Apache-2.0
"""Load of the CPUs and pressure on them as the kernel shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class CpuLoad:
    """How much one CPU was wanted."""

    #: Number of the CPU, from 0.
    number: int
    #: Whether threads may run there at all, and whether only those that may run nowhere else.
    online: bool
    isolated: bool
    #: The thread that runs and those that wait for this CPU.
    runnable: int
    #: Averages of `runnable` over 0.1, 1 and 10 s.
    averages: tuple[float, ...]
    #: The part of its time that threads with deadlines have reserved.
    reserved: float
    #: Nanoseconds since boot, times `runnable`.
    runnable_time: int
    #: Threads that it took from other CPUs.
    stolen: int


@dataclass(frozen=True)
class Pressure:
    """The time during which threads waited for a CPU."""

    #: Nanoseconds since boot.
    total: int
    #: The part of the time, over 0.1, 1 and 10 s.
    averages: tuple[float, ...]


@dataclass(frozen=True)
class Schedule:
    """How much the CPUs were wanted, as of the last time at which that changed on each."""

    #: Policy of the normal class, `scheduler=` of the kernel command line.
    policy: str
    #: CPUs by number.
    cpus: tuple[CpuLoad, ...]
    #: Somebody waited for a CPU, and on every CPU that was online somebody did.
    some: Pressure
    full: Pressure


def schedule_of(view: Any) -> Schedule:
    """The load and pressure of a kernel view."""
    shown = view.schedule
    return Schedule(
        policy=shown.policy,
        cpus=tuple(
            CpuLoad(
                number=number, online=cpu.online, isolated=cpu.isolated, runnable=cpu.runnable,
                averages=tuple(cpu.averages), reserved=cpu.reserved,
                runnable_time=cpu.runnable_ns, stolen=cpu.stolen,
            )
            for number, cpu in enumerate(shown.cpus)
        ),
        some=Pressure(shown.some.total_ns, tuple(shown.some.averages)),
        full=Pressure(shown.full.total_ns, tuple(shown.full.averages)),
    )
