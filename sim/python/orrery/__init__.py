# SPDX-License-Identifier: Apache-2.0
"""Orrery's scenario interface: a phone, time under control, and plain asserts.

A scenario is a function that takes a `Phone`::

    from orrery import scenario, s

    @scenario(program="bin/first_light")
    def first_light(phone):
        \"\"\"The first line of this docstring is what `./orrery list` shows.\"\"\"
        phone.boot()
        phone.console.wait_for("ok", timeout=5 * s)
"""

from .archive import ArchiveError, read_archive
from .console import Console
from .energy import Battery, Clock, Energy, Rail
from .errors import (
    BatteryEmpty,
    KernelPanic,
    PoweredOff,
    SimulatorError,
    TimedOut,
    TimeLimit,
    Unsupported,
    UsageError,
)
from .kernel_heap import KernelHeap
from .metrics import Curve, Metric, Metrics, Series
from .page_frames import MemoryNode, PageFrames
from .parameters import Preparation
from .phone import Phone
from .records import Container, Cpu, CpuWork, Fault, MemoryCounts, Task
from .scenarios import Scenario, scenario
from .schedule import CpuLoad, Pressure, Schedule
from .units import format_duration, ms, ns, parse_duration, s, us

__all__ = [
    "ArchiveError", "Battery", "BatteryEmpty", "Clock", "Console", "Container", "Cpu", "CpuLoad",
    "CpuWork", "Curve", "Energy", "Fault", "KernelHeap", "KernelPanic", "MemoryCounts",
    "MemoryNode", "Metric", "Metrics", "PageFrames", "Phone", "PoweredOff", "Preparation",
    "Pressure", "Rail", "Scenario", "Schedule", "Series", "SimulatorError", "Task", "TimedOut",
    "TimeLimit", "Unsupported", "UsageError", "format_duration", "ms", "ns", "parse_duration",
    "read_archive", "s", "scenario", "us",
]
