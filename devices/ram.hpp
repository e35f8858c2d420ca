// SPDX-License-Identifier: Apache-2.0
// Memory: a TLM-2.0 target over bytes that the caller owns, with direct memory access (DMI).
// Any length and alignment inside the range is served, byte enables included. A streaming access is
// TLM_BURST_ERROR_RESPONSE; one that leaves the range is TLM_ADDRESS_ERROR_RESPONSE.
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <cstddef>
#include <span>
#include <systemc>
#include <tlm>

namespace orrery::devices {

class Ram final : public sc_core::sc_module {
  public:
    // Precondition: `bytes` outlives the simulation and is not empty.
    Ram(sc_core::sc_module_name name, std::span<std::byte> bytes,
        sc_core::sc_time latency = sc_core::SC_ZERO_TIME);

    tlm_utils::simple_target_socket_optional<Ram> socket;

  private:
    [[nodiscard]] bool holds(uint64_t address, uint64_t length) const;
    [[nodiscard]] tlm::tlm_response_status check(const tlm::tlm_generic_payload& payload) const;
    void copy(tlm::tlm_generic_payload& payload);

    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_dbg(tlm::tlm_generic_payload& payload);
    bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& region);

    const std::span<std::byte> bytes_;
    const sc_core::sc_time latency_;
};

}  // namespace orrery::devices
