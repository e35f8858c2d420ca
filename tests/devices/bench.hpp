// SPDX-License-Identifier: Apache-2.0
// A test bench: GoogleTest runs inside a SystemC thread, so that a test can wait for simulated
// time. Devices are made once, before the simulation starts, and reset by each test.
#pragma once

#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <type_traits>
#include <utility>
#include <vector>

#include "devices/observer.hpp"

namespace orrery::devices {

// Defined by each test program: makes its devices, which live as long as the result.
[[nodiscard]] std::shared_ptr<void> elaborate();

[[nodiscard]] sc_core::sc_time nanoseconds(uint64_t count);
[[nodiscard]] sc_core::sc_time picoseconds(uint64_t count);

// An initiator to look at one target with.
class Probe final : public sc_core::sc_module {
  public:
    struct Reply final {
        tlm::tlm_response_status status;
        uint32_t value;
    };

    explicit Probe(sc_core::sc_module_name name) : sc_module{name}, socket{"socket"} {}

    Reply transport(tlm::tlm_command command, uint64_t offset, uint32_t value, unsigned size = 4,
                    unsigned cpu = 0);

    // Accesses that must succeed.
    template <typename Offset>
    uint32_t read(Offset offset, unsigned cpu = 0, unsigned size = 4) {
        const auto reply = transport(tlm::TLM_READ_COMMAND, number(offset), 0, size, cpu);
        EXPECT_EQ(reply.status, tlm::TLM_OK_RESPONSE);
        return reply.value;
    }
    template <typename Offset>
    void write(Offset offset, uint32_t value, unsigned cpu = 0, unsigned size = 4) {
        const auto reply = transport(tlm::TLM_WRITE_COMMAND, number(offset), value, size, cpu);
        EXPECT_EQ(reply.status, tlm::TLM_OK_RESPONSE);
    }

    // How the target answers a read and a write of the same form; they must agree.
    tlm::tlm_response_status status(uint64_t offset, unsigned size, unsigned cpu = 0);
    // A debug read: the value, or nothing transported.
    std::pair<unsigned, uint32_t> debug_read(uint64_t offset, unsigned size = 4);

    tlm_utils::simple_initiator_socket<Probe> socket;
    sc_core::sc_time delay;  // local time of the initiator, before and after each access

  private:
    template <typename Offset>
    static constexpr uint64_t number(Offset offset) {
        return static_cast<uint64_t>(offset);
    }
};

// Remembers what devices reported.
struct Recorder final : Observer {
    void device_event(std::string_view, std::string_view event, uint64_t value) override {
        events[std::string{event}].push_back(value);
    }
    std::map<std::string, std::vector<uint64_t>> events;
};

}  // namespace orrery::devices
