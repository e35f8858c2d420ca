// SPDX-License-Identifier: Apache-2.0
// Interrupts: from the controller to whoever they are for.
#pragma once

namespace kernel {

// Serves all interrupts that are pending for this CPU. Precondition: no lock held.
void take_interrupts();

}  // namespace kernel
