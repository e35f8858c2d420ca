// SPDX-License-Identifier: Apache-2.0
// Interrupts: from the controller to whoever they are for.
#pragma once

namespace kernel {

// Serves the most urgent interrupt that is pending for this CPU, if any; another one comes when
// interrupts are let in again. To ask the controller whether there is one would take as long as a
// register of a device does, each time. Precondition: no lock held.
void take_interrupt();

}  // namespace kernel
