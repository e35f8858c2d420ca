// SPDX-License-Identifier: Apache-2.0
// An SCMI platform behind its mailbox: messages in shared memory, and when they are answered.
#include "devices/scmi_platform.hpp"

#include <array>
#include <cstring>

#include "tests/devices/bench.hpp"
#include "tests/devices/scmi_bench.hpp"

namespace orrery::devices {

namespace {

const sc_core::sc_time response{10, sc_core::SC_US};

std::vector<std::unique_ptr<ScmiProtocol>> protocols(FakeDomains& domains,
                                                     const FakeSensors& sensors) {
    std::vector<std::unique_ptr<ScmiProtocol>> list;
    list.push_back(std::make_unique<ScmiPerformance>(domains));
    list.push_back(std::make_unique<ScmiSensor>(sensors));
    return list;
}

struct Bench final {
    FakeDomains domains;
    FakeSensors sensors;
    std::array<std::byte, ScmiPlatform::channel_size> memory{};
    Mhu mhu{"mhu"};
    ScmiPlatform platform{"scp", memory, mhu, protocols(domains, sensors), response};
    Probe probe{"probe"};

    Bench() {
        probe.socket.bind(mhu.registers.socket);
        mhu.on_doorbell = [this](unsigned channel, uint32_t bits, const sc_core::sc_time& now) {
            platform.on_doorbell(channel, bits, now);
        };
    }
};

Bench* bench = nullptr;

class ScmiPlatformTest : public testing::Test {
  protected:
    void SetUp() override {
        bench->mhu.reset();
        bench->platform.reset();
    }

    static uint32_t word(ScmiChannel field, size_t index = 0) {
        uint32_t value = 0;
        std::memcpy(&value, &bench->memory.at(static_cast<size_t>(field) + 4 * index), 4);
        return value;
    }
    static void set(ScmiChannel field, uint32_t value, size_t index = 0) {
        std::memcpy(&bench->memory.at(static_cast<size_t>(field) + 4 * index), &value, 4);
    }
    void send(uint32_t header, const std::vector<uint32_t>& parameters, uint32_t flags = 0) {
        set(ScmiChannel::STATUS, 0);
        set(ScmiChannel::FLAGS, flags);
        set(ScmiChannel::LENGTH, static_cast<uint32_t>(4 + 4 * parameters.size()));
        set(ScmiChannel::HEADER, header);
        for (size_t i = 0; i < parameters.size(); ++i) {
            set(ScmiChannel::PAYLOAD, parameters[i], i);
        }
        ring();
    }
    void ring() { bench->probe.write(MhuRegister::CPU_INTR_L_SET, ScmiPlatform::doorbell); }
    static ScmiStatus status() { return static_cast<ScmiStatus>(word(ScmiChannel::PAYLOAD)); }
};

}  // namespace

std::shared_ptr<void> elaborate() {
    auto made = std::make_shared<Bench>();
    bench = made.get();
    return made;
}

TEST_F(ScmiPlatformTest, AnswersInPlaceAfterItsResponseTime) {
    const uint32_t header = ScmiHeader::make(0x13, 0x8, 0x155);
    send(header, {1});
    sc_core::wait(response - picoseconds(1));
    EXPECT_EQ(word(ScmiChannel::STATUS), 0U);
    EXPECT_EQ(bench->mhu.from_cpus(Mhu::low_priority), 1U);
    sc_core::wait(picoseconds(2));
    EXPECT_EQ(word(ScmiChannel::STATUS), ScmiChannelStatus::FREE);
    EXPECT_EQ(bench->mhu.from_cpus(Mhu::low_priority), 0U);
    EXPECT_EQ(word(ScmiChannel::HEADER), header) << "the token comes back";
    EXPECT_EQ(word(ScmiChannel::LENGTH), 12U);
    EXPECT_EQ(status(), ScmiStatus::SUCCESS);
    EXPECT_EQ(word(ScmiChannel::PAYLOAD, 1), 1'800'000U);
    EXPECT_FALSE(bench->mhu.interrupt(Mhu::low_priority));
}

TEST_F(ScmiPlatformTest, RingsWhenTheAgentWantsIt) {
    send(ScmiHeader::make(0x10, 0x0), {}, 1);
    sc_core::wait(response + picoseconds(1));
    EXPECT_TRUE(bench->mhu.interrupt(Mhu::low_priority));
    EXPECT_EQ(word(ScmiChannel::PAYLOAD, 1), 0x20000U);
}

TEST_F(ScmiPlatformTest, ListsItsProtocols) {
    send(ScmiHeader::make(0x10, 0x6), {0});
    sc_core::wait(response + picoseconds(1));
    EXPECT_EQ(word(ScmiChannel::PAYLOAD, 1), 2U);
    EXPECT_EQ(word(ScmiChannel::PAYLOAD, 2), 0x1513U);
}

TEST_F(ScmiPlatformTest, RefusesBadMessages) {
    send(ScmiHeader::make(0x14, 0x0), {});
    sc_core::wait(response + picoseconds(1));
    EXPECT_EQ(status(), ScmiStatus::NOT_SUPPORTED);
    EXPECT_EQ(word(ScmiChannel::LENGTH), 8U);
    send(ScmiHeader::make(0x13, 0x8) | 2U << 8, {1});
    sc_core::wait(response + picoseconds(1));
    EXPECT_EQ(status(), ScmiStatus::PROTOCOL_ERROR);
}

TEST_F(ScmiPlatformTest, ReportsAnImpossibleLength) {
    for (const uint32_t length : {0U, 3U, 6U, 0x6CU, 0xFFFFFFFFU}) {
        send(ScmiHeader::make(0x10, 0x0), {});
        set(ScmiChannel::LENGTH, length);
        sc_core::wait(response + picoseconds(1));
        EXPECT_EQ(word(ScmiChannel::STATUS), ScmiChannelStatus::FREE | ScmiChannelStatus::ERROR);
    }
}

TEST_F(ScmiPlatformTest, IgnoresADoorbellWithoutAMessage) {
    set(ScmiChannel::LENGTH, 77);
    ring();
    sc_core::wait(response + picoseconds(1));
    EXPECT_EQ(word(ScmiChannel::LENGTH), 77U);
    EXPECT_EQ(bench->mhu.from_cpus(Mhu::low_priority), 0U);
}

TEST_F(ScmiPlatformTest, AcknowledgesDoorbellsThatNobodyAnswers) {
    bench->probe.write(MhuRegister::CPU_INTR_H_SET, 1);
    bench->probe.write(MhuRegister::CPU_INTR_L_SET, 2);
    EXPECT_EQ(bench->mhu.from_cpus(0) | bench->mhu.from_cpus(1), 0U);
}

TEST_F(ScmiPlatformTest, AcknowledgesDoorbellsThatNobodyAnswersBesideItsOwn) {
    bench->probe.write(MhuRegister::CPU_INTR_L_SET, ScmiPlatform::doorbell | 2);
    EXPECT_EQ(bench->mhu.from_cpus(Mhu::low_priority), ScmiPlatform::doorbell);
    sc_core::wait(response + picoseconds(1));
    EXPECT_EQ(bench->mhu.from_cpus(Mhu::low_priority), 0U);
}

}  // namespace orrery::devices
