# SPDX-License-Identifier: Apache-2.0
"""More memory in use than there is: swap, compaction, ballooning, and the end of the largest."""

from orrery import Phone, ms, s, scenario

MACHINE = "memory_limit=24M swap_memory=20 swap_disk=8M task_memory=100"


@scenario(program="bin/pressure", bootargs=f"{MACHINE} page_allocator=buddy")
def pressure(phone: Phone) -> None:
    """Tasks that verify every page of theirs, on a machine of 24 MiB with 8 MiB of swap disk."""
    phone.boot()
    phone.console.wait_for(r"^pressure: (ok|failed)$", timeout=240 * s)
    phone.console.wait_for(r"^init: bin/pressure exited with code 0$", timeout=1 * s)
    phone.run_for(10 * ms)
    text = phone.console.text
    assert "wrong:" not in text
    assert "because it holds the most of" in text

    # It was as tight as it should have been, in every way.
    metrics = phone.metrics
    for name in ("pages_swapped_out", "pages_swapped_in", "pages_dropped", "direct_reclaims",
                 "swap_device_writes", "swap_device_reads", "pages_moved", "balloon_taken",
                 "balloon_forced", "out_of_memory_ends"):
        assert metrics[f"memory.{name}"].value > 0, name
    # The list of single frames has no blocks to be made.
    has_blocks = phone.page_frames.allocator != "freelist"
    assert (metrics["memory.blocks_made"].value > 0) == has_blocks
    # And nothing is left of it but what init has not touched since.
    for name in ("swap_zero", "swap_compressed", "swap_on_device", "swap_frames"):
        assert metrics[f"memory.{name}"].value <= 4, name
    assert metrics["memory.swap_device_errors"].value == 0
