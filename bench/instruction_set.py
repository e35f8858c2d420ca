# SPDX-License-Identifier: Apache-2.0
"""`--cpu iss` beside `--cpu native`: million instructions a host second, and time for the work."""

from __future__ import annotations

from orrery import bench

# Programs, and the words with which each is done: mostly its own code, and mostly the kernel's.
_PROGRAMS = {
    "compute_loop 50000000": "instructions=",
    "copy_loop 20000": "instructions=",
    "thread_test": "ok$",
    "isolation": "^frames after",
}

_CODE = """
import json, sys, time
import orrery
program, done, cpu = sys.argv[1:]
with orrery.Phone.open(f"bin/{program}", cpu=cpu) as phone:
    phone.boot()
    def executed():
        return [sum(cpu[key] for cpu in phone._backend._phone.cpu_work)
                for key in ("user_instructions", "kernel_instructions")]
    before = executed()
    begin = time.perf_counter()
    phone.console.wait_for(done, timeout=1000 * orrery.s)
    host = time.perf_counter() - begin
    print(json.dumps({"host": host, "user": executed()[0] - before[0],
                      "kernel": executed()[1] - before[1]}))
"""


def measure(sheet: bench.Sheet) -> None:
    """Runs each program on both kinds of CPU, after the phone has booted."""
    for program, done in _PROGRAMS.items():
        name = program.partition(" ")[0]
        runs = {cpu: [bench.in_process(_CODE, program, done, cpu) for _ in range(3)]
                for cpu in ("native", "iss")}
        for cpu, results in runs.items():
            middle = sorted(results, key=lambda run: run["host"])[1]
            sheet.row(f"{name}: {cpu}, host", middle["host"], "s")
            if cpu == "iss":
                total = middle["user"] + middle["kernel"]
                sheet.row(f"{name}: iss, all code", total / middle["host"] / 1e6,
                          "million instructions/s", "100 or more")
                sheet.row(f"{name}: iss, of it the kernel's", 100 * middle["kernel"] / total, "%")
