# SPDX-License-Identifier: Apache-2.0
"""A full node: who is bound to it is ended for what it has there, nobody for what is elsewhere."""

from orrery import Phone, ms, s, scenario

# Without swap nothing can be stored away, so that a node is full when it is full.
MACHINE = "memory_limit=24M swap_memory=0 task_memory=100"


@scenario(program="bin/pressure node", bootargs=MACHINE)
def full_node(phone: Phone) -> None:
    """Three tasks bound to nodes; one of two that share a node wants more than is left."""
    phone.boot()
    full = phone.console.wait_for(r"^pressure: node (\d) of .* is filled$", timeout=20 * s)[1]
    phone.console.wait_for(r"^pressure: (ok|failed)$", timeout=60 * s)
    phone.console.wait_for(r"^init: bin/pressure exited with code 0$", timeout=1 * s)
    phone.run_for(10 * ms)
    text = phone.console.text
    assert "wrong:" not in text
    assert f"out of memory on node {full}: ended task" in text
    assert "because it holds the most of" in text
    assert phone.metrics["memory.out_of_memory_ends"].value == 1
