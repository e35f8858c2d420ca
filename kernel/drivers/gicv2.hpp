// SPDX-License-Identifier: Apache-2.0
// Driver of the Arm Generic Interrupt Controller, architecture version 2 (IHI 0048B).
#pragma once

#include "hal/types.hpp"
#include "kernel/base/result.hpp"

namespace kernel {

class Gicv2 final {
  public:
    static constexpr uint32_t spurious = 1020;  // INTIDs from here on are no interrupts

    // Maps both register frames and resets the distributor. Unsupported when the device does not
    // identify itself as a GICv2. Boot CPU, once.
    [[nodiscard]] Status initialise(hal::PhysicalAddress distributor,
                                    hal::PhysicalAddress cpu_interface);
    // Each CPU for itself: private interrupts off, CPU interface on.
    void initialise_cpu();

    // Enables an interrupt; a shared one is routed to the calling CPU. Private ones (below 32) are
    // per CPU. Level-triggered.
    void enable(uint32_t interrupt);
    // Keeps an interrupt from coming until it is enabled again.
    void disable(uint32_t interrupt);
    // How many interrupts there are, private ones included.
    [[nodiscard]] uint32_t lines() const { return lines_; }

    // The highest pending interrupt, now active, or a number >= spurious. The full IAR value is
    // what end() wants back.
    [[nodiscard]] uint32_t acknowledge();
    void end(uint32_t acknowledged);
    [[nodiscard]] static uint32_t interrupt_id(uint32_t acknowledged) {
        return acknowledged & 0x3ff;
    }

    // A software-generated interrupt (0 to 15) to one CPU.
    void send(unsigned cpu, uint32_t interrupt);

  private:
    // Disables 32 interrupts and clears their state.
    void quieten(uint32_t first);

    uint64_t distributor_ = 0;
    uint64_t cpu_interface_ = 0;
    uint32_t lines_ = 0;
    uint8_t own_target_[hal::max_cpus] = {};  // CPU interface bit of each CPU
};

}  // namespace kernel
