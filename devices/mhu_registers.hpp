// SPDX-License-Identifier: Apache-2.0
// Registers of the Message Handling Unit, MHU (Juno Arm Development Platform SoC TRM, DDI 0515).
#pragma once

#include <cstdint>

namespace orrery::devices {

// SCP is the system control processor, on which the platform's firmware runs.
enum class MhuRegister : uint32_t {
    SCP_INTR_L_STAT = 0x000,   // RO  SCP to CPUs, low priority: status
    SCP_INTR_L_SET = 0x008,    // WO  SCP alone
    SCP_INTR_L_CLEAR = 0x010,  // WO
    SCP_INTR_H_STAT = 0x020,   // RO  SCP to CPUs, high priority
    SCP_INTR_H_SET = 0x028,    // WO  SCP alone
    SCP_INTR_H_CLEAR = 0x030,  // WO
    CPU_INTR_L_STAT = 0x100,   // RO  CPUs to SCP, low priority
    CPU_INTR_L_SET = 0x108,    // WO
    CPU_INTR_L_CLEAR = 0x110,  // WO
    CPU_INTR_H_STAT = 0x120,   // RO  CPUs to SCP, high priority
    CPU_INTR_H_SET = 0x128,    // WO
    CPU_INTR_H_CLEAR = 0x130,  // WO
    SCP_INTR_S_STAT = 0x200,   // RO  Secure channel, six registers as above: zero to Non-secure
    CPU_INTR_S_STAT = 0x300,   // RO
    PID4 = 0xFD0,              // RO  Peripheral Identification 4
    PID0 = 0xFE0,              // RO  Peripheral Identification 0 to 3, 4 words
    COMPID0 = 0xFF0,           // RO  Component Identification 0 to 3, 4 words
};

}  // namespace orrery::devices
