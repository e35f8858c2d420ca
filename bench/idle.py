# SPDX-License-Identifier: Apache-2.0
"""An idle phone: how long the host works for a simulated minute."""

from __future__ import annotations

from orrery import bench

_CODE = """
import json, sys, time
import orrery
with orrery.Phone.open("idle", on=sys.argv[1]) as phone:
    phone.boot()
    phone.run_for(1 * orrery.s)
    begin = time.perf_counter()
    phone.run_for(60 * orrery.s)
    print(json.dumps({"host": time.perf_counter() - begin}))
"""


def measure(sheet: bench.Sheet) -> None:
    """Lets a phone without work run for a minute."""
    for machine, aim in (("soc", "under 1 s"), ("qemu", "")):
        host = bench.median(lambda m=machine: bench.in_process(_CODE, m)["host"])
        sheet.row(f"{machine}: idle simulated minute, host", host, "s", aim)
