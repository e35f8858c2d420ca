# SPDX-License-Identifier: Apache-2.0
"""Programs that make random system calls can end themselves, and nothing else."""

import re

from orrery import ms, s, scenario


@scenario(machine="phone8", seed=7, program="bin/shell", time_limit=600 * s)
def monkeys(phone):
    """Random system calls from sixteen tasks at once do no harm (--set rounds=N --set calls=N)."""
    rounds = phone.parameter("rounds", 4)
    calls = phone.parameter("calls", 400)
    seed = phone.parameter("monkey_seed", 1)
    phone.boot()
    phone.console.wait_for("orrery> ", timeout=1 * s)

    phone.console.send_line(f"run bin/monkeys {seed} {rounds} {calls}")
    match = phone.console.wait_for(
        r"monkeys: frames (\d+) before, (\d+) after", timeout=(rounds + 10) * 400 * ms
    )
    phone.run_for(5 * ms)
    heap = phone.kernel_heap
    # A heap that keeps frames for later has what is missing.
    kept = 0 if heap.allocator == "simple" else heap.frames
    assert 0 <= int(match[1]) - int(match[2]) <= kept, "page frames were lost"
    ended = re.search(
        r"monkeys: (\d+) exited, (\d+) faulted, (\d+) killed, (\d+) refused", phone.console.text
    )
    assert sum(int(count) for count in ended.groups()) == 16 * rounds
    assert int(ended[4]) == 0, "a monkey could not even be started"

    # The shell lives and its answers are right.
    phone.console.send_line("primes 1000")
    phone.console.wait_for("168 primes below 1000", timeout=1 * s)
    phone.metrics.record("monkeys.system_calls", sum(c.system_calls for c in phone.cpus), "")
