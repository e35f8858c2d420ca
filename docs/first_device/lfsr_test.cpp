// SPDX-License-Identifier: Apache-2.0
// The tutorial's random-number device: alone, and behind a router.
#include "docs/first_device/lfsr.hpp"

#include "devices/router.hpp"
#include "tests/devices/bench.hpp"

namespace orrery::devices {

namespace {

using Register = LfsrRegister;

constexpr uint64_t base = 0x1c1e'0000;
constexpr uint64_t data = base + static_cast<uint64_t>(Register::DATA);

struct Bench final {
    Recorder recorder;
    Lfsr lfsr{"lfsr", &recorder};
    Probe probe{"probe"};
    // A target socket takes one initiator, so the router gets a device of its own.
    Lfsr mapped{"mapped"};
    Router router{"router"};

    Bench() {
        probe.socket.bind(lfsr.registers.socket);
        router.map("lfsr", base, Lfsr::size, mapped.registers.socket);
    }
};

Bench* bench = nullptr;

class LfsrTest : public testing::Test {
  protected:
    void SetUp() override {
        bench->lfsr.reset();
        bench->mapped.reset();
        bench->recorder.events.clear();
    }

    Probe& probe = bench->probe;
};

}  // namespace

std::shared_ptr<void> elaborate() {
    auto made = std::make_shared<Bench>();
    bench = made.get();
    return made;
}

TEST_F(LfsrTest, StepsWithEveryRead) {
    EXPECT_EQ(probe.read(Register::DATA), 0x8020'0003U);
    EXPECT_EQ(probe.read(Register::DATA), 0xc030'0002U);
    EXPECT_EQ(probe.read(Register::DATA), 0x6018'0001U);
}

TEST_F(LfsrTest, RepeatsFromTheSameSeed) {
    probe.write(Register::SEED, 0xcafe);
    EXPECT_EQ(probe.read(Register::SEED), 0xcafeU);
    const uint32_t first = probe.read(Register::DATA);
    EXPECT_NE(probe.read(Register::DATA), first);
    probe.write(Register::SEED, 0xcafe);
    EXPECT_EQ(probe.read(Register::DATA), first);
}

TEST_F(LfsrTest, NeverGetsStuckAtZero) {
    probe.write(Register::SEED, 0);
    EXPECT_EQ(probe.read(Register::SEED), 1U);
}

TEST_F(LfsrTest, LeavesNoTraceOfADebugRead) {
    const auto first = std::make_pair(4U, 0x8020'0003U);
    EXPECT_EQ(probe.debug_read(0x0), first);
    EXPECT_EQ(probe.debug_read(0x0), first);
    EXPECT_EQ(probe.read(Register::SEED), 1U);
    EXPECT_TRUE(bench->recorder.events.empty());
}

TEST_F(LfsrTest, TellsItsObserver) {
    const uint32_t number = probe.read(Register::DATA);
    EXPECT_EQ(bench->recorder.events["number"], std::vector<uint64_t>{number});
}

TEST_F(LfsrTest, AnswersBadAccessesAsDocumented) {
    EXPECT_EQ(probe.status(0x0, 1), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(probe.status(0x0, 2), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(probe.status(0x0, 8), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(probe.status(0x2, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(probe.status(0x8, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST_F(LfsrTest, AnswersBehindARouter) {
    uint32_t value = 0;
    sc_core::sc_time delay;
    EXPECT_EQ(bench->router.access(false, data, &value, sizeof value, delay), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(value, 0x8020'0003U);
    EXPECT_EQ(bench->router.access(false, base + Lfsr::size, &value, sizeof value, delay),
              tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

}  // namespace orrery::devices
