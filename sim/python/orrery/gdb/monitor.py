# SPDX-License-Identifier: Apache-2.0
"""What GDB's command `monitor` does here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import Unsupported
from ..session.inspection import Refused
from ..session.numbers import duration

if TYPE_CHECKING:
    from ..session.state import Session
    from .stub import Stub

_Command = Callable[["Stub", "Session", list[str]], str]


def monitor(stub: Stub, session: Session, line: str) -> str:
    """Does a command and returns what GDB shows."""
    name, *arguments = line.split() or ["help"]
    command = _COMMANDS.get(name)
    if command is None:
        return f'there is no command "{name[:40]}": see monitor help'
    try:
        return command[1](stub, session, arguments)
    except (Refused, Unsupported) as error:
        return str(error)


def _help(stub: Stub, session: Session, arguments: list[str]) -> str:
    return "\n".join(text for text, _ in _COMMANDS.values())


def _time(stub: Stub, session: Session, arguments: list[str]) -> str:
    return f"{session.machine.now} ns"


def _status(stub: Stub, session: Session, arguments: list[str]) -> str:
    view = session.machine.kernel()
    lines = [f"{session.machine.now} ns, kernel {view.state if view.present else 'not there yet'}"]
    if stub.execution.only is not None:
        only = stub.execution.only
        lines.append(f"only {only if isinstance(only, str) else hex(only)} stops at EL0")
    return "\n".join([*lines, *(stub.describe(target) for target in stub.execution.targets())])


def _tasks(stub: Stub, session: Session, arguments: list[str]) -> str:
    view = session.machine.kernel()
    tasks = [f"{task.id:6} {task.name}: {task.reason}, load bias {task.load_bias:#x}"
             for task in (view.tasks if view.present else [])]
    try:
        tasks.insert(0, f"kernel: load bias {session.inspection.kernel_slide():#x}")
    except Unsupported:
        pass  # its image is not what runs
    return "\n".join(tasks) or "there are no tasks yet"


def _for(stub: Stub, session: Session, arguments: list[str]) -> str:
    if len(arguments) != 1:
        raise Refused("it takes a duration, such as 10ms")
    stub.limit = session.machine.now + duration(arguments[0])
    return f"the next continue stops at {stub.limit} ns"


def _only(stub: Stub, session: Session, arguments: list[str]) -> str:
    if len(arguments) > 1:
        raise Refused("it takes nothing, the name of a program, or off")
    if arguments == ["off"]:
        stub.execution.only = None
        return "all programs stop"
    if arguments:
        session.inspection.task(stub.current)  # raises where that is not to be had
        stub.execution.only = arguments[0]
        return f"of the programs only {arguments[0]} stops"
    stub.execution.only = session.inspection.address_space(stub.current)
    return (f"at EL0 only the address space of {stub.current} stops, at "
            f"{stub.execution.only:#x}: {stub.describe(stub.current)}")


#: A line of help, and what is done.
_COMMANDS: dict[str, tuple[str, _Command]] = {
    "help": ("help: this", _help),
    "time": ("time: simulated time", _time),
    "status": ("status: simulated time, and what runs on the CPUs", _status),
    "tasks": ("tasks: all tasks, and how far from where it was linked each program lies", _tasks),
    "for": ("for DURATION: let the next continue end after so much simulated time", _for),
    "only": ("only [PROGRAM|off]: of EL0 only tasks of a program, or the address space of the "
             "present CPU, stop at breakpoints", _only),
}
