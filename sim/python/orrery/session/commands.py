# SPDX-License-Identifier: Apache-2.0
"""The commands of the session protocol, after VCML's doc/session.md and its vspserver.cpp.

Each takes its fields, the name first, and returns the fields of its reply behind `OK`; `Refused`
and `Unsupported` become replies with `E`.
"""

from __future__ import annotations

from collections.abc import Callable

from ..errors import Unsupported
from . import numbers, tree
from .control import Client
from .inspection import Refused
from .modules import execute
from .packets import join, split
from .state import Session

#: Bytes of memory that one command reads.
MOST_MEMORY = 1 << 16

_Fields = list[str]
_Handler = Callable[[Session, Client, _Fields], _Fields]


def answer(session: Session, client: Client, payload: str) -> str:
    """The reply to a command."""
    fields = split(payload)
    handler = COMMANDS.get(fields[0])
    try:
        if handler is None:
            raise Refused(f'there is no command "{fields[0][:40]}"')
        minimum, function = handler
        if len(fields) < minimum:
            raise Refused(f"insufficient arguments {len(fields)}")
        return join("OK", *function(session, client, fields))
    except (Refused, Unsupported) as error:
        return join("E", error)
    except Exception as error:  # of the simulator; the run goes on, and the client is told
        return join("E", f"the command failed: {type(error).__name__}: {error}")


# The run


def _version(session: Session, client: Client, fields: _Fields) -> _Fields:
    # Two fields, as pyvp wants; VCML of 2026 has a third, the version of its protocol.
    return list(session.versions())


def _status(session: Session, client: Client, fields: _Fields) -> _Fields:
    reason = session.control.reason(client)
    state = "running" if reason is None else f"stopped:{reason}"
    return [state, str(session.machine.now), str(session.inspection.delta_cycles())]


def _resume(session: Session, client: Client, fields: _Fields) -> _Fields:
    until = session.machine.now + numbers.duration(fields[1]) if len(fields) > 1 else None
    session.control.resume(client, until, {})
    return []


def _step(session: Session, client: Client, fields: _Fields) -> _Fields:
    targets = [_target(session, name) for name in fields[1:]]
    before = {target: session.inspection.instructions(target) for target in targets}
    session.control.resume(client, None, before)
    return []


def _stop(session: Session, client: Client, fields: _Fields) -> _Fields:
    session.control.stop(client, fields[1] if len(fields) > 1 else "user")
    return []


def _set_stop_mode(session: Session, client: Client, fields: _Fields) -> _Fields:
    if fields[1].lower() == "soft":
        raise Unsupported("Unsupported: a run stops in the mode hard")
    if fields[1].lower() != "hard":
        raise Refused(f"unknown stop mode '{fields[1]}'")
    return []


def _quit(session: Session, client: Client, fields: _Fields) -> _Fields:
    session.control.quitting = True
    return []


def _get_quantum(session: Session, client: Client, fields: _Fields) -> _Fields:
    return [str(session.inspection.quantum)]


def _set_quantum(session: Session, client: Client, fields: _Fields) -> _Fields:
    raise session.inspection.unsupported("setting the quantum, which the CPUs choose themselves,")


# The object tree


def _list(session: Session, client: Client, fields: _Fields) -> _Fields:
    form = fields[1].lower() if len(fields) > 1 else "xml"
    if form not in ("xml", "json"):
        raise Refused(f"unknown hierarchy format '{form}'")
    write = tree.as_xml if form == "xml" else tree.as_json
    return [write(_tree(session), session.versions()[1], session.inspection.targets())]


def _attribute(session: Session, name: str) -> list[str]:
    path, _, attribute = name.rpartition(".")
    node = tree.find(_tree(session), path)
    if node is None or attribute not in node.attributes:
        raise Refused(f"attribute '{name}' not found")
    return tree.values_of(node.attributes[attribute])


def _get_attribute(session: Session, client: Client, fields: _Fields) -> _Fields:
    return _attribute(session, fields[1])


def _set_attribute(session: Session, client: Client, fields: _Fields) -> _Fields:
    _attribute(session, fields[1])
    raise Refused(f"attribute '{fields[1]}' not writable")


def _exec(session: Session, client: Client, fields: _Fields) -> _Fields:
    node = tree.find(_tree(session), fields[1])
    if node is None:
        raise Refused(f"object '{fields[1]}' not found")
    command = node.commands.get(fields[2])
    if command is None:
        raise Refused(f"object '{fields[1]}' has no command '{fields[2]}'")
    return [execute(command, session, client, fields[3:])]


def _tree(session: Session) -> tree.Node:
    return tree.tree_of(session.machine, session.inspection)


# CPUs and memory


def _target(session: Session, name: str) -> str:
    if name not in session.inspection.targets():
        raise Refused(f"no such target: {name}")
    return name


def _architecture(session: Session, client: Client, fields: _Fields) -> _Fields:
    _target(session, fields[1])
    return ["aarch64"]


def _list_registers(session: Session, client: Client, fields: _Fields) -> _Fields:
    return [f"{name}:8" for name in session.inspection.registers(_target(session, fields[1]))]


def _get_register(session: Session, client: Client, fields: _Fields) -> _Fields:
    registers = session.inspection.registers(_target(session, fields[1]))
    return _bytes(registers[_register(registers, fields[2])].to_bytes(8, "little"))


def _set_register(session: Session, client: Client, fields: _Fields) -> _Fields:
    target, data = _target(session, fields[1]), numbers.data(fields[3:])
    _check_stopped(session)
    name = _register(session.inspection.registers(target), fields[2])
    if len(data) != 8:
        raise Refused(f"register {name} has 8 bytes, not {len(data)}")
    session.inspection.write_registers(target, {name: int.from_bytes(data, "little")})
    return [_written(data)]


def _translate(session: Session, client: Client, fields: _Fields) -> _Fields:
    address = numbers.natural(fields[2])
    physical = session.inspection.translate(_target(session, fields[1]), address)
    if physical is None:
        raise Refused("translation error")
    return [f"{physical:#x}"]


def _read_virtual(session: Session, client: Client, fields: _Fields) -> _Fields:
    target, address, size = _place(session, fields)
    return _bytes(session.inspection.read_virtual(target, address, size))


def _write_virtual(session: Session, client: Client, fields: _Fields) -> _Fields:
    target, address = _target(session, fields[1]), numbers.natural(fields[2])
    data = numbers.data(fields[3:])
    _check_stopped(session)
    session.inspection.write_virtual(target, address, data)
    return [_written(data)]


def _read_physical(session: Session, client: Client, fields: _Fields) -> _Fields:
    _, address, size = _place(session, fields)
    return _bytes(session.inspection.read_physical(address, size))


def _write_physical(session: Session, client: Client, fields: _Fields) -> _Fields:
    _target(session, fields[1])
    address, data = numbers.natural(fields[2]), numbers.data(fields[3:])
    _check_stopped(session)
    session.inspection.write_physical(address, data)
    return [_written(data)]


def _place(session: Session, fields: _Fields) -> tuple[str, int, int]:
    target = _target(session, fields[1])
    address, size = numbers.natural(fields[2]), numbers.natural(fields[3])
    if size > MOST_MEMORY:
        raise Refused(f"too much data requested {size} / {MOST_MEMORY}")
    if address + size > 1 << 64:
        raise Refused(f"{size} bytes from {address:#x} pass the end of the address space")
    return target, address, size


def _register(registers: dict[str, int], name: str) -> str:
    if name not in registers:
        raise Refused(f"no such register: {name}")
    return name


def _check_stopped(session: Session) -> None:
    if not session.control.held:
        raise Refused("simulation running")


def _bytes(data: bytes) -> _Fields:
    return [f"0x{byte:02x}" for byte in data]


def _written(data: bytes) -> str:
    return f"{len(data)} bytes written"


def _insert_breakpoint(session: Session, client: Client, fields: _Fields) -> _Fields:
    target, address = _target(session, fields[1]), numbers.natural(fields[2])
    _check_stopped(session)
    return [f"inserted breakpoint {session.breakpoints.insert(client, target, address)}"]


def _remove_breakpoint(session: Session, client: Client, fields: _Fields) -> _Fields:
    number = numbers.natural(fields[1])
    _check_stopped(session)
    session.breakpoints.remove(client, number)
    return []


def _watchpoints(session: Session, client: Client, fields: _Fields) -> _Fields:
    raise session.inspection.unsupported("stopping at watchpoints")


#: Fields that each command needs at least, its name included, and what it does.
COMMANDS: dict[str, tuple[int, _Handler]] = {
    "version": (1, _version), "status": (1, _status), "resume": (1, _resume), "step": (2, _step),
    "stop": (1, _stop), "setsm": (2, _set_stop_mode), "quit": (1, _quit),
    "getq": (1, _get_quantum), "setq": (2, _set_quantum),
    "list": (1, _list), "geta": (2, _get_attribute), "seta": (3, _set_attribute),
    "exec": (3, _exec),
    "arch": (2, _architecture), "lreg": (2, _list_registers), "getr": (3, _get_register),
    "setr": (4, _set_register), "vapa": (3, _translate), "vread": (4, _read_virtual),
    "vwrite": (3, _write_virtual), "pread": (4, _read_physical), "pwrite": (3, _write_physical),
    "mkbp": (3, _insert_breakpoint), "rmbp": (2, _remove_breakpoint),
    "mkwp": (5, _watchpoints), "rmwp": (3, _watchpoints),
}
