// SPDX-License-Identifier: Apache-2.0
// Bringing in the pages of a program.
#include "user/lib/presence.hpp"

#include "user/lib/system.hpp"

namespace user {

namespace {

// Something of each part of a program.
const volatile char constant = 1;
volatile char variable = 1;

void bring_in(uint64_t address) {
    const auto info = system::query_memory(address);
    if (!info) return;
    system::advise_memory(info->region_begin, info->region_size, abi::MemoryAdvice::WillNeed);
}

}  // namespace

void bring_in_program() {
    const volatile char local = constant;
    bring_in(reinterpret_cast<uint64_t>(&bring_in_program));
    bring_in(reinterpret_cast<uint64_t>(&constant));
    bring_in(reinterpret_cast<uint64_t>(&variable));
    bring_in(reinterpret_cast<uint64_t>(&local));
}

}  // namespace user
