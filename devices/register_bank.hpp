// SPDX-License-Identifier: Apache-2.0
// A bank of 32-bit registers behind one TLM-2.0 target socket (IEEE 1666-2011, clauses 10 to 16):
// it checks the form of an access and hands it to the device as an offset and a value.
//
//   access                                        response
//   byte enables                                  TLM_BYTE_ENABLE_ERROR_RESPONSE
//   length not 1, 2 or 4, or streaming            TLM_BURST_ERROR_RESPONSE
//   misaligned, or outside the bank               TLM_ADDRESS_ERROR_RESPONSE
//   refused by the device                         what the device answers
//   offset without a register                     TLM_OK_RESPONSE: reads as zero, writes ignored
//
// A debug read has no side effect; a debug write is refused (it transports 0 bytes).
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <functional>
#include <tlm>

namespace orrery::devices {

struct Access final {
    uint32_t offset;       // from the start of the bank
    unsigned size;         // bytes: 1, 2 or 4
    unsigned cpu;          // who makes it
    sc_core::sc_time now;  // when, the initiator's local time included
    bool debug;            // must leave no trace
};

class RegisterBank final {
  public:
    struct Device final {
        std::function<tlm::tlm_response_status(const Access&)> check;
        std::function<uint32_t(const Access&)> read;
        std::function<void(const Access&, uint32_t value)> write;
    };

    RegisterBank(const char* name, uint32_t size, Device device);

    tlm_utils::simple_target_socket_optional<RegisterBank> socket;

  private:
    [[nodiscard]] tlm::tlm_response_status check(const tlm::tlm_generic_payload& payload,
                                                 const Access& access) const;
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_dbg(tlm::tlm_generic_payload& payload);

    const uint32_t size_;
    const Device device_;
};

}  // namespace orrery::devices
