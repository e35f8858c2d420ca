// SPDX-License-Identifier: Apache-2.0
// Branches, told from their instruction words (Arm Architecture Reference Manual, C4.1, branches,
// exception generating and system instructions).
#pragma once

#include <cstdint>
#include <optional>

#include "sim/memory/branch_predictor.hpp"

namespace orrery::phone {

// Nothing for what is no branch. An exception return is none: nobody predicts it.
[[nodiscard]] constexpr std::optional<memory::BranchKind> branch_kind(uint32_t word) {
    using memory::BranchKind;
    if ((word & 0xff00'0010) == 0x5400'0000 ||  // B.cond
        (word & 0x7c00'0000) == 0x3400'0000)    // CBZ, CBNZ, TBZ, TBNZ
        return BranchKind::conditional;
    if ((word & 0xfc00'0000) == 0x1400'0000) return BranchKind::direct;         // B
    if ((word & 0xfc00'0000) == 0x9400'0000) return BranchKind::call;           // BL
    if ((word & 0xffff'fc1f) == 0xd61f'0000) return BranchKind::indirect;       // BR
    if ((word & 0xffff'fc1f) == 0xd63f'0000) return BranchKind::indirect_call;  // BLR
    if ((word & 0xffff'fc1f) == 0xd65f'0000) return BranchKind::return_;        // RET
    return std::nullopt;
}

}  // namespace orrery::phone
