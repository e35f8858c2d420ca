// SPDX-License-Identifier: Apache-2.0
// PacketStream: finds the packets in the bytes of a trace, however the bytes are cut into pieces.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gui/trace/packet_reader.hpp"

namespace inspector {

enum class StreamState : uint8_t {
    Good,     // so far, or to the end
    Empty,    // ended without a byte
    NoTrace,  // what came first is no packet of a Perfetto trace
    CutOff,   // ended in the middle of a packet
    Damaged,  // what follows the last packet is none: nothing more is read
};

class PacketStream final {
  public:
    // A packet is not larger than this; Orrery's scheduling bundles have 32 KiB.
    static constexpr uint64_t most_bytes = uint64_t{64} << 20;

    // Precondition: the reader outlives the stream.
    explicit PacketStream(PacketReader& reader) : reader_(&reader) {}

    // Reads the packets that are whole by now. After NoTrace or Damaged bytes are not looked at.
    StreamState feed(std::string_view bytes);
    // There are no more bytes.
    StreamState finish();

    [[nodiscard]] StreamState state() const { return state_; }
    // Where the first byte is that belongs to no packet that was read.
    [[nodiscard]] uint64_t offset() const { return offset_; }

  private:
    // Bytes of the packet that begins the text, with its head; 0: not all there.
    uint64_t take_packet(std::string_view text);

    PacketReader* reader_;
    std::string pending_;
    uint64_t offset_ = 0;
    StreamState state_ = StreamState::Good;
};

}  // namespace inspector
