# SPDX-License-Identifier: Apache-2.0
"""The same kernel image on QEMU, stopped at points of its own time.

The kernel calls `kernel_hold` on its boot CPU when its counter passes `KernelInfo.hold_at`, and
when a trace ring is full. A breakpoint there stops the machine. QEMU counts time in instructions
(`-icount`), so a busy host changes nothing of when that is, in the phone's time; its interleaving
of CPUs may still differ a little from run to run. While the machine stands still this side reads
the kernel's tables through the shared memory, types, empties the trace rings and says when to hold
next.
"""

from __future__ import annotations

import array
import fcntl
import hashlib
import select
import socket
import termios
import time
from pathlib import Path
from typing import Any

from . import paths
from .backend import Config
from .errors import SimulatorError, Unsupported, UsageError
from .gdb_client import GdbClient
from .image import check_image
from .qemu_process import QemuProcess
from .qmp_client import QmpClient
from .session.qemu_inspection import QemuInspection
from .units import ms

_FIRST_HOLD = 1 * ms
# Waiting for the console: from short steps, so as to notice soon, to long ones on an idle phone.
_SHORTEST_STEP = 1 * ms
_LONGEST_STEP = 100 * ms
_LONGEST_TRACED_STEP = 50 * ms
# What a line of 115200 baud carries in a millisecond; fits the UART's FIFO of 16.
_INPUT_CHUNK = 11
_INPUT_STEP = 1 * ms
# Host seconds between looks at a machine that does not stop.
_LOOK = 0.2
# Host seconds that a kernel has for its first millisecond: a hundred times what it needs.
_START_PATIENCE = 30.0


class QemuBackend:
    """`--on qemu`: the AArch64 image on QEMU's `virt` board with eight Cortex-A72."""

    def __init__(self, config: Config) -> None:
        for path in (config.image, config.archive):
            if not path.is_file():
                raise UsageError(f"{paths.display(path)} is missing: run ./orrery build first")
        check_image(config.image)
        self._config = config
        self._native = paths.native()
        # What is written of the kernel's records: a trace, a recording, or nothing.
        self._records = [
            str(path) if path else None for path in (config.trace, config.allocations)
        ]
        self._process: QemuProcess | None = None
        self._console = bytearray()
        self._input = bytearray()
        self._now = 0
        self._step = _SHORTEST_STEP
        self._held_thread: str | None = None
        self._over: str | None = None
        self._versions: dict[str, str] = {}
        bootargs = f"hold={_FIRST_HOLD} {config.bootargs}"
        self._process = QemuProcess(config, bootargs)

    def boot(self) -> None:
        """Connects to QEMU and prepares the first hold; the machine stays at rest."""
        process = self._running()
        try:
            self._qmp = QmpClient(process.qmp)
            self._versions["qemu"] = self._qmp.start()
            self._gdb = GdbClient(process.gdb)
            self._gdb.start()
            image = self._config.image.read_bytes()
            self._versions["image"] = hashlib.sha256(image).hexdigest()
            self._shared = self._native.SharedPhone(process.memory_banks, image)
            self._gdb.insert_breakpoint(self._shared.placed)
        except (SimulatorError, RuntimeError) as error:
            raise self._death(str(error)) from error

    def run(self, nanoseconds: int, until_console: bool) -> str:
        """Runs from hold to hold until the time is up or the console has said something."""
        target = self._now + nanoseconds
        while self._over is None:
            end = target
            if until_console:
                end = min(end, self._now + self._step)
            if self._traced:
                end = min(end, self._now + _LONGEST_TRACED_STEP)
            if self._input:
                end = min(end, self._now + _INPUT_STEP)
            self._type()
            while self._over is None and self._now < end:
                try:
                    self._run_to_hold(end)
                except SimulatorError as error:
                    # Where QEMU has ended, that is the reason for whatever went wrong.
                    raise self._death(str(error)) from error
            self._take_output()
            if self._over:
                break
            if until_console and self._console:
                self._step = _SHORTEST_STEP
                return "console"
            if self._now >= target:
                return "time"
            self._step = min(2 * self._step, _LONGEST_STEP)
        return self._over

    @property
    def now(self) -> int:
        """The kernel's counter at the last hold."""
        return self._now

    def console_take(self) -> bytes:
        """Output of the UART since the last call."""
        data = bytes(self._console)
        self._console.clear()
        return data

    def console_send(self, data: bytes) -> None:
        """Input for the UART, at the pace of a serial line."""
        self._input += data
        self._step = _SHORTEST_STEP

    def kernel(self) -> Any:
        """The kernel's view of itself, read from the shared memory."""
        return self._shared.kernel()

    def configure_power(self, choices: dict[str, Any]) -> None:
        """QEMU models no power."""
        raise Unsupported("QEMU models no power: use --on soc")

    def power(self) -> Any:
        """None: QEMU models no power."""
        return None

    def cpu_work(self) -> list[dict[str, float]]:
        """Not on QEMU, which knows no cycles."""
        raise Unsupported("phone.cpu_work is Unsupported on qemu, which counts no cycles")

    def memory_counts(self) -> list[dict[str, int]]:
        """Not on QEMU, which models no caches."""
        raise Unsupported("phone.memory_counts is Unsupported on qemu, which models no caches")

    def inspection(self) -> QemuInspection:
        """Memory and registers."""
        return QemuInspection(self)

    def versions(self) -> dict[str, str]:
        """Versions of QEMU and of the simulator's module, and the image's SHA-256."""
        return {"orrery": self._native.version()} | self._versions

    def finish(self) -> None:
        """Empties the trace rings and completes the trace."""
        if self._traced and self._held_once:
            self._shared.trace_drain()
            self._shared.trace_finish()

    def close(self) -> None:
        """Ends QEMU."""
        process, self._process = self._process, None
        if process is None:
            return
        if shared := getattr(self, "_shared", None):
            shared.close()
        process.close()

    # For whoever looks at the machine at rest

    @property
    def debug_stub(self) -> GdbClient:
        """QEMU's debug stub. Precondition: the phone has been switched on."""
        return self._gdb

    @property
    def memory(self) -> list[tuple[int, int, int]]:
        """Descriptor, address and size of each bank of memory."""
        return self._running().memory

    def tap_trace(self, limit: int) -> Any:
        """A queue of what the trace gets from now on; raises `RuntimeError` if none is written."""
        return self._shared.tap_trace(limit)

    # Stops

    @property
    def _traced(self) -> bool:
        return any(self._records)

    @property
    def _held_once(self) -> bool:
        return self._now > 0 or self._over is not None

    def _running(self) -> QemuProcess:
        if self._process is None:
            raise SimulatorError("QEMU has been closed")
        return self._process

    def _run_to_hold(self, until: int) -> None:
        """Runs to the next hold, or to the end of the machine, and notes which."""
        first = not self._held_once
        if first:
            self._run_until_placed()
        else:
            self._shared.set_hold_at(until)
        self._run_to_stop(patience=_START_PATIENCE if first else None)
        if first and not self._shared.locate():
            raise SimulatorError("the kernel image cannot be found in the phone's memory")
        if first and self._traced:
            self._shared.trace_open(*self._records)
        view = self._shared.kernel()
        if self._over == "panicked" and view.epitaph is not None:
            self._now = max(self._now, view.epitaph.time_ns)
        elif self._over is None and view.hold_ns < self._now and not first:
            # Two CPUs may hold at the same moment, but none in the past.
            raise SimulatorError("the phone was held, but its time has gone backwards")
        self._now = max(self._now, view.hold_ns)
        if self._traced:
            self._shared.trace_drain()

    def _run_until_placed(self) -> None:
        """Lets the image choose where it runs, and sets the breakpoint of the holds there."""
        placed = self._shared.placed
        self._run_to_stop(patience=_START_PATIENCE)
        if self._held_thread is None:
            raise SimulatorError("the kernel ended before it had begun: is its image whole?")
        self._held_thread = None  # with the breakpoint gone there is nothing to skip
        self._gdb.remove_breakpoint(placed)
        self._gdb.insert_breakpoint(self._shared.hold_function)

    def _run_to_stop(self, patience: float | None) -> None:
        if self._held_thread:
            self._gdb.skip_instruction(self._held_thread)
        self._gdb.resume()
        self._held_thread = None
        deadline = time.monotonic() + (patience or 0)
        while self._held_thread is None and self._over is None:
            self._wait_and_look()
            if patience and time.monotonic() > deadline:
                raise SimulatorError("the kernel does not start: is its image whole?")

    def _wait_and_look(self) -> None:
        # The console is emptied all the time: QEMU's CPUs wait when nobody takes their output.
        process = self._running()
        ends = [self._gdb, self._qmp, process.console]
        ready, _, _ = select.select(ends, [], [], _LOOK)
        self._take_output()
        thread = self._gdb.stopped()
        if thread:
            self._held_thread = thread
            return
        for event in self._qmp.take_events():
            if event.get("event") == "SHUTDOWN":
                self._shut_down(event.get("data", {}).get("reason", ""))
                return
        if self._gdb.closed or self._qmp.closed:
            raise self._death("QEMU closed its connections")
        # A panicked kernel stays where it is and never holds again.
        if not ready and self._shared.locate() and self.kernel().state == "panicked":
            self._over = "panicked"

    def _shut_down(self, reason: str) -> None:
        state = self.kernel().state if self._shared.locate() else "off"
        if state in ("panicked", "powered_off"):
            self._over = state
        elif reason.startswith("guest"):
            word = "reset itself" if reason == "guest-reset" else "switched itself off"
            raise SimulatorError(f"the machine {word} without a word from the kernel")
        else:
            raise SimulatorError(f"QEMU was told to end from outside ({reason or 'unknown'})")

    def _death(self, why: str) -> SimulatorError:
        process = self._running()
        code = process.exit_code(wait=2)
        if code is None:
            return SimulatorError(why)
        words = process.last_words()
        end = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return SimulatorError(f"QEMU {end}" + (f": {words}" if words else ""))

    # Console

    def _take_output(self) -> None:
        console = self._running().console
        try:
            while data := console.recv(65536, socket.MSG_DONTWAIT):
                self._console += data
        except (BlockingIOError, ConnectionResetError):
            pass

    def _type(self) -> None:
        """Hands over what a line carries in one step, and sees that it has arrived."""
        if not self._input:
            return
        console = self._running().console
        sent = console.send(bytes(self._input[:_INPUT_CHUNK]))
        del self._input[:sent]
        deadline = time.monotonic() + 0.1
        while _unread(console) and time.monotonic() < deadline:
            time.sleep(0.0002)


def _unread(connection: socket.socket) -> int:
    """Bytes that the other side has not read yet."""
    amount = array.array("i", [0])
    fcntl.ioctl(connection, termios.TIOCOUTQ, amount)
    return amount[0]
