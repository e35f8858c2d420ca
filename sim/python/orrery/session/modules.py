# SPDX-License-Identifier: Apache-2.0
"""What the session protocol has beyond VCML's: commands of the modules kernel, console,
trace and time.

They are called with VCML's `exec`, and shown by its `list`. Each answers with one field of JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ..kernel_heap import kernel_heap_of
from ..page_frames import page_frames_of
from ..records import containers_of, cpus_of, faults_of, tasks_of
from ..schedule import schedule_of
from .inspection import Refused
from .numbers import natural
from .time_commands import back, checkpoint, forward, snapshots

if TYPE_CHECKING:
    from .control import Client
    from .state import Session

# Bytes of console output, and records of the trace, that one reply brings.
_MOST_TEXT = 1 << 16
_MOST_RECORDS = 10_000
# Rows of page frames that one reply brings, give or take 4 MiB's worth.
_MOST_FRAME_ROWS = 8192
# Records that a subscription keeps until they are read, unless it says otherwise; and at most.
_KEPT_RECORDS = 100_000
_MOST_KEPT_RECORDS = 1_000_000


@dataclass(frozen=True)
class Command:
    """A command of a module: what it is called with, and what it does."""

    arguments: int
    description: str
    run: Callable[[Session, Client, list[str]], Any]


def execute(command: Command, session: Session, client: Client, arguments: list[str]) -> str:
    """The answer of a command, as JSON."""
    if len(arguments) < command.arguments:
        raise Refused(f"insufficient arguments {len(arguments)}: {command.description}")
    return json.dumps(command.run(session, client, arguments))


# kernel


def _tasks(session: Session, client: Client, arguments: list[str]) -> Any:
    return [asdict(task) for task in tasks_of(session.machine.kernel())]


def _threads(session: Session, client: Client, arguments: list[str]) -> Any:
    return session.inspection.threads()


def _containers(session: Session, client: Client, arguments: list[str]) -> Any:
    return [asdict(container) for container in containers_of(session.machine.kernel())]


def _rights(session: Session, client: Client, arguments: list[str]) -> Any:
    return session.inspection.rights(natural(arguments[0]))


def _cpus(session: Session, client: Client, arguments: list[str]) -> Any:
    return [asdict(cpu) for cpu in cpus_of(session.machine.kernel())]


def _faults(session: Session, client: Client, arguments: list[str]) -> Any:
    return [asdict(fault) for fault in faults_of(session.machine.kernel())]


def _schedule(session: Session, client: Client, arguments: list[str]) -> Any:
    return asdict(schedule_of(session.machine.kernel()))


def _memory(session: Session, client: Client, arguments: list[str]) -> Any:
    view, now = session.machine.kernel(), session.machine.now
    return {
        "frames_total": view.frames_total, "frames_free": view.frames_free,
        "page_frames": asdict(page_frames_of(view, now)),
        "kernel_heap": asdict(kernel_heap_of(view, now)),
        "events": dict(view.memory),
    }


def _limits(session: Session, client: Client, arguments: list[str]) -> Any:
    return session.inspection.limits()


def _ports(session: Session, client: Client, arguments: list[str]) -> Any:
    return session.inspection.ports()


def _frames(session: Session, client: Client, arguments: list[str]) -> Any:
    position = natural(arguments[0]) if arguments else 0
    rows, left = session.inspection.frames(position, _MOST_FRAME_ROWS)
    return {"frames": rows, "next": left}


def _caches(session: Session, client: Client, arguments: list[str]) -> Any:
    return session.inspection.caches()


# cpus


def _registers(session: Session, client: Client, arguments: list[str]) -> Any:
    inspection = session.inspection
    return {
        target: [[name, f"{value:#x}"] for name, value in inspection.registers(target).items()]
        for target in inspection.targets() if not arguments or target in arguments
    }


# console


def _text(session: Session, client: Client, arguments: list[str]) -> Any:
    position = natural(arguments[0]) if arguments else 0
    begin, data = session.console.read(position, _MOST_TEXT)
    return {"begin": begin, "end": begin + len(data), "newest": session.console.end,
            "text": data.decode("utf-8", "replace")}


def _send(session: Session, client: Client, arguments: list[str]) -> Any:
    data = arguments[0].encode("utf-8")
    session.travel.type(data)
    return len(data)


def _send_line(session: Session, client: Client, arguments: list[str]) -> Any:
    return _send(session, client, [(arguments[0] if arguments else "") + "\r"])


# trace


def _subscribe(session: Session, client: Client, arguments: list[str]) -> Any:
    limit = natural(arguments[0]) if arguments else _KEPT_RECORDS
    if not 1 <= limit <= _MOST_KEPT_RECORDS:
        raise Refused(f"a subscription keeps 1 to {_MOST_KEPT_RECORDS} records, not {limit}")
    client.tap, client.tap_limit = session.inspection.tap_trace(limit), limit
    return limit


def _read(session: Session, client: Client, arguments: list[str]) -> Any:
    most = natural(arguments[0]) if arguments else _MOST_RECORDS
    if client.tap is None:
        raise Refused("not subscribed: execute subscribe of the module trace first")
    records = client.tap.take(min(most, _MOST_RECORDS))
    return {"dropped": client.tap.dropped, "left": client.tap.size, "records": records}


def _unsubscribe(session: Session, client: Client, arguments: list[str]) -> Any:
    client.tap, client.tap_limit = None, 0
    return None


#: Kind and commands of each module.
MODULES: dict[str, tuple[str, dict[str, Command]]] = {
    "kernel": ("orrery::kernel", {
        "tasks": Command(0, "tasks: all tasks", _tasks),
        "threads": Command(0, "threads: all threads, by task", _threads),
        "containers": Command(0, "containers: all containers", _containers),
        "rights": Command(1, "rights TASK: what a task has names for", _rights),
        "cpus": Command(0, "cpus: what each CPU has done", _cpus),
        "faults": Command(0, "faults: the newest fault reports", _faults),
        "schedule": Command(0, "schedule: load and pressure", _schedule),
        "memory": Command(0, "memory: page frames, kernel heap, events", _memory),
        "limits": Command(0, "limits: what tasks and containers may have at most", _limits),
        "ports": Command(0, "ports: ports, port sets, and who has rights to them", _ports),
        "frames": Command(0, "frames [POSITION]: page frames from there on, in rows", _frames),
        "caches": Command(0, "caches: occupancy of the kernel heap's caches", _caches),
    }),
    "cpus": ("orrery::cpus", {
        "registers": Command(0, "registers [CPU]...: all registers of CPUs", _registers),
    }),
    "console": ("orrery::console", {
        "text": Command(0, "text [POSITION]: what the phone has written from there on", _text),
        "send": Command(1, "send TEXT: types a text as it is", _send),
        "send_line": Command(0, "send_line [TEXT]: types a text and presses enter", _send_line),
    }),
    "trace": ("orrery::trace", {
        "subscribe": Command(0, "subscribe [LIMIT]: keeps records from now on", _subscribe),
        "read": Command(0, "read [MOST]: takes the oldest records that are kept", _read),
        "unsubscribe": Command(0, "unsubscribe: keeps no records any more", _unsubscribe),
    }),
    "time": ("orrery::time", {
        "back": Command(1, "back TIME: goes to an earlier time in ns", back),
        "forward": Command(0, "forward [TIME]: goes where the run has been before", forward),
        "checkpoint": Command(0, "checkpoint: this moment, for ./orrery run --from", checkpoint),
        "snapshots": Command(0, "snapshots: what there is to go to", snapshots),
    }),
}
