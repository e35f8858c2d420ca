// SPDX-License-Identifier: Apache-2.0
// PacketStream: the frames of trace.proto, where each packet is a field 1 of the message Trace.
#include "gui/trace/packet_stream.hpp"

#include <protozero/types.hpp>

namespace inspector {

namespace {

// Field 1, length-delimited (Protocol Buffers, "Encoding").
constexpr char packet_tag =
    static_cast<char>(static_cast<uint32_t>(perfetto::Trace::packet) << 3 |
                      static_cast<uint32_t>(protozero::pbf_wire_type::length_delimited));

// A number of at most five bytes, which is enough for every length allowed.
enum class Number : uint8_t { Whole, Short, Bad };
Number read_length(std::string_view text, uint64_t& value, size_t& used) {
    value = 0;
    for (used = 0; used < 5; ++used) {
        if (used == text.size()) return Number::Short;
        const auto byte = static_cast<uint8_t>(text[used]);
        value |= uint64_t{byte & 0x7fU} << (7 * used);
        if (byte < 0x80) {
            ++used;
            return Number::Whole;
        }
    }
    return Number::Bad;
}

}  // namespace

StreamState PacketStream::feed(std::string_view bytes) {
    if (state_ != StreamState::Good) return state_;
    pending_.append(bytes);
    std::string_view rest = pending_;
    while (!rest.empty() && state_ == StreamState::Good) {
        const uint64_t taken = take_packet(rest);
        if (taken == 0) break;
        rest.remove_prefix(taken);
        offset_ += taken;
    }
    pending_.erase(0, pending_.size() - rest.size());
    return state_;
}

uint64_t PacketStream::take_packet(std::string_view text) {
    const bool first = offset_ == 0;
    uint64_t length = 0;
    size_t used = 0;
    const Number number = read_length(text.substr(1), length, used);
    if (text.front() != packet_tag || number == Number::Bad || length > most_bytes) {
        state_ = first ? StreamState::NoTrace : StreamState::Damaged;
        return 0;
    }
    if (number == Number::Short || text.size() - 1 - used < length) return 0;
    const bool good = reader_->packet(text.substr(1 + used, length));
    if (first && (!good || reader_->counts().unknown != 0)) {
        state_ = StreamState::NoTrace;
        return 0;
    }
    return 1 + used + length;
}

StreamState PacketStream::finish() {
    reader_->settle(true);
    if (state_ != StreamState::Good) return state_;
    if (!pending_.empty()) {
        state_ = offset_ == 0 ? StreamState::NoTrace : StreamState::CutOff;
    } else if (offset_ == 0) {
        state_ = StreamState::Empty;
    }
    return state_;
}

}  // namespace inspector
