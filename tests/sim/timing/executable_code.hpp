// SPDX-License-Identifier: Apache-2.0
// The code of an AArch64 ELF file, for tests of what reads instructions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace orrery::timing {

// The words of all executable sections that mapping symbols ($x, $d) do not call data.
[[nodiscard]] std::vector<uint32_t> executable_code(const std::string& path);

}  // namespace orrery::timing
