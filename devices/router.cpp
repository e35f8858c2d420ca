// SPDX-License-Identifier: Apache-2.0
// An interconnect: many initiators, many targets, one address map.
#include "devices/router.hpp"

#include <algorithm>
#include <limits>
#include <sstream>

#include "devices/initiator.hpp"

namespace orrery::devices {

namespace {

constexpr const char* report_type = "/orrery/router";

std::string describe(const std::string& name, uint64_t base, uint64_t last) {
    std::ostringstream text;
    text << "'" << name << "' [0x" << std::hex << base << ", 0x" << last << "]";
    return text.str();
}

// A payload for one call, with the initiator's extension while it lives.
class Request final {
  public:
    Request(bool write, uint64_t address, void* data, unsigned size, unsigned cpu)
        : initiator_{cpu} {
        payload.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
        payload.set_address(address);
        payload.set_data_ptr(static_cast<unsigned char*>(data));
        payload.set_data_length(size);
        payload.set_streaming_width(size);
        payload.set_extension(&initiator_);
    }
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;
    ~Request() { payload.clear_extension(&initiator_); }

    tlm::tlm_generic_payload payload;

  private:
    Initiator initiator_;
};

// Shows a payload to a target in the target's own addresses, and puts the address back.
class Translation final {
  public:
    Translation(tlm::tlm_generic_payload& payload, uint64_t base)
        : payload_{payload}, address_{payload.get_address()} {
        payload_.set_address(address_ - base);
    }
    Translation(const Translation&) = delete;
    Translation& operator=(const Translation&) = delete;
    ~Translation() { payload_.set_address(address_); }

  private:
    tlm::tlm_generic_payload& payload_;
    const uint64_t address_;
};

}  // namespace

Router::Router(sc_core::sc_module_name name, sc_core::sc_time latency)
    : sc_module{name}, socket{"socket"}, latency_{latency}, outputs_{"outputs"} {
    socket.register_b_transport(this, &Router::b_transport);
    socket.register_transport_dbg(this, &Router::transport_dbg);
    socket.register_get_direct_mem_ptr(this, &Router::get_direct_mem_ptr);
    outputs_.register_invalidate_direct_mem_ptr(this, &Router::invalidate_direct_mem_ptr);
}

std::string Router::objection(const std::string& name, uint64_t base, uint64_t size) const {
    if (size == 0) return "range '" + name + "' is empty";
    const uint64_t last = base + (size - 1);
    if (last < base) return "range '" + name + "' passes the end of the address space";
    for (const Range& range : ranges_) {
        if (last < range.base || range.last < base) continue;
        return "range " + describe(name, base, last) + " overlaps " +
               describe(range.name, range.base, range.last);
    }
    return {};
}

void Router::map(const std::string& name, uint64_t base, uint64_t size, Target& target) {
    if (const std::string text = objection(name, base, size); !text.empty()) {
        SC_REPORT_ERROR(report_type, text.c_str());
        return;
    }

    const int output = static_cast<int>(bases_.size());
    outputs_.bind(target);
    bases_.push_back(base);

    const auto place = std::ranges::upper_bound(ranges_, base, {}, &Range::base);
    ranges_.insert(place, Range{name, base, base + (size - 1), output});
}

const Router::Range* Router::decode(uint64_t address, uint64_t length) const {
    const auto after = std::ranges::upper_bound(ranges_, address, {}, &Range::base);
    if (after == ranges_.begin()) return nullptr;
    const Range& range = *std::prev(after);
    if (address > range.last) return nullptr;
    if (length != 0 && length - 1 > range.last - address) return nullptr;
    return &range;
}

tlm::tlm_response_status Router::access(bool write, uint64_t address, void* data, unsigned size,
                                        sc_core::sc_time& delay, unsigned cpu) {
    Request request{write, address, data, size, cpu};
    b_transport(0, request.payload, delay);
    return request.payload.get_response_status();
}

unsigned Router::debug_access(bool write, uint64_t address, void* data, unsigned size,
                              unsigned cpu) {
    Request request{write, address, data, size, cpu};
    return transport_dbg(0, request.payload);
}

bool Router::direct_memory(uint64_t address, tlm::tlm_dmi& region) {
    Request request{false, address, nullptr, 0, 0};
    return get_direct_mem_ptr(0, request.payload, region);
}

void Router::b_transport(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    delay += latency_;
    const Range* range = decode(payload.get_address(), payload.get_data_length());
    if (range == nullptr) {
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return;
    }
    const Translation translation{payload, range->base};
    outputs_[range->output]->b_transport(payload, delay);
}

unsigned Router::transport_dbg(int, tlm::tlm_generic_payload& payload) {
    const Range* range = decode(payload.get_address(), payload.get_data_length());
    if (range == nullptr) return 0;
    const Translation translation{payload, range->base};
    return outputs_[range->output]->transport_dbg(payload);
}

bool Router::get_direct_mem_ptr(int, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& region) {
    const Range* range = decode(payload.get_address(), 0);
    if (range == nullptr) return false;
    const Translation translation{payload, range->base};
    if (!outputs_[range->output]->get_direct_mem_ptr(payload, region)) return false;

    // The target may offer more than its range shows, and does not know the way to it.
    const uint64_t reach = std::min<uint64_t>(region.get_end_address(), range->last - range->base);
    region.set_start_address(region.get_start_address() + range->base);
    region.set_end_address(reach + range->base);
    region.set_read_latency(region.get_read_latency() + latency_);
    region.set_write_latency(region.get_write_latency() + latency_);
    return true;
}

void Router::invalidate_direct_mem_ptr(int output, sc_dt::uint64 start, sc_dt::uint64 end) {
    const uint64_t base = bases_[static_cast<size_t>(output)];
    const uint64_t last = end > std::numeric_limits<uint64_t>::max() - base
                              ? std::numeric_limits<uint64_t>::max()
                              : end + base;
    for (unsigned i = 0; i < socket.size(); ++i)
        socket[static_cast<int>(i)]->invalidate_direct_mem_ptr(start + base, last);
}

}  // namespace orrery::devices
