# SPDX-License-Identifier: Apache-2.0
"""Execution: what a debugger has stopped, and where it is to stop again.

GDB's threads are the CPUs. All of them stop together and go on together: a step of one is over when
its code has executed one instruction, and the others go on meanwhile as simulated time wants, for
to hold them would be another run. A step follows its code: at EL0 the thread of the kernel, on
whichever CPU; at EL1 the CPU. It stays at its exception level, so that system calls, interrupts and
page faults are passed over; only an exception return is followed.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..session.control import Client
from ..session.inspection import Refused
from ..session.state import Session
from .successors import ERET, successors

_EL_SHIFT, _EL_MASK = 2, 3  # PSTATE.M: the exception level


@dataclass
class Step:
    """A step in progress."""

    target: str
    level: int
    thread: int
    #: As long as the code is in here it is stepped again: GDB's range stepping.
    begin: int
    end: int
    #: Addresses at which it may be over, and the numbers of the breakpoints there.
    addresses: set[int]
    numbers: list[int]


class Execution(Client):
    """A debugger as a client of the run's control."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._breakpoints: dict[int, list[int]] = {}
        self._step: Step | None = None
        #: The program, or the page tables of the address space, whose EL0 code alone stops at
        #: breakpoints; None: all code does.
        self.only: str | int | None = None
        #: The CPU that has stopped, and whether at a breakpoint.
        self.stopped_at = self.targets()[0]
        self.at_breakpoint = False

    def targets(self) -> list[str]:
        """The CPUs, thread 1 first."""
        return self._session.inspection.targets()

    def level(self, target: str) -> int:
        """The exception level that a CPU's registers are of."""
        return self._session.inspection.registers(target).get("pstate", 0) >> _EL_SHIFT & _EL_MASK

    def thread(self, target: str) -> int:
        """The kernel's thread on a CPU; 0 for none."""
        view = self._session.machine.kernel()
        number = self.targets().index(target)
        return view.cpus[number].thread if view.present and number < len(view.cpus) else 0

    def program(self, target: str) -> str:
        """The name of the task on a CPU, empty for none; raises `Unsupported`."""
        number = self._session.inspection.task(target)
        view = self._session.machine.kernel()
        return next((task.name for task in view.tasks if task.id == number), "") if number else ""

    # Breakpoints

    def insert(self, address: int) -> None:
        """Sets a breakpoint on all CPUs."""
        if address not in self._breakpoints:
            self._breakpoints[address] = self._place(self.targets(), address)

    def remove(self, address: int) -> None:
        """Removes one; without effect if there is none."""
        self._take_away(self._breakpoints.pop(address, []))

    # Going on

    def go_on(self, until: int | None = None) -> None:
        """All CPUs go on."""
        self.at_breakpoint = False
        self._session.control.resume(self, until, {})

    def step(self, target: str, begin: int = 0, end: int = 0) -> None:
        """The code of a CPU executes an instruction, or goes on until it has left a range."""
        self._step = Step(target, self.level(target), self.thread(target), begin, end, set(), [])
        self._arm(target)
        self.stopped_at = target
        self.go_on()

    def end_step(self) -> None:
        """The debugger looks again, for whatever reason: nothing is stepped any more."""
        if self._step is not None:
            self._take_away(self._step.numbers)
            self._step = None

    def accepts(self, target: str, address: int) -> bool:
        """A CPU is about to execute an instruction at which there is a breakpoint: is it ours?"""
        step = self._step
        if address in self._breakpoints and self._is_in_only(target):
            self.at_breakpoint = True
        elif step is None or address not in step.addresses or not self._is_stepped(step, target):
            return False
        elif step.begin <= address < step.end:
            self._take_away(step.numbers)
            self._arm(target)
            return False
        self.stopped_at = target
        return True

    def _is_in_only(self, target: str) -> bool:
        if self.only is None or self.level(target) != 0:
            return True
        if isinstance(self.only, int):
            return self._session.inspection.address_space(target) == self.only
        return self.program(target) == self.only

    def _is_stepped(self, step: Step, target: str) -> bool:
        if self.level(target) != step.level:
            return False
        if step.level == 0 and step.thread != 0:
            return self.thread(target) == step.thread
        return target == step.target

    def _arm(self, target: str) -> None:
        step = self._step
        assert step is not None
        registers = self._session.inspection.registers(target)
        try:
            code = self._session.inspection.read_virtual(target, registers["pc"], 4)
            step.addresses = self._next(step, target, int.from_bytes(code, "little"), registers)
        except Refused:
            # Its page is not there yet; the kernel brings it.
            step.addresses = {registers["pc"]}
        targets = self.targets() if step.level == 0 else [step.target]
        step.numbers = [number for address in sorted(step.addresses)
                        for number in self._place(targets, address)]

    def _next(self, step: Step, target: str, word: int, registers: dict[str, int]) -> set[int]:
        if word != ERET or step.level == 0:
            return successors(word, registers)
        address, pstate = self._session.inspection.exception_return(target)
        step.level, step.thread = pstate >> _EL_SHIFT & _EL_MASK, self.thread(target)
        return {address}

    def _place(self, targets: list[str], address: int) -> list[int]:
        return [self._session.breakpoints.insert(self, target, address) for target in targets]

    def _take_away(self, numbers: list[int]) -> None:
        for number in numbers:
            self._session.breakpoints.remove(self, number)
