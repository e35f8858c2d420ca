// SPDX-License-Identifier: Apache-2.0
// The identification registers at the end of every Arm PrimeCell: four words that name the
// peripheral and four that say PrimeCell, one byte in each.
#pragma once

#include <cstdint>

namespace orrery::devices {

inline constexpr uint32_t primecell_identification_start = 0xFE0;
inline constexpr uint32_t primecell_identification_end = 0x1000;

// `peripheral`: PeriphID3 to PeriphID0, from the highest byte to the lowest.
// Precondition: offset is a multiple of 4 inside the identification registers.
[[nodiscard]] constexpr uint32_t primecell_identification(uint32_t peripheral, uint32_t offset) {
    constexpr uint32_t primecell = 0xB105F00D;
    const uint32_t index = (offset - primecell_identification_start) / 4;
    const uint32_t word = index < 4 ? peripheral : primecell;
    return word >> (index % 4 * 8) & 0xFFU;
}

}  // namespace orrery::devices
