// SPDX-License-Identifier: Apache-2.0
// The interconnect: decoding, translation, latency, and maps that must be refused.
#include "devices/router.hpp"

#include <array>

#include "devices/ram.hpp"
#include "tests/devices/bench.hpp"

namespace orrery::devices {

namespace {

constexpr uint64_t low = 0x1000;
constexpr uint64_t high = 0x4000'0000;
constexpr unsigned bytes = 256;

struct Bench final {
    std::array<std::byte, bytes> low_memory{};
    std::array<std::byte, bytes> high_memory{};
    Ram low_ram{"low_ram", low_memory, nanoseconds(10)};
    Ram high_ram{"high_ram", high_memory, nanoseconds(20)};
    Ram spare{"spare", high_memory};
    Router router{"router", nanoseconds(3)};
    Probe first{"first"};
    Probe second{"second"};
    std::vector<std::string> refusals;

    Bench() {
        router.map("high", high, bytes, high_ram.socket);
        router.map("low", low, bytes, low_ram.socket);
        first.socket.bind(router.socket);
        second.socket.bind(router.socket);
        refuse("tail", low + bytes - 1, 16);
        refuse("head", low - 8, 9);
        refuse("inside", low + 8, 8);
        refuse("around", 0, high * 2);
        refuse("empty", 0, 0);
        refuse("beyond", UINT64_MAX, 2);
    }

    void refuse(const char* name, uint64_t base, uint64_t size) {
        try {
            router.map(name, base, size, spare.socket);
            refusals.emplace_back("accepted");
        } catch (const sc_core::sc_report& report) {
            refusals.emplace_back(report.get_msg());
        }
    }
};

Bench* bench = nullptr;

tlm::tlm_response_status access(bool write, uint64_t address, uint32_t& value, unsigned size = 4) {
    sc_core::sc_time delay;
    return bench->router.access(write, address, &value, size, delay);
}

}  // namespace

std::shared_ptr<void> elaborate() {
    auto made = std::make_shared<Bench>();
    bench = made.get();
    return made;
}

TEST(Router, GivesEachTargetAddressesFromItsBase) {
    uint32_t value = 0x11223344;
    EXPECT_EQ(access(true, low + 4, value), tlm::TLM_OK_RESPONSE);
    value = 0x55667788;
    EXPECT_EQ(access(true, high + 8, value), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(bench->low_memory[4], std::byte{0x44});
    EXPECT_EQ(bench->low_memory[7], std::byte{0x11});
    EXPECT_EQ(bench->high_memory[8], std::byte{0x88});
    EXPECT_EQ(access(false, low + 4, value), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(value, 0x11223344U);
}

TEST(Router, ServesSeveralInitiatorsAndKeepsTheirPayloadAddress) {
    bench->first.write(low + 16, 0xCAFE);
    EXPECT_EQ(bench->second.read(low + 16), 0xCAFEU);

    tlm::tlm_generic_payload payload;
    unsigned char byte = 0;
    payload.set_command(tlm::TLM_READ_COMMAND);
    payload.set_address(high + 3);
    payload.set_data_ptr(&byte);
    payload.set_data_length(1);
    payload.set_streaming_width(1);
    sc_core::sc_time delay;
    bench->first.socket->b_transport(payload, delay);
    EXPECT_EQ(payload.get_address(), high + 3);
}

TEST(Router, ReportsDecodeErrors) {
    uint32_t value = 7;
    for (const uint64_t address :
         {uint64_t{0}, low - 1, low + bytes, high - 4, high + bytes, UINT64_MAX}) {
        EXPECT_EQ(access(false, address, value, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        EXPECT_EQ(access(true, address, value, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    }
    EXPECT_EQ(value, 7U);
    EXPECT_EQ(bench->router.debug_access(false, 0, &value, 4), 0U);
}

TEST(Router, RefusesAnAccessThatLeavesItsRange) {
    uint32_t value = 0;
    EXPECT_EQ(access(false, low + bytes - 4, value), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(access(false, low + bytes - 3, value), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(access(false, low - 1, value), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST(Router, AddsItsLatencyToTheTargets) {
    uint32_t value = 0;
    sc_core::sc_time delay = nanoseconds(100);
    EXPECT_EQ(bench->router.access(false, low, &value, 4, delay), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(delay, nanoseconds(113));
    EXPECT_EQ(bench->router.access(false, high, &value, 4, delay), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(delay, nanoseconds(136));
    EXPECT_EQ(bench->router.access(false, 0, &value, 4, delay), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(delay, nanoseconds(139));
}

TEST(Router, OffersDebugAccess) {
    uint32_t value = 0xABCD;
    EXPECT_EQ(bench->router.debug_access(true, high + 32, &value, 4), 4U);
    value = 0;
    EXPECT_EQ(bench->router.debug_access(false, high + 32, &value, 4), 4U);
    EXPECT_EQ(value, 0xABCDU);
}

TEST(Router, TranslatesDirectMemory) {
    tlm::tlm_dmi region;
    ASSERT_TRUE(bench->router.direct_memory(high + 100, region));
    EXPECT_EQ(region.get_start_address(), high);
    EXPECT_EQ(region.get_end_address(), high + bytes - 1);
    EXPECT_EQ(region.get_dmi_ptr(), reinterpret_cast<unsigned char*>(bench->high_memory.data()));
    EXPECT_EQ(region.get_read_latency(), nanoseconds(23));
    EXPECT_FALSE(bench->router.direct_memory(0, region));
}

TEST(Router, RefusesBadRangesWithAClearMessage) {
    ASSERT_EQ(bench->refusals.size(), 6U);
    EXPECT_EQ(bench->refusals[0], "range 'tail' [0x10ff, 0x110e] overlaps 'low' [0x1000, 0x10ff]");
    EXPECT_EQ(bench->refusals[1], "range 'head' [0xff8, 0x1000] overlaps 'low' [0x1000, 0x10ff]");
    EXPECT_EQ(bench->refusals[2],
              "range 'inside' [0x1008, 0x100f] overlaps 'low' [0x1000, 0x10ff]");
    EXPECT_NE(bench->refusals[3].find("range 'around'"), std::string::npos);
    EXPECT_EQ(bench->refusals[4], "range 'empty' is empty");
    EXPECT_EQ(bench->refusals[5], "range 'beyond' passes the end of the address space");
}

}  // namespace orrery::devices
