// SPDX-License-Identifier: Apache-2.0
// Registers of the PrimeCell Real Time Clock PL031 (Arm DDI 0224).
#pragma once

#include <cstdint>

namespace orrery::devices {

enum class Pl031Register : uint32_t {
    RTCDR = 0x000,         // RO  Data Register: seconds
    RTCMR = 0x004,         // RW  Match Register: seconds
    RTCLR = 0x008,         // RW  Load Register: seconds
    RTCCR = 0x00C,         // RW  Control Register: bit 0, started
    RTCIMSC = 0x010,       // RW  Interrupt Mask Set or Clear Register: bit 0
    RTCRIS = 0x014,        // RO  Raw Interrupt Status Register: bit 0
    RTCMIS = 0x018,        // RO  Masked Interrupt Status Register: bit 0
    RTCICR = 0x01C,        // WO  Interrupt Clear Register: bit 0
    RTCPeriphID0 = 0xFE0,  // RO  Peripheral Identification Registers, 4 words
    RTCPCellID0 = 0xFF0,   // RO  PrimeCell Identification Registers, 4 words
};

}  // namespace orrery::devices
