# SPDX-License-Identifier: Apache-2.0
"""Memory: pages come zeroed, stay one's own, and come back, whatever strategy gives them."""

from orrery import Phone, ms, s, scenario


@scenario(program="bin/memory_basics")
def memory_basics(phone: Phone) -> None:
    """Four threads map, fill, check and unmap; then one task takes all that it may have, twice."""
    phone.boot()
    phone.console.wait_for(r"^memory_basics: ok$", timeout=60 * s)
    phone.console.wait_for(r"^init: bin/memory_basics exited with code 0$", timeout=1 * s)
    phone.run_for(10 * ms)
    assert not phone.faults

    # Every CPU idles, so what is shown of free blocks is up to date.
    frames = phone.page_frames
    free = sum(count << order for order, count in enumerate(frames.free_blocks))
    assert free == sum(node.frames_free for node in frames.nodes)
    assert free == phone.metrics["frames.free"].value
    # Who has the others.
    assert free + sum(frames.owners.values()) == phone.metrics["frames.total"].value
    assert frames.owners["anonymous"] > 0 and frames.owners["tables"] > 0
    if frames.allocator != "freelist":
        assert frames.free_2m > 0
