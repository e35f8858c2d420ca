// SPDX-License-Identifier: Apache-2.0
// KernelTiming: what native kernel code costs. This is the seam for a finer model: the CPU asks
// once for each entry into the kernel, before the kernel runs.
#pragma once

#include <cstdint>

#include "hal/types.hpp"

namespace orrery::phone {

class KernelTiming {
  public:
    virtual ~KernelTiming() = default;
    // Cycles from the exception to the first instruction back at EL0.
    [[nodiscard]] virtual uint64_t trap_cycles(const hal::Trap& trap) const = 0;
    // Cycles between two looks of a waiting loop.
    [[nodiscard]] virtual uint64_t relax_cycles() const = 0;
};

// One figure for every trap, whatever the kernel does. 600 cycles are about a null system call of
// a small kernel on an in-order core with its two register-file transfers; a waiting loop looks
// again after some 100 ns, as one with a back-off does. Both are modelled, not measured.
class FlatKernelTiming final : public KernelTiming {
  public:
    [[nodiscard]] uint64_t trap_cycles(const hal::Trap&) const override { return 600; }
    [[nodiscard]] uint64_t relax_cycles() const override { return 240; }
};

}  // namespace orrery::phone
