// SPDX-License-Identifier: Apache-2.0
// An interconnect: many initiators, many targets, one address map (TLM-2.0, loosely timed). A
// target sees addresses from the base of its range. An access that no single range holds is a
// decode error, TLM_ADDRESS_ERROR_RESPONSE. Every transported access takes the same latency, decode
// errors too.
#pragma once

#include <tlm_utils/multi_passthrough_initiator_socket.h>
#include <tlm_utils/multi_passthrough_target_socket.h>

#include <cstdint>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

namespace orrery::devices {

class Router final : public sc_core::sc_module {
  public:
    using Target =
        tlm::tlm_base_target_socket_b<32, tlm::tlm_fw_transport_if<>, tlm::tlm_bw_transport_if<>>;

    explicit Router(sc_core::sc_module_name name, sc_core::sc_time latency = sc_core::SC_ZERO_TIME);

    // Puts a target at [base, base + size) and binds it. During elaboration only. A range that is
    // empty, passes the end of the address space or overlaps another is reported as an error
    // ("/orrery/router"), which SystemC throws as sc_report unless told otherwise.
    void map(const std::string& name, uint64_t base, uint64_t size, Target& target);

    // For initiators that are functions: forms a payload, transports it and adds to `delay`.
    [[nodiscard]] tlm::tlm_response_status access(bool write, uint64_t address, void* data,
                                                  unsigned size, sc_core::sc_time& delay,
                                                  unsigned cpu = 0);
    // The same without time and side effects; returns the number of bytes transported.
    [[nodiscard]] unsigned debug_access(bool write, uint64_t address, void* data, unsigned size,
                                        unsigned cpu = 0);
    // Host memory behind an address, in the addresses of the initiator.
    [[nodiscard]] bool direct_memory(uint64_t address, tlm::tlm_dmi& region);

    tlm_utils::multi_passthrough_target_socket<Router, 32, tlm::tlm_base_protocol_types, 0,
                                               sc_core::SC_ZERO_OR_MORE_BOUND>
        socket;

  private:
    struct Range final {
        std::string name;
        uint64_t base;
        uint64_t last;
        int output;  // index among the outputs, the order of map()
    };

    // The range that holds all of [address, address + length), or none.
    [[nodiscard]] const Range* decode(uint64_t address, uint64_t length) const;
    // Why a range cannot be mapped; empty if it can.
    [[nodiscard]] std::string objection(const std::string& name, uint64_t base,
                                        uint64_t size) const;

    void b_transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_dbg(int initiator, tlm::tlm_generic_payload& payload);
    bool get_direct_mem_ptr(int initiator, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& region);
    void invalidate_direct_mem_ptr(int output, sc_dt::uint64 start, sc_dt::uint64 end);

    const sc_core::sc_time latency_;
    tlm_utils::multi_passthrough_initiator_socket<Router, 32, tlm::tlm_base_protocol_types, 0,
                                                  sc_core::SC_ZERO_OR_MORE_BOUND>
        outputs_;
    std::vector<Range> ranges_;    // ascending by base
    std::vector<uint64_t> bases_;  // of the outputs
};

}  // namespace orrery::devices
