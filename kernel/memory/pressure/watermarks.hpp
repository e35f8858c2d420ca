// SPDX-License-Identifier: Apache-2.0
// Watermarks: how much memory should be free on a node.
//
// Source: Linux, mm/page_alloc.c, calculate_min_free_kbytes() and __setup_per_zone_wmarks(): 4
// times the square root of the memory in KiB, from 128 KiB to 256 MiB, is kept free; a node has its
// share of that by its size, and the marks above it are a quarter of it, or a thousandth of the
// node (watermark_scale_factor 10), apart. Deviation: all managed memory counts, where Linux leaves
// out what is below its high marks.
#pragma once

#include <stdint.h>

namespace kernel {

// In frames. Below `min` only the kernel itself gets memory, until some has been reclaimed by
// whoever wants it; below `low` idle CPUs reclaim, up to `high`.
struct Watermarks {
    uint64_t min = 0;
    uint64_t low = 0;
    uint64_t high = 0;
};

// For a node of `frames` in a machine of `all_frames`. Precondition: frames <= all_frames.
[[nodiscard]] Watermarks watermarks_of(uint64_t frames, uint64_t all_frames);

// Rounded down.
[[nodiscard]] uint64_t square_root(uint64_t value);

}  // namespace kernel
