# SPDX-License-Identifier: Apache-2.0
"""The object tree that `list` shows: what the machine is made of, and what it counts.

Names are hierarchical, with dots. Attributes are values at the moment of asking; none can be set.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from ..backend import Backend
from ..errors import Unsupported
from .inspection import Inspection, Object, Refused
from .modules import MODULES, Command

if TYPE_CHECKING:
    from .control import Client
    from .state import Session


@dataclass
class Node:
    """An object with its attributes, commands and children, each by name."""

    name: str
    kind: str
    attributes: dict[str, Any] = field(default_factory=dict)
    commands: dict[str, Command] = field(default_factory=dict)
    children: dict[str, Node] = field(default_factory=dict)


def tree_of(machine: Backend, inspection: Inspection) -> Node:
    """The tree as it is now; its root has no name."""
    root = Node("", "root")
    for shown in inspection.objects():
        _add(root, shown)
    _add_kernel(root, machine.kernel())
    _add_work(root, machine)
    _add_power(root, machine.power())
    for name, (kind, commands) in {**MODULES, **_OWN}.items():
        _child(root, name, kind).commands = commands
    return root


def find(root: Node, name: str) -> Node | None:
    """The object of a hierarchical name."""
    node: Node | None = root
    for part in name.split("."):
        node = node.children.get(part) if node else None
    return node


def as_values(node: Node) -> dict[str, Any]:
    """An object with the values of its attributes, and all below it."""
    return {
        "name": node.name, "kind": node.kind,
        "attributes": [[name, value] for name, value in node.attributes.items()],
        "objects": [as_values(child) for child in node.children.values()],
    }


def values_of(value: Any) -> list[str]:
    """The values of an attribute, as text."""
    return [_text(one) for one in (value if isinstance(value, list) else [value])]


def as_xml(root: Node, version: str, targets: list[str]) -> str:
    """The listing as VCML gives it, without line breaks."""
    parts = ['<?xml version="1.0" ?><hierarchy>']
    for node in root.children.values():
        parts += _xml(node, version)
    parts += [f'<target arch="aarch64" group="cpus">{name}</target>' for name in targets]
    return "".join([*parts, "<serial>console</serial></hierarchy>"])


def as_json(root: Node, version: str, targets: list[str]) -> str:
    """The same as JSON, with VCML's names."""
    named = [{"name": name, "arch": "aarch64", "group": "cpus"} for name in targets]
    return json.dumps({
        "objects": [_json(node, version) for node in root.children.values()], "targets": named,
        "loaders": [], "keyboards": [], "mice": [], "serial": [{"name": "console"}],
        "ethernet": [],
    })


def _values(session: Session, client: Client, arguments: list[str]) -> Any:
    root = tree_of(session.machine, session.inspection)
    node = find(root, arguments[0]) if arguments else root
    if node is None:
        raise Refused(f"object '{arguments[0]}' not found")
    return as_values(node)


#: Commands about the tree itself, as MODULES in modules.py.
_OWN: dict[str, tuple[str, dict[str, Command]]] = {
    "objects": ("orrery::objects", {
        "values": Command(0, "values [OBJECT]: objects with the values of attributes", _values),
    }),
}


def _add(parent: Node, shown: Object) -> None:
    node = _child(parent, shown.name, shown.kind)
    for child in shown.children:
        _add(node, child)


def _child(parent: Node, name: str, kind: str) -> Node:
    return parent.children.setdefault(name, Node(name, kind))


def _add_kernel(root: Node, view: Any) -> None:
    kernel = _child(root, "kernel", "orrery::kernel")
    for name in ("present", "state", "boot_ns", "init_ns", "power_off_code", "frames_total",
                 "frames_free", "fault_count", "trace_lost"):
        kernel.attributes[name] = getattr(view, name)
    if not view.present:
        return
    _child(kernel, "memory", "orrery::counters").attributes = dict(view.memory)
    frames = _child(kernel, "page_frames", "orrery::counters")
    frames.attributes = {"allocator": view.page_frames.allocator, **dict(view.page_frames.owners)}
    _child(kernel, "heap", "orrery::counters").attributes = {
        name: getattr(view.kernel_heap, name)
        for name in ("allocator", "frames", "objects", "bytes")
    }
    for number, cpu in enumerate(view.cpus):
        node = _child(root, f"cpu{number}", "orrery::cpu")
        node.attributes |= {
            name: getattr(cpu, name)
            for name in ("online", "thread", "traps", "system_calls", "interrupts", "faults",
                         "context_switches", "idle_ns", "user_ns")
        }


def _add_work(root: Node, machine: Backend) -> None:
    for source in (machine.cpu_work, machine.memory_counts):
        try:
            for number, counts in enumerate(source()):
                _child(root, f"cpu{number}", "orrery::cpu").attributes |= counts
        except Unsupported:
            continue  # not every machine counts these


def _add_power(root: Node, report: Any) -> None:
    if report is None:
        return
    power = _child(root, "power", "orrery::power")
    power.attributes = {
        name: getattr(report, name)
        for name in ("ambient_celsius", "battery_percent", "battery_volts", "battery_amperes",
                     "battery_empty")
    }
    for kind, parts, names in (
        ("rail", report.rails, ("subsystem", "joules", "watts")),
        ("clock", report.clocks, ("kilohertz", "throttled")),
        ("temperature", report.temperatures, ("celsius",)),
    ):
        group = _child(power, f"{kind}s", "orrery::group")
        for part in parts:
            node = _child(group, part.name.replace(".", "_"), f"orrery::{kind}")
            node.attributes = {name: getattr(part, name) for name in names}


def _type(value: Any) -> str:
    sample = value[0] if isinstance(value, list) and value else value
    return {bool: "bool", int: "u64", float: "double"}.get(type(sample), "string")


def _count(value: Any) -> int:
    return len(value) if isinstance(value, list) else 1


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(text: str) -> str:
    return quoteattr(text).encode("ascii", "xmlcharrefreplace").decode("ascii")


def _xml(node: Node, version: str) -> Iterator[str]:
    yield (f"<object name={_quoted(node.name)} kind={_quoted(node.kind)} "
           f"version={_quoted(version)}>")
    for name, value in node.attributes.items():
        yield f'<attribute name={_quoted(name)} type="{_type(value)}" count="{_count(value)}" />'
    for name, command in node.commands.items():
        yield (f'<command name={_quoted(name)} argc="{command.arguments}" '
               f"desc={_quoted(command.description)} />")
    for child in node.children.values():
        yield from _xml(child, version)
    yield "</object>"


def _json(node: Node, version: str) -> dict[str, Any]:
    return {
        "name": node.name, "kind": node.kind, "version": version,
        "attributes": [
            {"name": name, "type": _type(value), "count": _count(value)}
            for name, value in node.attributes.items()
        ],
        "commands": [
            {"name": name, "argc": command.arguments, "desc": command.description}
            for name, command in node.commands.items()
        ],
        "objects": [_json(child, version) for child in node.children.values()],
    }
