# SPDX-License-Identifier: Apache-2.0
"""Registers as GDB numbers and lays them out, and the target description that tells it so.

Features and names are those of "Debugging with GDB", appendix G.5.1, AArch64 Features.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..session.inspection import Inspection, Refused

_CORE = [*(f"x{number}" for number in range(31)), "sp", "pc"]
_VECTORS = [f"v{number}" for number in range(32)]


@dataclass(frozen=True)
class Register:
    """A register: its name for GDB, its bytes, and the name that the machine has for it."""

    name: str
    size: int
    source: str = ""  # empty: of the vector unit


#: In the order of their numbers, which is also that of `g`.
REGISTERS = [
    *(Register(name, 8, name) for name in _CORE), Register("cpsr", 4, "pstate"),
    *(Register(name, 16) for name in _VECTORS), Register("fpsr", 4), Register("fpcr", 4),
]
_FIRST_VECTOR = len(_CORE) + 1


def description() -> bytes:
    """The target description, `target.xml`."""
    types = {"sp": "data_ptr", "pc": "code_ptr"}
    core = "".join(f'<reg name="{name}" bitsize="64" type="{types.get(name, "int")}"/>'
                   for name in _CORE)
    vectors = "".join(f'<reg name="{name}" bitsize="128" type="aarch64v"/>' for name in _VECTORS)
    return (
        '<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd">'
        '<target version="1.0"><architecture>aarch64</architecture>'
        f'<feature name="org.gnu.gdb.aarch64.core">{core}<reg name="cpsr" bitsize="32"/></feature>'
        f'<feature name="org.gnu.gdb.aarch64.fpu">{_vector_types()}{vectors}'
        '<reg name="fpsr" bitsize="32"/><reg name="fpcr" bitsize="32"/></feature></target>'
    ).encode()


def _vector_types() -> str:
    # The union that GDB expects of V registers: d, s, h, b and q, each of several types.
    kinds = {
        "d": (("f", "ieee_double"), ("u", "uint64"), ("s", "int64")),
        "s": (("f", "ieee_single"), ("u", "uint32"), ("s", "int32")),
        "h": (("u", "uint16"), ("s", "int16")), "b": (("u", "uint8"), ("s", "int8")),
        "q": (("u", "uint128"), ("s", "int128")),
    }
    counts = {"d": 2, "s": 4, "h": 8, "b": 16, "q": 1}
    text = ""
    for kind, fields in kinds.items():
        for field, element in fields:
            text += f'<vector id="v{kind}{field}" type="{element}" count="{counts[kind]}"/>'
    for kind, fields in kinds.items():
        members = "".join(f'<field name="{field}" type="v{kind}{field}"/>' for field, _ in fields)
        text += f'<union id="vn{kind}">{members}</union>'
    members = "".join(f'<field name="{kind}" type="vn{kind}"/>' for kind in kinds)
    return text + f'<union id="aarch64v">{members}</union>'


def read_all(inspection: Inspection, target: str) -> bytes:
    """The registers of a CPU as `g` has them."""
    values = inspection.registers(target)
    core = (values[one.source].to_bytes(8, "little")[: one.size]
            for one in REGISTERS[:_FIRST_VECTOR])
    return b"".join(core) + inspection.vectors(target)


def read(inspection: Inspection, target: str, number: int) -> bytes:
    """One register."""
    begin, end = _place(number)
    return read_all(inspection, target)[begin:end]


def write(inspection: Inspection, target: str, number: int, data: bytes) -> None:
    """Sets one register; raises `Refused`."""
    begin, end = _place(number)
    if len(data) != end - begin:
        raise Refused(f"register {REGISTERS[number].name} has {end - begin} bytes")
    source = REGISTERS[number].source
    if not source:
        raise inspection.unsupported("writing vector registers")
    inspection.write_registers(target, {source: int.from_bytes(data, "little")})


def write_all(inspection: Inspection, target: str, data: bytes) -> None:
    """Sets the registers of `G`; those of the vector unit must be as they are."""
    before = read_all(inspection, target)
    vectors = _place(_FIRST_VECTOR)[0]
    if len(data) != len(before):
        raise Refused(f"the registers have {len(before)} bytes")
    if data[vectors:] != before[vectors:]:
        raise inspection.unsupported("writing vector registers")
    values, at = {}, 0
    for one in REGISTERS[:_FIRST_VECTOR]:
        values[one.source] = int.from_bytes(data[at : at + one.size], "little")
        at += one.size
    inspection.write_registers(target, values)


def _place(number: int) -> tuple[int, int]:
    if number >= len(REGISTERS):
        raise Refused(f"there is no register {number}")
    begin = sum(one.size for one in REGISTERS[:number])
    return begin, begin + REGISTERS[number].size
