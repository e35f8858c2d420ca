// SPDX-License-Identifier: Apache-2.0
// The kernel half of the address space after boot: the direct map of RAM and device registers.
#pragma once

#include "hal/types.hpp"

namespace hal::aarch64 {

// To be called once, before the others: where the image lies.
void set_image(PhysicalAddress begin);

// Adds RAM to the direct map, not executable; the image's code and constants are read-only there
// too. False when the tables' fixed pool is used up.
[[nodiscard]] bool map_memory(PhysicalAddress begin, size_t size);
// Maps device registers and returns their virtual address, or 0.
[[nodiscard]] uint64_t map_device(PhysicalAddress begin, size_t size);

}  // namespace hal::aarch64
