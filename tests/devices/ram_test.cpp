// SPDX-License-Identifier: Apache-2.0
// Memory: sizes, bounds, byte enables, latency and direct access.
#include "devices/ram.hpp"

#include <array>

#include "tests/devices/bench.hpp"

namespace orrery::devices {

namespace {

struct Bench final {
    std::array<std::byte, 64> memory{};
    Ram ram{"ram", memory, nanoseconds(7)};
    Probe probe{"probe"};

    Bench() { probe.socket.bind(ram.socket); }
};

Bench* bench = nullptr;

class RamTest : public testing::Test {
  protected:
    void SetUp() override {
        bench->memory.fill(std::byte{0});
        probe.delay = sc_core::SC_ZERO_TIME;
    }
    Probe& probe = bench->probe;
};

// A payload of 4 bytes at address 0.
struct Word final {
    explicit Word(tlm::tlm_command command, unsigned char fill = 0) {
        data.fill(fill);
        payload.set_command(command);
        payload.set_address(0);
        payload.set_data_ptr(data.data());
        payload.set_data_length(4);
        payload.set_streaming_width(4);
    }
    tlm::tlm_response_status transport() {
        sc_core::sc_time delay;
        bench->probe.socket->b_transport(payload, delay);
        return payload.get_response_status();
    }
    std::array<unsigned char, 4> data{};
    tlm::tlm_generic_payload payload;
};

}  // namespace

std::shared_ptr<void> elaborate() {
    auto made = std::make_shared<Bench>();
    bench = made.get();
    return made;
}

TEST_F(RamTest, ServesEverySizeAndAlignment) {
    probe.write(8, 0x44332211);
    EXPECT_EQ(probe.read(8, 0, 1), 0x11U);
    EXPECT_EQ(probe.read(9, 0, 2), 0x3322U);
    EXPECT_EQ(probe.read(9, 0, 4), 0x00443322U);
    probe.write(10, 0xAB, 0, 1);
    EXPECT_EQ(probe.read(8), 0x44AB2211U);
    EXPECT_EQ(probe.status(0, 32), tlm::TLM_OK_RESPONSE);
}

TEST_F(RamTest, RefusesWhatLeavesTheRange) {
    EXPECT_EQ(probe.status(60, 4), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(probe.status(61, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(probe.status(64, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(probe.status(UINT64_MAX, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST_F(RamTest, TakesItsLatencyOnSuccessOnly) {
    probe.delay = nanoseconds(1);
    probe.write(0, 1);
    EXPECT_EQ(probe.delay, nanoseconds(8));
    probe.transport(tlm::TLM_READ_COMMAND, 64, 0);
    EXPECT_EQ(probe.delay, nanoseconds(8));
}

TEST_F(RamTest, HonoursByteEnables) {
    std::array<unsigned char, 2> enables{TLM_BYTE_DISABLED, TLM_BYTE_ENABLED};
    Word word{tlm::TLM_WRITE_COMMAND, 0xFF};
    word.payload.set_byte_enable_ptr(enables.data());
    word.payload.set_byte_enable_length(enables.size());
    EXPECT_EQ(word.transport(), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(probe.read(0), 0xFF00FF00U);
}

TEST_F(RamTest, RefusesStreaming) {
    Word word{tlm::TLM_WRITE_COMMAND, 0xFF};
    word.payload.set_streaming_width(2);
    EXPECT_EQ(word.transport(), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(probe.read(0), 0U);
}

TEST_F(RamTest, GrantsDirectMemory) {
    Word word{tlm::TLM_READ_COMMAND};
    EXPECT_EQ(word.transport(), tlm::TLM_OK_RESPONSE);
    EXPECT_TRUE(word.payload.is_dmi_allowed());

    tlm::tlm_dmi region;
    ASSERT_TRUE(probe.socket->get_direct_mem_ptr(word.payload, region));
    EXPECT_TRUE(region.is_read_write_allowed());
    EXPECT_EQ(region.get_start_address(), 0U);
    EXPECT_EQ(region.get_end_address(), 63U);
    EXPECT_EQ(region.get_write_latency(), nanoseconds(7));
    region.get_dmi_ptr()[5] = 0x5A;
    EXPECT_EQ(probe.read(5, 0, 1), 0x5AU);

    word.payload.set_address(64);
    EXPECT_FALSE(probe.socket->get_direct_mem_ptr(word.payload, region));
}

TEST_F(RamTest, DebugAccessTransportsWhatFits) {
    probe.write(60, 0x04030201);
    EXPECT_EQ(probe.debug_read(60), std::make_pair(4U, 0x04030201U));
    EXPECT_EQ(probe.debug_read(62), std::make_pair(2U, 0x0403U));
    EXPECT_EQ(probe.debug_read(64).first, 0U);
    EXPECT_EQ(probe.delay, nanoseconds(7));
}

}  // namespace orrery::devices
