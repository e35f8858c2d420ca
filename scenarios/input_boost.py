# SPDX-License-Identifier: Apache-2.0
"""How soon a typed character is answered while threads that compute want all CPUs.

    ./orrery compare input_boost --vary input_boost=0,20 --seeds 5
"""

import re

from orrery import Phone, ms, s, scenario

CHARACTERS = 12
# Application and server compute for 0.3 ms each.
BOUND_US = 2000


# CPUs of QEMU share one time: threads that compute would take it from those that answer.
@scenario(program="bin/input_boost", bootargs={"soc": "cpus=2", "qemu": "cpus=1"})
def input_boost(phone: Phone) -> None:
    """Whoever serves input goes first: reader, application and server."""
    moments = phone.random("moments")
    phone.boot()
    phone.console.wait_for(r"^input_boost: type$", timeout=1 * s)
    for _ in range(CHARACTERS):
        phone.run_for(moments.randrange(25, 45) * ms)
        phone.console.send("x")
        phone.console.wait_for(r"^input_boost: answer \d+ us$", timeout=1 * s)
    phone.console.send("\r")
    phone.console.wait_for(r"^input_boost: 0 failures$", timeout=1 * s)
    said = phone.console.text

    answers = [int(us) for us in re.findall(r"^input_boost: answer (\d+) us$", said, re.M)]
    phone.metrics.samples("input_boost.answer", answers, "us")
    waited = re.findall(
        r"^input_boost: (\w+) waited (\d+) us at most, boosted (\d+) times$", said, re.M
    )
    for who, us, _ in waited:
        phone.metrics.record(f"input_boost.{who}_waited", int(us) * ms // 1000, "ns")
    assert len(answers) == CHARACTERS and len(waited) == 3, said
    # With input_boost=0 there is nothing to be kept to.
    if any(int(times) for _, _, times in waited):
        assert all(int(times) >= CHARACTERS for _, _, times in waited), waited
        assert max(answers) <= BOUND_US, answers
        assert max(int(us) for _, us, _ in waited) <= BOUND_US, waited
    assert not phone.faults
