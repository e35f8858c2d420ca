# SPDX-License-Identifier: Apache-2.0
"""Time travel: what a snapshot takes, going back, and a checkpoint (docs/time-travel.md)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orrery import bench, paths
from orrery.session_client import SessionClient

# A phone all of whose memory has been touched and is what it was; then the times of some forks.
_TOUCHED = """
import json, os, time
from orrery import *

@scenario(program="bin/shell", time_limit=10**6 * s)
def touched(phone):
    phone.boot()
    inside = phone._backend._phone
    for base in (0x8000_0000, 0x8_8000_0000):
        for place in range(base, base + (512 << 20), 1 << 20):
            inside.write_physical(place, inside.read_physical(place, 1 << 20))
    times = []
    for _ in range(15):
        begin = time.perf_counter()
        child = os.fork()
        if child == 0:
            os._exit(0)
        times.append(time.perf_counter() - begin)
        os.waitpid(child, 0)
    with open(os.environ["ORRERY_BENCH_TIMES"], "w") as file:
        json.dump(times, file)
    phone.run_for(10**5 * s)
"""
_PROCESS = [sys.executable, "-P", "-m", "orrery"]


@contextmanager
def _served(folder: Path, *what: str) -> Iterator[SessionClient]:
    """A run that waits for its client."""
    command = [*_PROCESS, "run", *what, "--session", "tcp:0", "--session-wait", "--out",
               str(folder / "run")]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True, env=os.environ | {"ORRERY_BENCH_TIMES": str(folder / "times")})
    try:
        assert process.stderr is not None
        match = re.search(r"tcp:\S+\d", process.stderr.readline())
        assert match, "the run has not begun"
        with SessionClient(match[0], 300) as client:
            yield client
            client.quit()
    finally:
        process.terminate()
        process.communicate()


def _forks(folder: Path, *options: str) -> float:
    """The median of forks of a phone whose memory has all been touched."""
    (folder / "touched.py").write_text(_TOUCHED, "utf-8")
    with _served(folder, str(folder / "touched.py"), *options) as client:
        client.resume("30ms")
        client.wait(300)
    times = sorted(json.loads((folder / "times").read_text("utf-8")))
    return float(times[len(times) // 2])


def _backs(folder: Path, scenario: str, begin: str, times: list[int]) -> list[float]:
    """How long it takes to go to each of some times, in order."""
    with _served(folder, scenario, "--snapshots", "10ms") as client:
        client.resume(begin)
        client.wait(300)
        return sorted(bench.timed(lambda to=to: client.back(to)) for to in times)


def measure(sheet: bench.Sheet) -> None:
    """Forks, goes back, saves and restores."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sheet.row("fork, 1 GiB touched, plain pages", _forks(folder) * 1e3, "ms")
        huge = _forks(folder, "--snapshots", "1s")
        sheet.row("fork, 1 GiB touched, as with --snapshots", huge * 1e3, "ms", "under 2 ms")
        # The scenario itself has made its memory, in the first 5 ms.
        idle = _backs(folder, str(folder / "touched.py"), "300ms",
                      [295_000_000 - 7_777_777 * step for step in range(20)])
        sheet.row("back, 1 GiB touched, idle: median of 20", idle[10] * 1e3, "ms", "under 200 ms")
        busy = _backs(folder, "scheduler_mix", "200ms",
                      [195_000_000 - 7_777_777 * step for step in range(20)])
        sheet.row("back, 8 CPUs busy: median of 20", busy[10] * 1e3, "ms", "under 200 ms")
        sheet.row("back, 8 CPUs busy: longest of 20", busy[-1] * 1e3, "ms", "under 200 ms")
        for scenario, at in (("first_light", "40ms"), ("scheduler_mix", "200ms")):
            _checkpoint(sheet, folder, scenario, at)


def _checkpoint(sheet: bench.Sheet, folder: Path, scenario: str, at: str) -> None:
    def run(*arguments: str) -> float:
        begin = time.perf_counter()
        subprocess.run([*_PROCESS, *arguments], check=True, stdout=subprocess.DEVNULL,
                       cwd=paths.ROOT)
        return time.perf_counter() - begin

    file = str(folder / "checkpoint")
    save = run("checkpoint", scenario, "--at", at, "--out", file)
    sheet.row(f"{scenario}: checkpoint at {at}", save, "s", "under 2 s")
    begin = time.perf_counter()
    with _served(folder, "--from", file) as client:
        client.wait(300)  # it is answered where the checkpoint is
        restored = time.perf_counter() - begin
    sheet.row(f"{scenario}: restored to {at}", restored, "s", "under 2 s")
