// SPDX-License-Identifier: Apache-2.0
// The protocols of an SCMI platform, message by message (DEN 0056).
#include <gtest/gtest.h>

#include <cstring>

#include "devices/scmi_base.hpp"
#include "tests/devices/scmi_bench.hpp"

namespace orrery::devices {

namespace {

constexpr size_t room = 24;
using Words = std::vector<uint32_t>;

template <typename Message>
ScmiReply send(ScmiProtocol& protocol, Message message, const Words& parameters = {}) {
    return protocol.handle(static_cast<uint32_t>(message), parameters, room);
}

std::string text(const ScmiReply& reply, size_t word) {
    char characters[16];
    std::memcpy(characters, &reply.words.at(word), sizeof characters);
    return characters;
}

}  // namespace

TEST(ScmiProtocol, ServesTheCommonMessages) {
    FakeDomains domains;
    ScmiPerformance protocol(domains);
    EXPECT_EQ(send(protocol, ScmiCommon::PROTOCOL_VERSION).words, Words{0x20000});
    EXPECT_EQ(send(protocol, ScmiCommon::PROTOCOL_ATTRIBUTES).words, (Words{0x10002, 0, 0, 0}));
    const auto attributes = ScmiCommon::PROTOCOL_MESSAGE_ATTRIBUTES;
    EXPECT_EQ(send(protocol, attributes, {0x7}).words, Words{0});
    EXPECT_EQ(send(protocol, attributes, {0x9}).status, ScmiStatus::NOT_FOUND);
}

TEST(ScmiProtocol, RefusesWhatItDoesNotHave) {
    FakeDomains domains;
    ScmiPerformance protocol(domains);
    EXPECT_EQ(send(protocol, 0xAU).status, ScmiStatus::NOT_SUPPORTED);
    EXPECT_EQ(send(protocol, 0xFFU).status, ScmiStatus::NOT_SUPPORTED);
    EXPECT_EQ(send(protocol, ScmiCommon::PROTOCOL_VERSION, {1}).status, ScmiStatus::PROTOCOL_ERROR);
    EXPECT_EQ(send(protocol, ScmiPerformanceMessage::LEVEL_SET, {0}).status,
              ScmiStatus::PROTOCOL_ERROR);
}

TEST(ScmiBase, SaysWhoItIsAndWhatItSpeaks) {
    ScmiBase base({ScmiProtocolId::PERFORMANCE, ScmiProtocolId::SENSOR});
    EXPECT_EQ(send(base, ScmiCommon::PROTOCOL_ATTRIBUTES).words, Words{0x102});
    EXPECT_EQ(text(send(base, ScmiBaseMessage::DISCOVER_VENDOR), 0), "Orrery");
    EXPECT_EQ(text(send(base, ScmiBaseMessage::DISCOVER_SUB_VENDOR), 0), "modelled");
    EXPECT_EQ(send(base, ScmiBaseMessage::DISCOVER_AGENT, {1}).words.at(0), 1U);
    EXPECT_EQ(text(send(base, ScmiBaseMessage::DISCOVER_AGENT, {1}), 1), "OSPM");
    EXPECT_EQ(send(base, ScmiBaseMessage::DISCOVER_AGENT, {2}).status, ScmiStatus::NOT_FOUND);
    const auto list = ScmiBaseMessage::DISCOVER_LIST_PROTOCOLS;
    EXPECT_EQ(send(base, list, {0}).words, (Words{2, 0x1513}));
    EXPECT_EQ(send(base, list, {1}).words, (Words{1, 0x15}));
    EXPECT_EQ(send(base, list, {2}).words, Words{0});
    EXPECT_EQ(send(base, list, {3}).status, ScmiStatus::INVALID_PARAMETERS);
}

TEST(ScmiPerformance, DescribesADomain) {
    FakeDomains domains;
    ScmiPerformance protocol(domains);
    const ScmiReply reply = send(protocol, ScmiPerformanceMessage::DOMAIN_ATTRIBUTES, {0});
    ASSERT_EQ(reply.words.size(), 8U);
    EXPECT_EQ(reply.words[0], 0xC0000000U);
    EXPECT_EQ(reply.words[2], 1'000'000U);
    EXPECT_EQ(reply.words[3], 1'000'000U);
    EXPECT_EQ(text(reply, 4), "little");
    EXPECT_EQ(send(protocol, ScmiPerformanceMessage::DOMAIN_ATTRIBUTES, {2}).status,
              ScmiStatus::NOT_FOUND);
}

TEST(ScmiPerformance, DescribesLevelsPieceByPiece) {
    FakeDomains domains;
    ScmiPerformance protocol(domains);
    const auto describe = ScmiPerformanceMessage::DESCRIBE_LEVELS;
    const ScmiReply first = send(protocol, describe, {1, 0});
    ASSERT_EQ(first.words.size(), 1 + 7 * 3U);
    EXPECT_EQ(first.words[0], 7U | 2U << 16);
    EXPECT_EQ(first.words[4], 400'000U);
    const ScmiReply rest = send(protocol, describe, {1, 7});
    EXPECT_EQ(rest.words, (Words{2, 1'600'000, 800, 40, 1'800'000, 900, 40}));
    EXPECT_EQ(send(protocol, describe, {1, 9}).status, ScmiStatus::OUT_OF_RANGE);
}

TEST(ScmiPerformance, SetsLevelsWithinLimits) {
    FakeDomains domains;
    ScmiPerformance protocol(domains);
    using enum ScmiPerformanceMessage;
    EXPECT_EQ(send(protocol, LEVEL_SET, {1, 400'000}).status, ScmiStatus::SUCCESS);
    EXPECT_EQ(send(protocol, LEVEL_GET, {1}).words, Words{400'000});
    EXPECT_EQ(send(protocol, LEVEL_SET, {1, 400'001}).status, ScmiStatus::INVALID_PARAMETERS);
    EXPECT_EQ(send(protocol, LIMITS_SET, {1, 1'000'000, 600'000}).status, ScmiStatus::SUCCESS);
    EXPECT_EQ(send(protocol, LIMITS_GET, {1}).words, (Words{1'000'000, 600'000}));
    EXPECT_EQ(send(protocol, LEVEL_SET, {1, 1'200'000}).status, ScmiStatus::OUT_OF_RANGE);
    EXPECT_EQ(send(protocol, LEVEL_SET, {1, 400'000}).status, ScmiStatus::OUT_OF_RANGE);
    EXPECT_EQ(send(protocol, LIMITS_SET, {1, 600'000, 1'000'000}).status,
              ScmiStatus::INVALID_PARAMETERS);
    EXPECT_EQ(send(protocol, LIMITS_SET, {1, 5'000'000, 600'000}).status, ScmiStatus::OUT_OF_RANGE);
    EXPECT_EQ(send(protocol, LEVEL_GET, {7}).status, ScmiStatus::NOT_FOUND);
}

TEST(ScmiSensor, DescribesAndReadsTemperatures) {
    const FakeSensors sensors;
    ScmiSensor protocol(sensors);
    const ScmiReply first = send(protocol, ScmiSensorMessage::DESCRIPTION_GET, {0});
    ASSERT_EQ(first.words.size(), 1 + 3 * 7U);
    EXPECT_EQ(first.words[0], 3U | 1U << 16);
    EXPECT_EQ(first.words[3], 0xE802U) << "degrees Celsius, times 10^-3";
    EXPECT_EQ(text(first, 4), "sensor0");
    EXPECT_EQ(send(protocol, ScmiSensorMessage::DESCRIPTION_GET, {3}).words[0], 1U);
    EXPECT_EQ(send(protocol, ScmiSensorMessage::DESCRIPTION_GET, {4}).status,
              ScmiStatus::INVALID_PARAMETERS);
    const auto read = ScmiSensorMessage::READING_GET;
    EXPECT_EQ(send(protocol, read, {1, 0}).words, (Words{31'250, 0}));
    EXPECT_EQ(send(protocol, read, {2, 0}).words, (Words{static_cast<uint32_t>(-4'500), ~0U}));
    EXPECT_EQ(send(protocol, read, {4, 0}).status, ScmiStatus::NOT_FOUND);
    EXPECT_EQ(send(protocol, read, {1, 1}).status, ScmiStatus::NOT_SUPPORTED);
}

}  // namespace orrery::devices
