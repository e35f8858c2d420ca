# SPDX-License-Identifier: Apache-2.0
"""Scheduling policies side by side: answers, shares and energy under one mix of threads.

    ./orrery compare scheduler_mix --vary scheduler=rr,fair,predictive --seeds 5
"""

import re

from orrery import Phone, Unsupported, ms, s, scenario


@scenario(program="bin/shell", time_limit=60 * s)
def scheduler_mix(phone: Phone) -> None:
    """Threads that answer among threads that compute (--set milliseconds=N)."""
    milliseconds = phone.parameter("milliseconds", 200)
    seed = phone.random("moments").randrange(1, 1 << 30)
    phone.boot()
    before = joules(phone)
    phone.console.send_line(f"run scheduler_mix {milliseconds} {seed}")
    phone.console.wait_for(r"^scheduler_mix: 0 failures$", timeout=milliseconds * ms + 20 * s)
    said = phone.console.text

    answers = [int(us) for us in re.findall(r"^scheduler_mix: answer (\d+) us", said, re.M)]
    assert len(answers) >= milliseconds // 40, "threads that wait hardly ran"
    phone.metrics.samples("scheduler_mix.answer", answers, "us")

    shares = re.findall(r"^scheduler_mix: weight (\d+) had (\d+) us", said, re.M)
    had = {int(weight): int(us) for weight, us in shares}
    # Jain's index over time by weight: 1 where everybody has had what its weight says.
    by_weight = [time / weight for weight, time in had.items()]
    fairness = sum(by_weight) ** 2 / (len(by_weight) * sum(x * x for x in by_weight))
    phone.metrics.record("scheduler_mix.fairness", fairness)

    seen = re.search(r"^scheduler_mix: (\d+) switches, (\d+) of (\d+) predicted", said, re.M)
    phone.metrics.record("scheduler_mix.switches", int(seen[1]))
    if int(seen[3]) != 0:
        phone.metrics.record("scheduler_mix.predicted", 100 * int(seen[2]) / int(seen[3]), "%")
    if before is not None:
        phone.metrics.record("scheduler_mix.energy", joules(phone) - before, "J")
    assert not phone.faults


def joules(phone: Phone) -> float | None:
    """What the phone has used so far; None on a machine without a model of power."""
    try:
        return phone.energy().joules
    except Unsupported:
        return None
