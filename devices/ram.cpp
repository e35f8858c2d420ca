// SPDX-License-Identifier: Apache-2.0
// Memory: a TLM-2.0 target over bytes that the caller owns.
#include "devices/ram.hpp"

#include <cstring>

namespace orrery::devices {

namespace {

void copy_one(tlm::tlm_command command, std::byte* memory, unsigned char* data, unsigned length) {
    if (command == tlm::TLM_READ_COMMAND) std::memcpy(data, memory, length);
    if (command == tlm::TLM_WRITE_COMMAND) std::memcpy(memory, data, length);
}

}  // namespace

Ram::Ram(sc_core::sc_module_name name, std::span<std::byte> bytes, sc_core::sc_time latency)
    : sc_module{name}, socket{"socket"}, bytes_{bytes}, latency_{latency} {
    socket.register_b_transport(this, &Ram::b_transport);
    socket.register_transport_dbg(this, &Ram::transport_dbg);
    socket.register_get_direct_mem_ptr(this, &Ram::get_direct_mem_ptr);
}

bool Ram::holds(uint64_t address, uint64_t length) const {
    return address < bytes_.size() && length <= bytes_.size() - address;
}

tlm::tlm_response_status Ram::check(const tlm::tlm_generic_payload& payload) const {
    if (payload.get_streaming_width() < payload.get_data_length())
        return tlm::TLM_BURST_ERROR_RESPONSE;
    if (!holds(payload.get_address(), payload.get_data_length()))
        return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    return tlm::TLM_OK_RESPONSE;
}

void Ram::copy(tlm::tlm_generic_payload& payload) {
    std::byte* memory = bytes_.data() + payload.get_address();
    unsigned char* data = payload.get_data_ptr();
    const unsigned char* enables = payload.get_byte_enable_ptr();
    if (enables == nullptr) {
        copy_one(payload.get_command(), memory, data, payload.get_data_length());
        return;
    }
    // Byte enables repeat when they are shorter than the data.
    for (unsigned i = 0; i < payload.get_data_length(); ++i) {
        if (enables[i % payload.get_byte_enable_length()] == TLM_BYTE_DISABLED) continue;
        copy_one(payload.get_command(), memory + i, data + i, 1);
    }
}

void Ram::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const auto status = check(payload);
    payload.set_response_status(status);
    if (status != tlm::TLM_OK_RESPONSE) return;
    copy(payload);
    payload.set_dmi_allowed(true);
    delay += latency_;
}

// Transports what fits.
unsigned Ram::transport_dbg(tlm::tlm_generic_payload& payload) {
    const uint64_t address = payload.get_address();
    if (address >= bytes_.size()) return 0;
    const uint64_t available = bytes_.size() - address;
    const unsigned length = payload.get_data_length();
    const unsigned fitting = length <= available ? length : static_cast<unsigned>(available);
    copy_one(payload.get_command(), bytes_.data() + address, payload.get_data_ptr(), fitting);
    return fitting;
}

bool Ram::get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& region) {
    if (payload.get_address() >= bytes_.size()) return false;
    region.set_dmi_ptr(reinterpret_cast<unsigned char*>(bytes_.data()));
    region.set_start_address(0);
    region.set_end_address(bytes_.size() - 1);
    region.set_read_latency(latency_);
    region.set_write_latency(latency_);
    region.allow_read_write();
    return true;
}

}  // namespace orrery::devices
