# SPDX-License-Identifier: Apache-2.0
"""Containers: bombs and hogs in them, each stopped by its own limit, and nothing left of them."""

from orrery import Phone, ms, s, scenario

PARTS = ("life_cycle", "fork_bomb", "thread_bomb", "memory_hog", "memory_with_swap", "cpu_hog",
         "freeze", "deep_tree", "audit_log")


@scenario(program="bin/containers", time_limit=60 * s, host_limit=280)
def containers(phone: Phone) -> None:
    """Every limit holds, who is outside does not notice, and the tree is empty in the end."""
    phone.boot()
    phone.console.wait_for(r"^containers: tree of 6 below$", timeout=30 * s)
    tree = phone.containers
    assert [each.name for each in tree] == ["root", "tree"] + 6 * ["below"]
    assert [each.depth for each in tree] == list(range(8))
    assert all(each.state == "running" for each in tree)
    assert [each.tasks for each in tree] == [9, 7, 6, 5, 4, 3, 2, 1]
    assert all(each.memory > 0 for each in tree[1:])
    inside = {task.container for task in phone.tasks}
    assert inside == {each.id for each in tree}

    phone.console.wait_for(r"^containers: (ok|failed)$", timeout=30 * s)
    phone.console.wait_for(r"^init: bin/containers exited with code 0$", timeout=1 * s)
    phone.run_for(10 * ms)
    text = phone.console.text
    assert "failed" not in text
    for part in PARTS:
        assert f"containers: {part} ok\n" in text, part
    assert text.count("because it holds the most of 1 tasks") == 1
    assert [each.name for each in phone.containers] == ["root"]
