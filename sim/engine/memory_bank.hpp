// SPDX-License-Identifier: Apache-2.0
// RAM as every engine sees it: a range of physical addresses that lies in host memory.
#pragma once

#include <cstddef>
#include <cstdint>

namespace orrery::engine {

struct MemoryBank final {
    std::uint64_t physical_base = 0;  // page aligned
    std::uint64_t size = 0;           // whole pages
    std::byte* host = nullptr;        // page aligned; outlives the engine
};

}  // namespace orrery::engine
