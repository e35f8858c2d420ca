# SPDX-License-Identifier: Apache-2.0
"""Isolation: programs that do what no program may, and what becomes of them."""

import hashlib
import re
import struct
from dataclasses import dataclass

from orrery import Fault, Phone, s, scenario

# Exception classes (ESR_EL1.EC) that the offences end with.
UNDEFINED, SYSTEM_REGISTER = 0x00, 0x18
INSTRUCTION_ABORT, DATA_ABORT = 0x20, 0x24
UNALIGNED_STACK, BREAKPOINT = 0x26, 0x3C

WRITE = 1 << 6  # the bit of a data abort's syndrome that tells writes from reads (ESR_EL1.WnR)
KERNEL_LOW, KERNEL_HIGH = 0xFFFF_0000_0000_0000, 0xFFFF_8000_0000_0000
NONCANONICAL = 0x0123_0000_0000_0000

# Where an address has to lie that depends on how the program was linked.
IN_CODE, IN_CONSTANTS, IN_DATA, BELOW_STACK = "r-x", "r--", "rw-", "stack"


@dataclass(frozen=True)
class Crime:
    """A case that the kernel has to end with a fault report."""

    classes: tuple[int, ...]
    address: int | str | None = None
    write: bool | None = None
    mnemonic: str | None = None  # of the instruction at fault, where there is one to be read


CRIMES = {
    "read_null": Crime((DATA_ABORT,), 0, False, "ldr"),
    "write_null": Crime((DATA_ABORT,), 0, True, "str"),
    "read_kernel": Crime((DATA_ABORT,), KERNEL_LOW, False, "ldr"),
    "read_kernel_high": Crime((DATA_ABORT,), KERNEL_HIGH, False, "ldr"),
    "write_kernel": Crime((DATA_ABORT,), KERNEL_LOW, True, "str"),
    "write_kernel_high": Crime((DATA_ABORT,), KERNEL_HIGH, True, "str"),
    "read_noncanonical": Crime((DATA_ABORT,), NONCANONICAL, False, "ldr"),
    "jump_data": Crime((INSTRUCTION_ABORT,), IN_DATA),
    "jump_null": Crime((INSTRUCTION_ABORT,), 0),
    "jump_kernel": Crime((INSTRUCTION_ABORT,), KERNEL_HIGH),
    "write_code": Crime((DATA_ABORT,), IN_CODE, True, "str"),
    "write_rodata": Crime((DATA_ABORT,), IN_CONSTANTS, True, "str"),
    "stack_overflow": Crime((DATA_ABORT,), BELOW_STACK, True, "st"),
    "thread_stack_overflow": Crime((DATA_ABORT,), BELOW_STACK, True, "st"),
    "undefined_instruction": Crime((UNDEFINED,)),
    "privileged_instruction": Crime((UNDEFINED, SYSTEM_REGISTER), mnemonic="mrs"),
    "privileged_msr": Crime((UNDEFINED, SYSTEM_REGISTER), mnemonic="msr"),
    "mask_interrupts": Crime((UNDEFINED, SYSTEM_REGISTER), mnemonic="msr"),
    "hvc": Crime((UNDEFINED,), mnemonic="hvc"),
    "smc": Crime((UNDEFINED,), mnemonic="smc"),
    "breakpoint": Crime((BREAKPOINT,), mnemonic="brk"),
    "unaligned_sp": Crime((UNALIGNED_STACK,), mnemonic="ldr"),
}

# Cases that are refused at every turn, or allowed, and end by themselves: the exit code.
EXITS = {
    "wait_for_interrupt": 0, "bad_calls": 0, "bad_image": 0, "exhaust": 0, "threads": 0,
    "exit_42": 42,
}
KILLED = ("spin",)

# QEMU, and Unicorn after it, do not check the stack pointer's alignment: there it is no crime,
# and the program ends by itself.
UNCHECKED = ("unaligned_sp",)

CASE = re.compile(
    r"^case (\w+) reason=(\w+) code=(-?\d+) "
    r"syndrome=0x([0-9a-f]+) address=0x([0-9a-f]+) pc=0x([0-9a-f]+)$",
    re.MULTILINE,
)


@scenario(program="bin/isolation", time_limit=600 * s, host_limit=900)
def isolation(phone: Phone) -> None:
    """Offenders are ended with the right report; a task beside them never notices."""
    phone.boot()
    before = int(phone.console.wait_for(r"^frames before (\d+)$", timeout=1 * s)[1])
    phone.console.wait_for(r"^isolation: done$", timeout=590 * s)
    text = phone.console.text

    # Each case ended as it should have.
    seen = {match[1]: match for match in CASE.finditer(text)}
    assert list(seen) and set(seen) == {*CRIMES, *EXITS, *KILLED}
    reports = iter(phone.faults)
    for name, match in seen.items():
        reason, code = match[2], int(match[3])
        if name in UNCHECKED and reason == "exited":
            assert code == 0, f"{name}: {match[0]}"
        elif name in CRIMES:
            assert reason == "faulted", f"{name}: {match[0]}"
            report = next(reports, None)
            assert report, f"{name}: the kernel left no report"
            syndrome, address, pc = (int(digits, 16) for digits in match.groups()[3:])
            check_same(name, report, syndrome, address, pc)
            check_crime(phone, name, report)
        elif name in EXITS:
            assert (reason, code) == ("exited", EXITS[name]), f"{name}: {match[0]}"
        elif name in KILLED:
            assert reason == "killed", f"{name}: {match[0]}"
    assert next(reports, None) is None, "the kernel reported a fault that no case explains"

    # The task beside them has the right answer, and every frame came back.
    digest = bytes(32)
    for _ in range(20000):
        digest = hashlib.sha256(digest).digest()
    assert f"steady: {digest.hex()}\n" in text
    assert "steady exited with code 0\n" in text
    after = int(re.search(r"^frames after (\d+)$", text, re.MULTILINE)[1])
    # A heap that keeps frames for later has what is missing.
    kept = 0 if phone.kernel_heap.allocator == "simple" else phone.kernel_heap.frames
    assert 0 <= before - after <= kept, f"{before - after} frames were lost"
    phone.metrics.record("isolation.cases", len(seen))


def check_same(name: str, report: Fault, syndrome: int, address: int, pc: int) -> None:
    """The parent was told the same as the fault report says."""
    assert "offender" in report.name, f"{name}: the report is about {report.name}"
    assert report.syndrome & 0xFFFF_FFFF == syndrome, f"{name}: syndrome {report.syndrome:#x}"
    assert report.pc == pc, f"{name}: pc {report.pc:#x}"
    if report.exception_class in (INSTRUCTION_ABORT, DATA_ABORT):
        assert report.address == address, f"{name}: address {report.address:#x}"


def check_crime(phone: Phone, name: str, report: Fault) -> None:
    """The report tells this crime."""
    crime = CRIMES[name]
    assert report.exception_class in crime.classes, f"{name}: {report} ({report.syndrome:#x})"
    assert report.explanation, f"{name}: the report has no explanation"

    if crime.address == BELOW_STACK:
        distance = abs(report.address - report.registers["sp"])
        assert distance < 4096, f"{name}: {report.address:#x} is not at the end of the stack"
    elif isinstance(crime.address, str):
        ranges = segments(phone.archive["bin/offender"], crime.address)
        linked = report.address - report.load_bias
        inside = any(low <= linked < high for low, high in ranges)
        assert inside, f"{name}: {report.address:#x} is not in its {crime.address} memory"
    elif crime.address is not None:
        assert report.address == crime.address, f"{name}: address {report.address:#x}"

    if crime.write is not None:
        assert bool(report.syndrome & WRITE) == crime.write, f"{name}: read taken for a write"
    if report.exception_class == INSTRUCTION_ABORT:
        assert report.pc == report.address, f"{name}: pc {report.pc:#x}"
    else:
        assert report.disassembly, f"{name}: the instruction is not disassembled"
    if crime.mnemonic:
        said = report.disassembly
        assert said.startswith(crime.mnemonic), f'{name}: the instruction is "{said}"'


def segments(program: bytes, access: str) -> list[tuple[int, int]]:
    """Address ranges that an ELF program asks to have mapped with some access, such as `r-x`."""
    (table,) = struct.unpack_from("<Q", program, 32)
    size, count = struct.unpack_from("<HH", program, 54)
    ranges = []
    for header in range(table, table + size * count, size):
        kind, flags, _, address, _, _, length = struct.unpack_from("<IIQQQQQ", program, header)
        bits = "".join(letter if flags & bit else "-" for letter, bit in zip("rwx", (4, 2, 1)))
        if kind == 1 and bits == access:
            ranges.append((address, address + length))
    return ranges
