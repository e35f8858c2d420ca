// SPDX-License-Identifier: Apache-2.0
// Driver of Arm's Message Handling Unit (Juno TRM, DDI 0515) in its use as a set of doorbells.
#pragma once

#include "hal/types.hpp"
#include "kernel/base/result.hpp"

namespace kernel {

class Mhu final {
  public:
    // `doorbell`: number of a bit of the channel (0: low priority, 1: high). Unsupported for
    // others: the Secure channel is not ours.
    [[nodiscard]] Status initialise(hal::PhysicalAddress registers, uint32_t channel,
                                    uint32_t doorbell);
    // Rings at the far end.
    void ring();

  private:
    uint64_t channel_ = 0;
    uint32_t bit_ = 0;
};

}  // namespace kernel
