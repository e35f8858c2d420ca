# SPDX-License-Identifier: Apache-2.0
"""Response: somebody asks a shell for work now and then, and how long it takes is measured."""

from orrery import Phone, ms, s, scenario, us

PROMPT = r"^orrery> "


@scenario(program="bin/shell")
def response(phone: Phone) -> None:
    """How long a shell takes to answer, at moments and with work that the seed chooses."""
    questions = phone.parameter("questions", 12)
    moments, work = phone.random("moments"), phone.random("work")
    phone.boot()
    phone.console.wait_for(PROMPT, timeout=5 * s)
    busy = phone.metrics.series("response.busy", "%")
    times = []
    start = phone.now
    for _ in range(questions):
        before, asked = busy_time(phone), phone.now
        phone.run_for(moments.randrange(1 * ms, 10 * ms))
        limit = work.randrange(2000, 20000)
        begin = phone.now
        phone.console.send_line(f"primes {limit}")
        phone.console.wait_for(rf"^\d+ primes below {limit}$", timeout=5 * s)
        times.append((phone.now - begin) / us)
        phone.console.wait_for(PROMPT, timeout=5 * s)
        busy.record(100 * (busy_time(phone) - before) / (phone.now - asked) / phone.cpu_count)
    phone.metrics.samples("response.time", times, "us")
    phone.metrics.record("response.rate", questions * s / (phone.now - start), "1/s")
    assert phone.fault_count == 0


def busy_time(phone: Phone) -> int:
    """Nanoseconds that all CPUs together have worked."""
    return sum(cpu.busy_time for cpu in phone.cpus)
