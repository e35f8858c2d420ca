# SPDX-License-Identifier: Apache-2.0
"""Stub: the commands of GDB's remote serial protocol, after "Debugging with GDB", appendix E.

A command takes its payload and returns that of its reply; None: there is none yet, because the run
goes on. An empty reply says that a command is not known, as the protocol wants it.
"""

from __future__ import annotations

from collections.abc import Callable

from ..errors import Unsupported
from ..session.inspection import PAGE, Refused
from ..session.state import Session
from . import registers
from .execution import Execution
from .monitor import monitor
from .packets import LONGEST

#: Bytes of memory that one reply brings: two digits a byte.
_MOST_MEMORY = LONGEST // 2
_TRAP, _INTERRUPT = 5, 2  # SIGTRAP, SIGINT
# EINVAL, EOPNOTSUPP, EFAULT, EIO
_BAD, _UNSUPPORTED, _NO_MEMORY, _FAILED = b"E16", b"E5f", b"E0e", b"E05"
_FEATURES = (b"PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;vContSupported+;swbreak+;"
             b"hwbreak+" % LONGEST)


class Stub:
    """What one debugger asks of the run."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.execution = Execution(session)
        #: The run goes on, and the debugger waits to hear why it has stopped.
        self.waiting = False
        #: The debugger has let go.
        self.detached = False
        #: It asks for packets without acknowledgement from the next one on.
        self.wants_no_acknowledgement = False
        #: Simulated time at which `monitor for` lets the next continuation end.
        self.limit: int | None = None
        self._current = self.execution.stopped_at
        self._interrupted = False

    def answer(self, payload: bytes) -> bytes | None:
        """The reply to a packet."""
        for prefix, handler in _COMMANDS:
            if payload.startswith(prefix):
                try:
                    return handler(self, payload[len(prefix):])
                except Unsupported:
                    return _UNSUPPORTED
                except (Refused, ValueError, IndexError):
                    return _BAD
                except Exception:  # of the simulator; the run goes on, and GDB is told
                    return _FAILED
        return b""

    def interrupt(self) -> None:
        """Ctrl-C."""
        if self.waiting and self.execution.reason is None:
            self._interrupted = True
            self._session.control.hold(self.execution, "gdb")

    def stop_reply(self) -> bytes:
        """The run has stopped: why, and which CPU."""
        self.waiting = False
        self.execution.end_step()
        self._current = self.execution.stopped_at
        return self._why(b"")

    def _why(self, _: bytes) -> bytes:
        signal = _INTERRUPT if self._interrupted else _TRAP
        cause = b"swbreak:;" if self.execution.at_breakpoint else b""
        return b"T%02xthread:%x;%b" % (signal, self._number(self.execution.stopped_at), cause)

    # Going on

    def _go_on(self) -> None:
        self.execution.go_on(self.limit)
        self.limit = None
        self._begin()

    def _begin(self) -> None:
        self._interrupted = False
        self.waiting = True

    def _step_or_continue(self, actions: bytes) -> None:
        # Of the actions the first that fits a thread counts. Only a step says something, as all
        # CPUs go on in any case.
        for action in actions.split(b";"):
            what, _, thread = action.partition(b":")
            if what[:1] in (b"s", b"S", b"r"):
                target = self._target(thread) if thread else self._current
                begin, end = _pair(what[1:]) if what[:1] == b"r" else (0, 0)
                self.execution.step(target, begin, end)
                return self._begin()
            if what[:1] not in (b"c", b"C"):
                raise ValueError(what)
        return self._go_on()

    def _continue(self, address: bytes) -> None:
        self._jump(address)
        self._go_on()

    def _step(self, address: bytes) -> None:
        self._jump(address)
        self.execution.step(self._current)
        self._begin()

    def _jump(self, address: bytes) -> None:
        if address:
            self._session.inspection.write_registers(self._current, {"pc": int(address, 16)})

    def _detach(self, _: bytes) -> bytes:
        self.detached = True
        return b"OK"

    def _kill(self, _: bytes) -> bytes:
        self._session.control.quitting = True
        self._session.control.ended_by = "GDB"
        return b"OK"

    # Threads, which are CPUs

    def _number(self, target: str) -> int:
        return self.execution.targets().index(target) + 1

    def _target(self, thread: bytes) -> str:
        number = int(thread, 16)
        if number in (-1, 0):  # all, or any
            return self._current
        if number < 1:
            raise ValueError(thread)
        return self.execution.targets()[number - 1]

    def _choose(self, choice: bytes) -> bytes:
        target = self._target(choice[1:])
        if choice[:1] == b"g":
            self._current = target
        return b"OK"

    def _is_alive(self, thread: bytes) -> bytes:
        self._target(thread)
        return b"OK"

    def _threads(self, _: bytes) -> bytes:
        return b"m" + b",".join(b"%x" % self._number(one) for one in self.execution.targets())

    def _thread_information(self, thread: bytes) -> bytes:
        return self.describe(self._target(thread)).encode().hex().encode()

    def describe(self, target: str) -> str:
        """A CPU, and what runs on it."""
        thread = self.execution.thread(target)
        if thread == 0:
            return f"{target}: no thread, EL{self.execution.level(target)}"
        return f"{target}: {self._task_on(target)}thread {thread}, EL{self.execution.level(target)}"

    def _task_on(self, target: str) -> str:
        try:
            number = self._session.inspection.task(target)
        except Unsupported:
            return ""
        return f"task {number} ({self.execution.program(target)}), "

    def _current_thread(self, _: bytes) -> bytes:
        return b"QC%x" % self._number(self._current)

    # Registers and memory

    def _read_registers(self, _: bytes) -> bytes:
        return _hex(registers.read_all(self._session.inspection, self._current))

    def _write_registers(self, data: bytes) -> bytes:
        registers.write_all(self._session.inspection, self._current, _unhex(data))
        return b"OK"

    def _read_register(self, number: bytes) -> bytes:
        return _hex(registers.read(self._session.inspection, self._current, int(number, 16)))

    def _write_register(self, text: bytes) -> bytes:
        number, _, data = text.partition(b"=")
        registers.write(self._session.inspection, self._current, int(number, 16), _unhex(data))
        return b"OK"

    def _read_memory(self, place: bytes) -> bytes:
        address, size = _numbers(place)
        data = self._readable(address, min(size, _MOST_MEMORY))
        return _hex(data) if data or size == 0 else _NO_MEMORY

    def _readable(self, address: int, size: int) -> bytes:
        """As much as can be read from an address on."""
        data = b""
        while len(data) < size:
            at = address + len(data)
            length = min(size - len(data), PAGE - at % PAGE)
            try:
                data += self._session.inspection.read_virtual(self._current, at, length)
            except (Refused, Unsupported):
                break
        return data

    def _write_memory(self, text: bytes) -> bytes:
        place, _, data = text.partition(b":")
        return self._write(place, _unhex(data))

    def _write_binary(self, text: bytes) -> bytes:
        place, _, data = text.partition(b":")
        return self._write(place, data)

    def _write(self, place: bytes, data: bytes) -> bytes:
        address, size = _numbers(place)
        if size != len(data):
            return _BAD
        try:
            if data:
                self._session.inspection.write_virtual(self._current, address, data)
        except Refused:
            return _NO_MEMORY
        return b"OK"

    # Breakpoints

    def _insert(self, text: bytes) -> bytes:
        self.execution.insert(_breakpoint(text))
        return b"OK"

    def _remove(self, text: bytes) -> bytes:
        self.execution.remove(_breakpoint(text))
        return b"OK"

    # Queries

    def _start_without_acknowledgement(self, _: bytes) -> bytes:
        self.wants_no_acknowledgement = True
        return b"OK"

    def _monitor(self, command: bytes) -> bytes:
        return _hex((monitor(self, self._session, _unhex(command).decode()) + "\n").encode())

    @property
    def current(self) -> str:
        """The CPU that the debugger looks at."""
        return self._current


def _description(text: bytes) -> bytes:
    name, _, place = text.partition(b":")
    if name != b"target.xml":
        return b"E00"
    offset, size = _numbers(place)
    whole = registers.description()
    part = whole[offset : offset + min(size, LONGEST - 1)]
    return (b"m" if offset + len(part) < len(whole) else b"l") + part


def _breakpoint(text: bytes) -> int:
    address, _ = _numbers(text.partition(b";")[0])
    if address % 4 != 0 or address >> 64:
        raise Refused("an instruction lies at a multiple of four")
    return address


def _numbers(text: bytes) -> tuple[int, int]:
    """An address and a size that fits behind it."""
    first, second = _pair(text)
    if first + second > 1 << 64:
        raise ValueError(text)
    return first, second


def _pair(text: bytes) -> tuple[int, int]:
    first, second = (int(number, 16) for number in text.split(b","))
    if first < 0 or second < 0:
        raise ValueError(text)
    return first, second


def _hex(data: bytes) -> bytes:
    return data.hex().encode()


def _unhex(text: bytes) -> bytes:
    return bytes.fromhex(text.decode("ascii"))


def _say(reply: bytes) -> Callable[[Stub, bytes], bytes]:
    return lambda stub, rest: reply


#: By prefix; the first that fits counts. Z2 to Z4, watchpoints, are not there: see the README.
_COMMANDS: tuple[tuple[bytes, Callable[[Stub, bytes], bytes | None]], ...] = (
    (b"?", Stub._why), (b"g", Stub._read_registers), (b"G", Stub._write_registers),
    (b"p", Stub._read_register), (b"P", Stub._write_register),
    (b"m", Stub._read_memory), (b"M", Stub._write_memory), (b"X", Stub._write_binary),
    (b"Z0,", Stub._insert), (b"Z1,", Stub._insert),
    (b"z0,", Stub._remove), (b"z1,", Stub._remove),
    (b"vCont?", _say(b"vCont;c;C;s;S;r")), (b"vCont;", Stub._step_or_continue),
    (b"vKill", Stub._kill), (b"k", Stub._kill), (b"D", Stub._detach),
    (b"C", lambda stub, rest: stub._continue(rest.partition(b";")[2])), (b"c", Stub._continue),
    (b"S", lambda stub, rest: stub._step(rest.partition(b";")[2])), (b"s", Stub._step),
    (b"H", Stub._choose), (b"T", Stub._is_alive),
    (b"qSupported", _say(_FEATURES)), (b"qAttached", _say(b"1")),
    (b"qfThreadInfo", Stub._threads), (b"qsThreadInfo", _say(b"l")),
    (b"qThreadExtraInfo,", Stub._thread_information), (b"qC", Stub._current_thread),
    (b"qXfer:features:read:", lambda stub, rest: _description(rest)),
    (b"qSymbol", _say(b"OK")),
    (b"qRcmd,", Stub._monitor), (b"QStartNoAckMode", Stub._start_without_acknowledgement),
)
