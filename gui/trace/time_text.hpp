// SPDX-License-Identifier: Apache-2.0
// time_text: times and durations as a person reads them, and the steps of a ruler.
#pragma once

#include <cstdint>
#include <string>

namespace inspector {

// A point in time: seconds with nine decimals in groups of three, "12.345 678 901".
[[nodiscard]] std::string time_text(uint64_t nanoseconds);

// A duration in the unit that suits it, with three decimals at most, none of them a trailing zero:
// "850 ns", "12.5 us", "3.25 ms", "1.2 s". What is left over is cut, not rounded.
[[nodiscard]] std::string duration_text(uint64_t nanoseconds);

// The distance of a ruler's lines: 1, 2 or 5 times a power of ten, at least `smallest` pixels when
// `span` nanoseconds take `pixels`. Precondition: pixels > 0.
[[nodiscard]] uint64_t ruler_step(uint64_t span, uint32_t pixels, uint32_t smallest);

}  // namespace inspector
