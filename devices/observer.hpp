// SPDX-License-Identifier: Apache-2.0
// What a device tells whoever watches it: a name, an event and one number, at the present moment.
#pragma once

#include <cstdint>
#include <string_view>

namespace orrery::devices {

// The events, with the number that goes with each:
//
//   device        event              value
//   Pl011         transmit           the character that has left
//                 receive            the character that entered the receive FIFO
//                 overrun            the character that was lost
//                 interrupt          new level of the line
//   Pl031         alarm              the counter, in seconds, that matched
//                 interrupt          new level of the line
//   Mhu           doorbell           channel on which a CPU has rung
//                 low_interrupt      new level of the line
//                 high_interrupt     new level of the line
//   ScmiPlatform  message            header of the message that is being answered
//   GenericTimer  physical_expired   the compare value that was reached
//                 virtual_expired    the compare value that was reached
//                 physical_interrupt new level of the line
//                 virtual_interrupt  new level of the line
//   GicV2         irq_raised         CPU whose line rose
//                 irq_lowered        CPU whose line fell
//                 acknowledge        CPU in bits 63:32, value of GICC_IAR in bits 31:0
//                 end_of_interrupt   CPU in bits 63:32, value of GICC_EOIR in bits 31:0
//
// `device` is the hierarchical SystemC name. An observer only looks: it must not access a device.
struct Observer {
    virtual ~Observer() = default;
    virtual void device_event(std::string_view device, std::string_view event, uint64_t value) = 0;
};

}  // namespace orrery::devices
