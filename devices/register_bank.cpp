// SPDX-License-Identifier: Apache-2.0
// A bank of 32-bit registers behind one TLM-2.0 target socket.
#include "devices/register_bank.hpp"

#include <bit>
#include <cstring>

#include "devices/initiator.hpp"

namespace orrery::devices {

static_assert(std::endian::native == std::endian::little, "payloads are copied as they are");

namespace {

Access access_of(const tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay,
                 bool debug) {
    return {.offset = static_cast<uint32_t>(payload.get_address()),
            .size = payload.get_data_length(),
            .cpu = initiating_cpu(payload),
            .now = sc_core::sc_time_stamp() + delay,
            .debug = debug};
}

}  // namespace

RegisterBank::RegisterBank(const char* name, uint32_t size, Device device)
    : socket{name}, size_{size}, device_{std::move(device)} {
    socket.register_b_transport(this, &RegisterBank::b_transport);
    socket.register_transport_dbg(this, &RegisterBank::transport_dbg);
}

tlm::tlm_response_status RegisterBank::check(const tlm::tlm_generic_payload& payload,
                                             const Access& access) const {
    if (payload.get_byte_enable_ptr() != nullptr) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    if (access.size != 1 && access.size != 2 && access.size != 4)
        return tlm::TLM_BURST_ERROR_RESPONSE;
    if (payload.get_streaming_width() < access.size) return tlm::TLM_BURST_ERROR_RESPONSE;
    if (payload.get_address() >= size_) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    if (access.offset % access.size != 0) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    return device_.check(access);
}

void RegisterBank::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const Access access = access_of(payload, delay, false);
    const auto status = check(payload, access);
    payload.set_response_status(status);
    if (status != tlm::TLM_OK_RESPONSE) return;

    uint32_t value = 0;
    if (payload.is_read()) {
        value = device_.read(access);
        std::memcpy(payload.get_data_ptr(), &value, access.size);
    } else if (payload.is_write()) {
        std::memcpy(&value, payload.get_data_ptr(), access.size);
        device_.write(access, value);
    }
}

unsigned RegisterBank::transport_dbg(tlm::tlm_generic_payload& payload) {
    const Access access = access_of(payload, sc_core::SC_ZERO_TIME, true);
    if (!payload.is_read() || check(payload, access) != tlm::TLM_OK_RESPONSE) return 0;
    const uint32_t value = device_.read(access);
    std::memcpy(payload.get_data_ptr(), &value, access.size);
    return access.size;
}

}  // namespace orrery::devices
