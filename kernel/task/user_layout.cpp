// SPDX-License-Identifier: Apache-2.0
// Random places in user space. Three ranges that cannot meet, each with as many possible pages as
// Linux has for a mapping on AArch64 with 48 bits by default (2^18) or more: a program from 1 TiB
// on, mappings from 32 TiB on, a stack in the last 16 GiB.
#include "kernel/task/user_layout.hpp"

namespace kernel {
namespace {

constexpr uint64_t program_range = 0x0100'0000'0000;
constexpr uint64_t mappings_range = 0x2000'0000'0000;
constexpr unsigned place_bits = 28;  // pages
constexpr unsigned stack_bits = 22;  // pages

uint64_t pages(Random& random, unsigned bits) {
    return random.below(uint64_t{1} << bits) * hal::page_size;
}

}  // namespace

UserLayout random_layout(Random& random) {
    UserLayout layout;
    layout.program_bias = program_range + pages(random, place_bits);
    layout.mappings_begin = mappings_range + pages(random, place_bits);
    layout.stack_end -= pages(random, stack_bits);
    return layout;
}

}  // namespace kernel
