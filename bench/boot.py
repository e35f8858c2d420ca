# SPDX-License-Identifier: Apache-2.0
"""Boot to init: simulated time, and host time from the start of the process."""

from __future__ import annotations

from orrery import bench

_CODE = """
import json, sys, time
begin = time.perf_counter()
import orrery
with orrery.Phone.open("idle", on=sys.argv[1], cpu=sys.argv[2] or None) as phone:
    phone.boot()
    print(json.dumps({"host": time.perf_counter() - begin,
                      "simulated": phone.metrics["boot.to_init"].value}))
"""


def measure(sheet: bench.Sheet) -> None:
    """Boots the phone several times on each machine."""
    for machine, on, cpu in (("soc", "soc", "native"), ("iss", "soc", "iss"),
                             ("qemu", "qemu", "")):
        runs = [bench.in_process(_CODE, on, cpu) for _ in range(5)]
        simulated = sorted(run["simulated"] for run in runs)[2]
        sheet.row(f"{machine}: boot to init, simulated", simulated * 1e3, "ms")
        sheet.row(f"{machine}: boot to init, host", sorted(run["host"] for run in runs)[2], "s")
