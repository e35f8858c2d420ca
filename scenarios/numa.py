# SPDX-License-Identifier: Apache-2.0
"""NUMA: memory lies on the nodes it was asked for, and the nearer node is the faster one."""

from orrery import Phone, ms, s, scenario


@scenario(program="bin/numa")
def numa(phone: Phone) -> None:
    """Local, bound and interleaved memory, from each CPU; then a walk through each node's memory."""
    phone.boot()
    start = {node.id: node.frames_free for node in phone.page_frames.nodes}
    nodes = int(phone.console.wait_for(r"^numa: (\d+) nodes$", timeout=10 * s)[1])
    assert nodes == len(start)
    homes = [
        int(phone.console.wait_for(rf"^numa: CPU {cpu} is at home on node (\d+)$",
                                   timeout=10 * s)[1])
        for cpu in range(phone.cpu_count)
    ]
    # All CPUs of the phone share one memory controller; QEMU has four CPUs on each node.
    assert homes == ([0] * 8 if phone.backend == "soc" else [0] * 4 + [1] * 4), homes

    times = []
    for node in range(nodes):
        row = phone.console.wait_for(rf"^numa: node {node} takes (\d+) ps an access$",
                                     timeout=60 * s)
        times.append(int(row[1]) / 1000)
        phone.metrics.record(f"numa.node{node}.access", times[-1], "ns")
    phone.console.wait_for(r"^numa: ok$", timeout=10 * s)
    phone.console.wait_for(r"^init: bin/numa exited with code 0$", timeout=1 * s)
    if phone.parameter("far", default=False):  # where memory is modelled: --fidelity memory
        assert times[1] > 1.1 * times[0], times

    phone.run_for(10 * ms)
    assert not phone.faults
    # What was taken of each node has come back, but for the caches of CPUs and the program's file.
    for node in phone.page_frames.nodes:
        assert abs(node.frames_free - start[node.id]) < 2000, (node.id, node.frames_free, start)
