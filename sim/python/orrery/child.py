# SPDX-License-Identifier: Apache-2.0
"""A scenario's own process, seen from the driver that started it."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .errors import EXIT_LIMIT, EXIT_SIMULATOR
from .run_folder import RunFolder, read_result, write_result
from .runner import Job, result_of
from .scenarios import DEFAULT_HOST_LIMIT
from .units import format_duration, s

_ADDR_NO_RANDOMIZE = 0x0040000
_PR_SET_PDEATHSIG = 1
# Signals that come from somebody, not from a crash.
_SENT = (signal.SIGHUP, signal.SIGINT, signal.SIGKILL, signal.SIGTERM)


class Child:
    """Starts a job, follows its reports, ends it at its limit, completes its run folder."""

    def __init__(
        self,
        job: Job,
        folder: RunFolder,
        host_limit: float | None,
        on_output: Callable[[str], None],
    ) -> None:
        self.job = job
        self.folder = folder
        #: Simulated time and last console line, as last reported.
        self.now = 0
        self.line = ""
        #: Result as in run.json, once the process has ended.
        self.result: dict[str, Any] | None = None
        self._host_limit = host_limit
        self._limit = host_limit or DEFAULT_HOST_LIMIT
        self._on_output = on_output
        self._out_of_time = False
        self._last_output = ""
        self._started = time.monotonic()
        self._pending = {"report": b"", "output": b""}

        report_end, job.report = os.pipe()
        environment = os.environ | {"PYTHONHASHSEED": "0", "PYTHONUNBUFFERED": "1"}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        if job.snapshots:
            # Large pages for the heap too: half of what else a fork takes.
            chosen = [os.environ.get("GLIBC_TUNABLES"), "glibc.malloc.hugetlb=1"]
            environment["GLIBC_TUNABLES"] = ":".join(filter(None, chosen))
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "orrery.runner", job.to_json()],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                pass_fds=[job.report, *filter(None, [job.session, job.gdb])], env=environment,
                start_new_session=True,
                preexec_fn=_prepare_process,
            )
        finally:
            os.close(job.report)
        assert self._process.stdout is not None
        self._output = self._process.stdout
        #: Descriptors to wait for; gone once both have ended.
        self.descriptors = {report_end: "report", self._output.fileno(): "output"}
        for descriptor in self.descriptors:
            os.set_blocking(descriptor, False)

    @property
    def elapsed(self) -> float:
        """Host seconds since the start."""
        return time.monotonic() - self._started

    def read(self, descriptor: int) -> None:
        """Takes in what can be read from one of `descriptors`."""
        kind = self.descriptors[descriptor]
        try:
            data = os.read(descriptor, 65536)
        except BlockingIOError:
            return
        if not data:
            del self.descriptors[descriptor]
            if kind == "report":
                os.close(descriptor)
            data = b"\n" if self._pending[kind] else b""
        *lines, self._pending[kind] = (self._pending[kind] + data).split(b"\n")
        for line in lines:
            self._take_report(line) if kind == "report" else self._take_output(line)

    def check(self) -> bool:
        """Enforces the host limit; returns whether the process has ended and is dealt with."""
        if not self._out_of_time and self.elapsed > self._limit:
            self._out_of_time = True
            self.kill()
        if self._process.poll() is None:
            return False
        # Nothing that the scenario has started outlives it, nor holds its output open.
        self.kill()
        for descriptor in list(self.descriptors):
            self.read(descriptor)
        self._complete()
        return True

    def kill(self) -> None:
        """Ends the process and all that it has started."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait() if self._out_of_time else None

    def abandon(self) -> None:
        """Ends the process and forgets its run."""
        self.kill()
        self._process.wait()
        self._close()
        self.folder.discard()

    def _complete(self) -> None:
        """Settles the result and puts the run folder in its place."""
        self._close()
        status = self._process.returncode
        result = read_result(self.folder.work)
        if self._out_of_time:
            limit = format_duration(int(self._limit * s))
            result = self._own_result(
                EXIT_LIMIT,
                f"the run reached its limit of {limit} on this host"
                + (f", at {format_duration(self.now)} of simulated time" if self.now else ""),
            )
        elif status < 0:
            name = signal.Signals(-status).name
            last = f" after saying: {self._last_output}" if self._last_output else ""
            crash = f"the simulator crashed with {name}{last}"
            sent = f"the run's process was ended by {name}{last}"
            result = self._own_result(EXIT_SIMULATOR, sent if -status in _SENT else crash)
        elif result is None or result["exit_code"] != status:
            last = f": {self._last_output}" if self._last_output else ""
            result = self._own_result(
                EXIT_SIMULATOR, f"the simulator ended without a result (code {status}){last}"
            )
        self.result = result
        self.folder.publish()

    def _own_result(self, code: int, message: str) -> dict[str, Any]:
        result = result_of(self.job, code, message, self.elapsed)
        result["simulated_ns"] = self.now
        write_result(self.folder.work, result)
        return result

    def _take_report(self, line: bytes) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            return
        if event["event"] == "start" and self._host_limit is None:
            self._limit = float(event["host_limit"])
        elif event["event"] == "progress":
            self.now, self.line = event["now"], event["line"]

    def _take_output(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip()
        if text:
            self._last_output = text
            self._on_output(text)

    def _close(self) -> None:
        for descriptor, kind in self.descriptors.items():
            if kind == "report":
                os.close(descriptor)
        self.descriptors.clear()
        self._output.close()


def target_of(out: Path | None, name: str, machine: str, alone: bool) -> Path:
    """Place of a run folder: `runs/NAME-MACHINE`, or below or at what `--out` says."""
    if out is None:
        return Path("runs") / f"{name}-{machine}"
    return out if alone else out / f"{name}-{machine}"


def _prepare_process() -> None:
    # Addresses repeat from run to run. A sandbox may refuse; nothing depends on it for a verdict.
    library = ctypes.CDLL(None)
    library.personality(_ADDR_NO_RANDOMIZE)
    library.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
