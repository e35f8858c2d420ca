// SPDX-License-Identifier: Apache-2.0
// The device tree of a machine, generated with libfdt. Bindings as the Linux kernel documents them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/phone/machine.hpp"

namespace orrery::phone {

struct BootChoices {
    std::string command_line;
    uint64_t archive_begin = 0;  // physical
    uint64_t archive_end = 0;
    uint64_t seed = 0;  // becomes /chosen/rng-seed
};

// The flattened tree. Throws std::runtime_error if libfdt refuses.
[[nodiscard]] std::vector<std::byte> make_device_tree(const Machine& machine,
                                                      const BootChoices& choices);

}  // namespace orrery::phone
