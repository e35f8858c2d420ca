// SPDX-License-Identifier: Apache-2.0
// The parameter files as the build put them into the program (see CMakeLists.txt).
#pragma once

#include <span>
#include <string_view>

namespace orrery::data {

struct File {
    std::string_view name;  // "cores/cortex-a55"
    std::string_view text;
};

[[nodiscard]] std::span<const File> files();

}  // namespace orrery::data
