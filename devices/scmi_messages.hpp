// SPDX-License-Identifier: Apache-2.0
// Messages of the System Control and Management Interface, SCMI (Arm DEN 0056, version 2.0): the
// header (chapter 4), status codes (chapter 4), the shared memory of a channel (chapter 5), and the
// messages of the base, performance and sensor protocols.
#pragma once

#include <cstdint>

namespace orrery::devices {

enum class ScmiStatus : int32_t {
    SUCCESS = 0,
    NOT_SUPPORTED = -1,
    INVALID_PARAMETERS = -2,
    DENIED = -3,
    NOT_FOUND = -4,
    OUT_OF_RANGE = -5,
    BUSY = -6,
    COMMS_ERROR = -7,
    GENERIC_ERROR = -8,
    HARDWARE_ERROR = -9,
    PROTOCOL_ERROR = -10,
};

struct ScmiHeader final {
    static constexpr uint32_t message(uint32_t header) { return header & 0xFFU; }
    static constexpr uint32_t type(uint32_t header) { return header >> 8U & 0x3U; }  // 0: command
    static constexpr uint32_t protocol(uint32_t header) { return header >> 10U & 0xFFU; }
    static constexpr uint32_t token(uint32_t header) { return header >> 18U & 0x3FFU; }
    static constexpr uint32_t make(uint32_t protocol, uint32_t message, uint32_t token = 0) {
        return message | protocol << 10U | token << 18U;
    }
};

// The shared memory of a channel, by offset.
enum class ScmiChannel : uint32_t {
    STATUS = 0x04,   // Channel status: bit 0 free, bit 1 error
    FLAGS = 0x10,    // Channel flags: bit 0, interrupt on completion
    LENGTH = 0x14,   // Bytes of header and payload
    HEADER = 0x18,   // Message header
    PAYLOAD = 0x1C,  // Message payload
};

struct ScmiChannelStatus final {
    static constexpr uint32_t FREE = 1U << 0U;
    static constexpr uint32_t ERROR = 1U << 1U;
};

enum class ScmiProtocolId : uint32_t {
    BASE = 0x10,
    PERFORMANCE = 0x13,
    SENSOR = 0x15,
};

enum class ScmiCommon : uint32_t {
    PROTOCOL_VERSION = 0x0,             // ()           -> version
    PROTOCOL_ATTRIBUTES = 0x1,          // ()           -> attributes
    PROTOCOL_MESSAGE_ATTRIBUTES = 0x2,  // (message id) -> attributes
};

enum class ScmiBaseMessage : uint32_t {
    DISCOVER_VENDOR = 0x3,                  // ()     -> 16 characters
    DISCOVER_SUB_VENDOR = 0x4,              // ()     -> 16 characters
    DISCOVER_IMPLEMENTATION_VERSION = 0x5,  // ()     -> version
    DISCOVER_LIST_PROTOCOLS = 0x6,          // (skip) -> number, a byte for each
    DISCOVER_AGENT = 0x7,                   // (id)   -> id, 16 characters
};

enum class ScmiPerformanceMessage : uint32_t {
    DOMAIN_ATTRIBUTES = 0x3,  // (domain)                   -> what it can, rates, name
    DESCRIBE_LEVELS = 0x4,    // (domain, first)            -> numbers, (level, power, latency)
    LIMITS_SET = 0x5,         // (domain, highest, lowest)
    LIMITS_GET = 0x6,         // (domain)                   -> highest, lowest
    LEVEL_SET = 0x7,          // (domain, level)
    LEVEL_GET = 0x8,          // (domain)                   -> level
};

enum class ScmiSensorMessage : uint32_t {
    DESCRIPTION_GET = 0x3,  // (first)       -> numbers, (id, attributes, name)
    READING_GET = 0x6,      // (sensor, how) -> value in two words
};

}  // namespace orrery::devices
