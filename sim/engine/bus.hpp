// SPDX-License-Identifier: Apache-2.0
// What an engine asks of the machine around it: device accesses and the generic counter.
#pragma once

#include <cstdint>

namespace orrery::engine {

// Accesses from EL0 to physical addresses outside every memory bank. A call may block in the middle
// (a coroutine switch to other engines); it must not run the same engine again. An exception thrown
// here abandons the instruction and comes out of UserEngine::run().
class Bus {
  public:
    virtual ~Bus() = default;
    // Returns false for a bus error, which EL0 sees as a synchronous external abort.
    [[nodiscard]] virtual bool read(std::uint64_t physical, unsigned size,
                                    std::uint64_t& value) = 0;
    [[nodiscard]] virtual bool write(std::uint64_t physical, unsigned size,
                                     std::uint64_t value) = 0;
};

// The generic counter as EL0 reads it. Host time never reaches the program.
class Counter {
  public:
    virtual ~Counter() = default;
    virtual std::uint64_t physical_count() = 0;  // CNTPCT_EL0
    virtual std::uint64_t virtual_count() = 0;   // CNTVCT_EL0
    virtual std::uint64_t frequency() = 0;       // CNTFRQ_EL0
};

}  // namespace orrery::engine
