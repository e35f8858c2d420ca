// SPDX-License-Identifier: Apache-2.0
// The memory of a kernel that runs natively in this process, frame by frame and cache by cache.
// Only for a machine at rest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace orrery::phone {

// Page frames in a row of which the same is known.
struct NativeFrames {
    static constexpr int not_free = -1;

    uint64_t first;  // physical address / 4 KiB
    uint64_t count;
    std::string owner;  // kernel::abi::FrameOwner
    uint32_t task;      // that has them; 0: none, or several
    bool movable;       // pages of an object, which compaction may move
    int order;          // of the largest free blocks that they form; `not_free`
};

struct NativeFramesPart {
    std::vector<NativeFrames> frames;  // in the order of nodes, and in there of addresses
    std::optional<uint64_t> next;      // where to go on; none: that was all
};

// Frames from a position on, 0 for the first: `most` rows at least, then to the end of their 4 MiB.
// A CPU that is just about to change one may have done half of it.
// Precondition: the kernel runs natively and has started; the position is 0 or a `next`.
[[nodiscard]] NativeFramesPart native_frames(uint64_t position, size_t most);

// A cache of kernel_heap=slab.
struct NativeCache {
    std::string name;  // "size", "magazine", or the type of its objects
    uint64_t size;     // of an object, in bytes
    uint64_t frames;
    uint64_t capacity;  // objects that these frames hold
    uint64_t used;      // objects that somebody has
    uint64_t kept;      // objects in magazines, of CPUs and of the depot
};

// Precondition: the kernel runs natively, has started, and has this heap without heap_debug.
[[nodiscard]] std::vector<NativeCache> native_caches();

}  // namespace orrery::phone
