# SPDX-License-Identifier: Apache-2.0
"""A phone in pure Python, for tests of everything around a phone: `--on fake`.

Loaded by ORRERY_EXTRA_BACKEND=fake_backend. Its kernel starts init after 3 ms, and its program, one
of those below, is the last word of the kernel command line.
"""

from __future__ import annotations

import os
import signal
from types import SimpleNamespace
from typing import Any

from fake_inspection import FakeInspection
from orrery import Unsupported, ms
from orrery.backend import Config, register

INIT_AT = 3 * ms


class FakeBackend:
    """Writes scripted lines at scripted times, echoes what is typed, ends as told.

    Programs: `talk` says a few things, `panic` panics, `off` powers off with code 5, `crash` kills
    the process, `dead` never starts init, `odd` raises an error of its own.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.program = config.bootargs.split()[-1]
        self.now = 0
        self.closed = False
        self._inspection = FakeInspection(self)
        self._output = b""
        self._events: list[tuple[int, bytes]] = []
        if self.program == "talk":
            self._events = [
                (5 * ms, b"hello\r\n"), (6 * ms, b"frames 12"),
                (6 * ms + 300_000, b"345\r\n"), (8 * ms, b"prompt> "),
            ]

    def boot(self) -> None:
        if self.config.trace:
            self.config.trace.write_bytes(b"half of a trace")

    def run(self, nanoseconds: int, until_console: bool) -> str:
        if self._inspection.breakpoints:
            nanoseconds = min(nanoseconds, 1000)
            for address in sorted(self._inspection.breakpoints):
                self._inspection.reached("cpu0", address)
        end = self.now + nanoseconds
        if self.program == "odd" and end > INIT_AT:
            raise ValueError("odd")
        while self._events and self._events[0][0] <= end:
            self.now, text = self._events.pop(0)
            self._output += text
            if until_console:
                return "console"
        self.now = end
        for tap in self._inspection.taps:
            tap.add(end, "cpu0", "ThreadSwitch", 1, 0, 0)
        if self.program == "crash" and end > INIT_AT:
            print("last words", flush=True)
            os.kill(os.getpid(), signal.SIGSEGV)
        if self.program in ("panic", "off") and end >= 20 * ms:
            self.now = 20 * ms
            self._output += b"bye\r\n" if self.program == "off" else b""
            return "panicked" if self.program == "panic" else "powered_off"
        return "time"

    def console_take(self) -> bytes:
        output, self._output = self._output, b""
        return output

    def console_send(self, data: bytes) -> None:
        self._events.append((self.now + 1 * ms, data.replace(b"\r", b"\r\n")))

    def kernel(self) -> Any:
        return SimpleNamespace(
            present=True, state=self._state(), boot_ns=0, init_ns=INIT_AT, power_off_code=5,
            hold_ns=self.now, holds=0, frames_total=1000, frames_free=900, fault_count=1,
            page_frames=self._page_frames(), kernel_heap=self._kernel_heap(),
            memory=[("pages_swapped_out", 7)],
            trace_lost=0, tasks=[self._task()], containers=[], faults=[self._fault()],
            cpus=[self._cpu(number) for number in range(8)], epitaph=self._epitaph(),
        )

    def _page_frames(self) -> Any:
        node = SimpleNamespace(
            id=0, frames_total=1000, frames_free=900, metadata_bytes=4096,
            free_blocks=[4, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0],
        )
        return SimpleNamespace(
            allocator="fake", page_cache=True, shown_ns=self.now, nodes=[node],
            owners=[("kernel", 40), ("anonymous", 60)], record_bytes=16000,
        )

    def _kernel_heap(self) -> Any:
        return SimpleNamespace(
            allocator="fake", debug=False, frames=7, objects=40, bytes=5000, shown_ns=self.now
        )

    def configure_power(self, choices: dict[str, Any]) -> None:
        self.power_choices = choices

    def power(self) -> Any:
        return SimpleNamespace(
            rails=[SimpleNamespace(
                name="S2M_VDD_CPUCL2", subsystem="CPU Big", joules=1.5, watts=0.5
            )],
            clocks=[SimpleNamespace(name="CPU Big", kilohertz=2_400_000, throttled=1)],
            temperatures=[SimpleNamespace(name="big", celsius=40.25)], ambient_celsius=25.0,
            battery_percent=99.5, battery_volts=4.2, battery_amperes=0.25, battery_empty=False,
        )

    def cpu_work(self) -> list[dict[str, float]]:
        raise Unsupported("phone.cpu_work is Unsupported on fake")

    def memory_counts(self) -> list[dict[str, int]]:
        raise Unsupported("phone.memory_counts is Unsupported on fake")

    def inspection(self) -> FakeInspection:
        return self._inspection

    def versions(self) -> dict[str, str]:
        return {"orrery": "fake"}

    def finish(self) -> None:
        if self.config.trace:
            self.config.trace.write_bytes(b"a whole trace")

    def close(self) -> None:
        self.closed = True

    def _state(self) -> str:
        if self.now < INIT_AT or self.program == "dead":
            return "booting"
        if self.now >= 20 * ms and self.program in ("panic", "off"):
            return "panicked" if self.program == "panic" else "powered_off"
        return "running"

    def _epitaph(self) -> Any:
        if self._state() != "panicked":
            return None
        return SimpleNamespace(
            cpu=3, thread=9, time_ns=20 * ms, file="kernel/x.cpp", line=42,
            message="it cannot be", values=[1, 2, 3, 4],
        )

    def _cpu(self, number: int) -> Any:
        return SimpleNamespace(
            online=True, thread=0, traps=10, system_calls=4, interrupts=3, faults=1,
            context_switches=2, idle_ns=self.now, user_ns=self.now // 4 if number == 0 else 0,
        )

    @staticmethod
    def _task() -> Any:
        return SimpleNamespace(
            id=1, parent=0, name="bin/init", reason="running", exit_code=0, threads=1, frames=12,
            cpu_ns=1000, cpu_mask=0b101, load_bias=0x1000, container=1,
        )

    @staticmethod
    def _fault() -> Any:
        return SimpleNamespace(
            task=2, thread=2, name="bin/bad", time_ns=4 * ms, syndrome=0x9200_0046, address=0,
            pc=0x400100, sp=0x1000, pstate=0, load_bias=0, x=list(range(31)),
            instruction=0xB900001F,
            disassembly="str wzr, [x0]", explanation="data abort, write, address not mapped",
        )


register("fake", FakeBackend)
