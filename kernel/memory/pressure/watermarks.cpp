// SPDX-License-Identifier: Apache-2.0
// Watermarks.
#include "kernel/memory/pressure/watermarks.hpp"

#include "hal/types.hpp"

namespace kernel {
namespace {

constexpr uint64_t frame_kilobytes = hal::page_size / 1024;
constexpr uint64_t least_kilobytes = 128;
constexpr uint64_t most_kilobytes = 262'144;
constexpr uint64_t scale_factor = 10;  // of 10000

}  // namespace

uint64_t square_root(uint64_t value) {
    uint64_t root = 0;
    for (uint64_t bit = uint64_t{1} << 31; bit != 0; bit >>= 1) {
        const uint64_t next = root | bit;
        if (next * next <= value) root = next;
    }
    return root;
}

Watermarks watermarks_of(uint64_t frames, uint64_t all_frames) {
    if (all_frames == 0) return {};
    uint64_t kilobytes = square_root(all_frames * frame_kilobytes * 16);
    if (kilobytes < least_kilobytes) kilobytes = least_kilobytes;
    if (kilobytes > most_kilobytes) kilobytes = most_kilobytes;
    const uint64_t min = kilobytes / frame_kilobytes * frames / all_frames;
    const uint64_t scaled = frames * scale_factor / 10'000;
    const uint64_t gap = scaled > min / 4 ? scaled : min / 4;
    return {min, min + gap, min + 2 * gap};
}

}  // namespace kernel
