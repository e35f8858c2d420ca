// SPDX-License-Identifier: Apache-2.0
// Amounts as people read them.
#pragma once

#include <QString>
#include <cstdint>

namespace inspector {

// Bytes of a page frame.
constexpr uint64_t frame_size = 4096;

// Bytes in the unit that suits them, with at most one decimal: "512 B", "4 KiB", "1.5 MiB".
[[nodiscard]] QString bytes_text(uint64_t bytes);
// A share of a whole: "12.5 %"; empty where there is no whole.
[[nodiscard]] QString share_text(uint64_t part, uint64_t whole);
// Hexadecimal behind 0x, with so many digits at least.
[[nodiscard]] QString address_text(uint64_t address, int digits = 1);

}  // namespace inspector
