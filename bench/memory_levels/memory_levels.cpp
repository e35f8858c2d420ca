// SPDX-License-Identifier: Apache-2.0
// Prints the rows of the memory models' benchmark as a JSON array.
#include <fmt/format.h>

#include <cstdio>

#include "sim/memory/levels.hpp"

int main() {
    const char* separator = "[\n";
    for (const orrery::memory::LevelRow& row : orrery::memory::level_rows()) {
        fmt::print(R"({}{{"name": "{}", "unit": "{}", "model": {:.4f}, "published": {:.4f}, )"
                   R"("source": "{}", "calibrated": {}}})",
                   separator, row.name, row.unit, row.model, row.published, row.source,
                   row.calibrated);
        separator = ",\n";
    }
    fmt::print("\n]\n");
    return std::fflush(stdout) == 0 ? 0 : 1;
}
