// SPDX-License-Identifier: Apache-2.0
// FrameRecords: what the kernel knows of each page frame of a NUMA node.
#include "kernel/memory/frame_records.hpp"

#include <string.h>

namespace kernel {

void FrameRecords::initialise(const FrameMap& map, void* memory) {
    map_ = map;
    static_assert(static_cast<uint32_t>(FrameOwner::Free) == 0);
    records_ = static_cast<FrameRecord*>(memset(memory, 0, size(map)));
}

}  // namespace kernel
