// SPDX-License-Identifier: Apache-2.0
// What Frames needs beside strategies: the records of a node's frames, and counters of CPUs.
#pragma once

#include <cstddef>
#include <vector>

#include "kernel/memory/frame_allocator.hpp"

namespace kernel {

struct FrameAccounts {
    explicit FrameAccounts(const FrameMap& map)
        : memory(FrameRecords::size(map) / sizeof(FrameRecord)) {
        records.initialise(map, memory.data());
    }

    std::vector<FrameRecord> memory;
    FrameRecords records;
    abi::FrameCounts counts[hal::max_cpus] = {};
};

// How many frames are free, as a value.
struct FreeCount {
    const Frames& frames;
    operator uint64_t() const { return frames.free_frames(); }
};

}  // namespace kernel
