// SPDX-License-Identifier: Apache-2.0
// What a boot loader does: puts kernel, device tree and archive into the phone's memory.
#pragma once

#include <cstdint>

#include "sim/phone/arena.hpp"
#include "sim/phone/phone_config.hpp"
#include "sim/trace/guest_memory.hpp"

namespace orrery::phone {

// What lies where, as physical addresses.
struct Loaded {
    uint64_t kernel_begin;
    uint64_t kernel_end;
    uint64_t kernel_entry;
    uint64_t kernel_info;  // KernelInfo, once the kernel has come to life
    uint64_t tree;
    uint64_t tree_size;
};

// Throws std::runtime_error with one sentence if something is missing, broken or too large.
[[nodiscard]] Loaded load(const PhoneConfig& config, const Machine& machine, const Arena& arena,
                          const trace::GuestMemory& memory);

}  // namespace orrery::phone
