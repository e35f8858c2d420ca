// SPDX-License-Identifier: Apache-2.0
// A test bench: GoogleTest runs inside a SystemC thread.
#include "tests/devices/bench.hpp"

#include <cstring>

#include "devices/initiator.hpp"

namespace orrery::devices {

namespace {

class Runner final : public sc_core::sc_module {
  public:
    explicit Runner(sc_core::sc_module_name name) : sc_module{name} {
        SC_HAS_PROCESS(Runner);
        SC_THREAD(run);
        set_stack_size(1U << 20U);
    }

    [[nodiscard]] int result() const { return result_; }

  private:
    void run() {
        result_ = RUN_ALL_TESTS();
        sc_core::sc_stop();
    }

    int result_ = 1;
};

}  // namespace

sc_core::sc_time nanoseconds(uint64_t count) {
    return picoseconds(count * 1000);
}

sc_core::sc_time picoseconds(uint64_t count) {
    const uint64_t units = sc_core::sc_time{1, sc_core::SC_PS}.value();
    return sc_core::sc_time::from_value(count * units);
}

Probe::Reply Probe::transport(tlm::tlm_command command, uint64_t offset, uint32_t value,
                              unsigned size, unsigned cpu) {
    // Room for the sizes that a target must refuse.
    unsigned char data[64] = {};
    std::memcpy(data, &value, sizeof value);
    Initiator initiator{cpu};
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(offset);
    payload.set_data_ptr(data);
    payload.set_data_length(size);
    payload.set_streaming_width(size);
    payload.set_extension(&initiator);
    socket->b_transport(payload, delay);
    payload.clear_extension(&initiator);
    std::memcpy(&value, data, sizeof value);
    return {payload.get_response_status(), command == tlm::TLM_READ_COMMAND ? value : 0};
}

tlm::tlm_response_status Probe::status(uint64_t offset, unsigned size, unsigned cpu) {
    const auto read = transport(tlm::TLM_READ_COMMAND, offset, 0, size, cpu).status;
    const auto written = transport(tlm::TLM_WRITE_COMMAND, offset, 0, size, cpu).status;
    EXPECT_EQ(read, written);
    return read;
}

std::pair<unsigned, uint32_t> Probe::debug_read(uint64_t offset, unsigned size) {
    uint32_t value = 0;
    tlm::tlm_generic_payload payload;
    payload.set_command(tlm::TLM_READ_COMMAND);
    payload.set_address(offset);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(size);
    payload.set_streaming_width(size);
    const unsigned transported = socket->transport_dbg(payload);
    return {transported, value};
}

}  // namespace orrery::devices

// SystemC's library, which has main(), calls this: it must be visible to it.
[[gnu::visibility("default")]] int sc_main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    const auto devices = orrery::devices::elaborate();
    orrery::devices::Runner runner{"runner"};
    sc_core::sc_start();
    return runner.result();
}
