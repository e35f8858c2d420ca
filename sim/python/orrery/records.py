# SPDX-License-Identifier: Apache-2.0
"""What the kernel shows of itself, as plain values that stay true after time has gone on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Task:
    """A task as the kernel saw it when it was asked."""

    #: Number of the task, never used twice in a run.
    id: int
    #: Task that spawned it; 0 for init.
    parent: int
    #: Name of its program in the archive.
    name: str
    #: `running`, `exited`, `faulted` or `killed`.
    state: str
    #: What it exited with; meaningful for `exited`.
    exit_code: int
    #: Its threads.
    threads: int
    #: Page frames it owns, page tables included.
    frames: int
    #: Nanoseconds that its threads have run.
    cpu_time: int
    #: Numbers of the CPUs that its threads have run on.
    cpus: tuple[int, ...]
    #: How far its program lies from where it was linked: to be subtracted from an address of its
    #: code before it is looked up in the program's symbols.
    load_bias: int
    #: Number of the container that it is in.
    container: int = 1


@dataclass(frozen=True)
class Container:
    """A container as the kernel saw it when it was asked (docs/containers.md). Counts are of it
    and of all below, as of the last time one of its threads left a CPU."""

    #: Number of the container, never used twice in a run; the root has 1.
    id: int
    #: Container that it is in; 0 for the root.
    parent: int
    name: str
    #: `creating`, `created`, `running` or `stopped`.
    state: str
    #: It is paused, or one above it is.
    paused: bool
    #: Containers above it.
    depth: int
    #: Tasks that live.
    tasks: int
    #: What counts for `pids.max`.
    pids: int
    #: Bytes of memory now, at most so far, and the limit (None: there is none). Nobody counts
    #: those of the root.
    memory: int
    memory_peak: int
    memory_max: int | None
    #: Nanoseconds that its threads have run.
    cpu_time: int
    #: Periods in which it had used up its quota.
    periods_throttled: int
    #: Tasks that were ended because a limit of memory was met.
    out_of_memory_ends: int


@dataclass(frozen=True)
class Fault:
    """Why the kernel ended a task, as it reported it."""

    #: Number and thread of the task that was ended.
    task: int
    thread: int
    #: Name of its program.
    name: str
    #: Simulated time of the fault in nanoseconds.
    time: int
    #: Exception syndrome (ESR_EL1), and the address it concerns (FAR_EL1) where it has one.
    syndrome: int
    address: int
    #: Program counter of the instruction, and what it is.
    pc: int
    disassembly: str
    #: The syndrome in words.
    explanation: str
    #: `x0` to `x30`, `sp`, `pc` and `pstate`.
    registers: dict[str, int]
    #: As `Task.load_bias`.
    load_bias: int = 0

    @property
    def exception_class(self) -> int:
        """Exception class (ESR_EL1.EC): 0x24 for a data abort, 0x20 for an instruction abort."""
        return self.syndrome >> 26 & 0x3F

    def __str__(self) -> str:
        what = self.disassembly or "unreadable instruction"
        return f"{self.name} at {self.pc:#x} ({what}): {self.explanation}"


@dataclass(frozen=True)
class CpuWork:
    """What one CPU of the model has executed since boot, waits for devices not included."""

    #: Instructions and cycles at EL0.
    user_instructions: int
    user_cycles: float
    #: The same in the kernel. Where the kernel runs natively: of its image; with `--fidelity
    #: functional` it does not count its instructions there, and `kernel_instructions` is 0.
    kernel_instructions: int
    kernel_cycles: float


@dataclass(frozen=True)
class MemoryCounts:
    """What caches, TLBs and branch predictor of one CPU have counted since boot; modelled.

    Programs and kernel together. An access that lies in two lines counts twice.
    """

    #: Level 1 instructions, level 1 data, level 2 (of this CPU): accesses, and those it missed.
    l1i_accesses: int
    l1i_misses: int
    l1d_accesses: int
    l1d_misses: int
    l2_accesses: int
    l2_misses: int
    #: The level 1 TLBs of instructions and data, and the level 2 TLB.
    itlb_accesses: int
    itlb_misses: int
    dtlb_accesses: int
    dtlb_misses: int
    l2_tlb_accesses: int
    l2_tlb_misses: int
    #: Descriptors read by table walks.
    walk_descriptors: int
    #: Branches; of them, foreseen but for the target, and not foreseen.
    branches: int
    late_targets: int
    mispredictions: int
    #: Lines fetched ahead, and where lines came from that level 2 did not have.
    prefetches: int
    from_l3: int
    from_another_cpu: int
    from_memory: int


@dataclass(frozen=True)
class Cpu:
    """What one CPU has done since boot."""

    #: Number of the CPU, from 0.
    number: int
    #: Whether the kernel has started it.
    online: bool
    #: Thread that runs on it, 0 when idle.
    thread: int
    #: Counts since boot.
    traps: int
    system_calls: int
    interrupts: int
    faults: int
    context_switches: int
    #: Nanoseconds without and with a thread to run.
    idle_time: int
    busy_time: int


@dataclass(frozen=True)
class Epitaph:
    """The last words of a kernel that panicked."""

    cpu: int
    thread: int
    time: int
    file: str
    line: int
    message: str
    values: tuple[int, ...]

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}, CPU {self.cpu}, thread {self.thread}"
        if any(self.values):
            where += "; values " + " ".join(f"{value:#x}" for value in self.values)
        return f"{self.message} ({where})"


def tasks_of(view: Any) -> list[Task]:
    """The tasks of a kernel view."""
    return [
        Task(
            id=task.id, parent=task.parent, name=task.name, state=task.reason,
            exit_code=task.exit_code, threads=task.threads, frames=task.frames,
            cpu_time=task.cpu_ns, cpus=_bits(task.cpu_mask), load_bias=task.load_bias,
            container=task.container,
        )
        for task in view.tasks
    ]


def containers_of(view: Any) -> list[Container]:
    """The containers of a kernel view, by number."""
    unlimited = 2**64 - 1
    return [
        Container(
            id=each.id, parent=each.parent, name=each.name, state=each.state, paused=each.paused,
            depth=each.depth, tasks=each.tasks, pids=each.pids, memory=each.memory,
            memory_peak=each.memory_peak,
            memory_max=None if each.memory_max == unlimited else each.memory_max,
            cpu_time=each.cpu_ns, periods_throttled=each.periods_throttled,
            out_of_memory_ends=each.out_of_memory_ends,
        )
        for each in view.containers
    ]


def faults_of(view: Any) -> list[Fault]:
    """The fault reports of a kernel view, oldest first."""
    return [
        Fault(
            task=fault.task, thread=fault.thread, name=fault.name, time=fault.time_ns,
            syndrome=fault.syndrome, address=fault.address, pc=fault.pc,
            disassembly=fault.disassembly, explanation=fault.explanation,
            registers={f"x{i}": value for i, value in enumerate(fault.x)}
            | {"sp": fault.sp, "pc": fault.pc, "pstate": fault.pstate},
            load_bias=fault.load_bias,
        )
        for fault in view.faults
    ]


def cpus_of(view: Any) -> list[Cpu]:
    """The CPUs of a kernel view."""
    return [
        Cpu(
            number=number, online=bool(cpu.online), thread=cpu.thread, traps=cpu.traps,
            system_calls=cpu.system_calls, interrupts=cpu.interrupts, faults=cpu.faults,
            context_switches=cpu.context_switches, idle_time=cpu.idle_ns, busy_time=cpu.user_ns,
        )
        for number, cpu in enumerate(view.cpus)
    ]


def epitaph_of(view: Any) -> Epitaph | None:
    """The epitaph of a kernel view, if the kernel has panicked."""
    last = view.epitaph
    if last is None:
        return None
    return Epitaph(
        cpu=last.cpu, thread=last.thread, time=last.time_ns, file=last.file, line=last.line,
        message=last.message, values=tuple(last.values),
    )


def task_as_dict(task: Task) -> dict[str, Any]:
    """A task as it stands in run.json."""
    return asdict(task) | {"cpus": list(task.cpus)}


def fault_as_dict(fault: Fault) -> dict[str, Any]:
    """A fault as it stands in run.json; addresses as hexadecimal text."""
    record = asdict(fault)
    for key in ("syndrome", "address", "pc"):
        record[key] = f"{record[key]:#x}"
    record["registers"] = {name: f"{value:#x}" for name, value in fault.registers.items()}
    return record


def _bits(mask: int) -> tuple[int, ...]:
    return tuple(bit for bit in range(mask.bit_length()) if mask >> bit & 1)
