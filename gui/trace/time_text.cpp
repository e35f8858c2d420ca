// SPDX-License-Identifier: Apache-2.0
// time_text: whole numbers only, so that every host writes the same.
#include "gui/trace/time_text.hpp"

#include <fmt/format.h>

namespace inspector {

std::string time_text(uint64_t nanoseconds) {
    constexpr uint64_t second = 1'000'000'000;
    const uint64_t rest = nanoseconds % second;
    return fmt::format("{}.{:03} {:03} {:03}", nanoseconds / second, rest / 1'000'000,
                       rest / 1000 % 1000, rest % 1000);
}

std::string duration_text(uint64_t nanoseconds) {
    struct Unit {
        uint64_t nanoseconds;
        const char* name;
    };
    constexpr Unit units[] = {{1'000'000'000, "s"}, {1'000'000, "ms"}, {1000, "us"}};
    for (const Unit& unit : units) {
        if (nanoseconds < unit.nanoseconds) continue;
        const uint64_t thousandths = nanoseconds / (unit.nanoseconds / 1000);
        std::string text = fmt::format("{}.{:03}", thousandths / 1000, thousandths % 1000);
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.') text.pop_back();
        return fmt::format("{} {}", text, unit.name);
    }
    return fmt::format("{} ns", nanoseconds);
}

uint64_t ruler_step(uint64_t span, uint32_t pixels, uint32_t smallest) {
    // Rounded up, and computed so that long spans do not overflow.
    const auto wanted = static_cast<uint64_t>(static_cast<double>(span) / pixels * smallest);
    for (uint64_t power = 1;; power *= 10) {
        for (const uint64_t factor : {uint64_t{1}, uint64_t{2}, uint64_t{5}}) {
            if (factor * power >= wanted) return factor * power;
            // The next one would not fit into a number.
            if (power > UINT64_MAX / 100) return power;
        }
    }
}

}  // namespace inspector
