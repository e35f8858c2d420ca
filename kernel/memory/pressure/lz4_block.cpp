// SPDX-License-Identifier: Apache-2.0
// The LZ4 block format.
#include "kernel/memory/pressure/lz4_block.hpp"

#include <string.h>

namespace kernel::lz4 {
namespace {

constexpr size_t shortest_match = 4;
constexpr size_t field_limit = 15;       // a length in a token that says "more follows"
constexpr size_t last_literals = 5;      // the last bytes of a block are literals
constexpr size_t last_match_start = 12;  // before the end; "End of block conditions"
constexpr unsigned patience_bits = 6;    // misses until steps grow by a byte, as a power of two

uint32_t word_at(const uint8_t* at) {
    return uint32_t{at[0]} | uint32_t{at[1]} << 8 | uint32_t{at[2]} << 16 | uint32_t{at[3]} << 24;
}

// Multiplicative hashing (Knuth, The Art of Computer Programming, volume 3, 6.4).
uint32_t hash_of(uint32_t word) {
    return word * 2654435761U >> (32 - Workspace::hash_bits);
}

size_t match_length(const uint8_t* earlier, const uint8_t* at, const uint8_t* end) {
    const uint8_t* const begin = at;
    while (at < end && *at == *earlier) {
        ++at;
        ++earlier;
    }
    return static_cast<size_t>(at - begin);
}

// Writes sequences, and remembers when there was no room for one.
class Writer final {
  public:
    Writer(uint8_t* to, size_t capacity) : begin_(to), at_(to), room_(capacity) {}

    // `match` 0: the last sequence, of literals only.
    void sequence(const uint8_t* literals, size_t count, size_t match, size_t offset) {
        const size_t extra = match == 0 ? 0 : match - shortest_match;
        if (needed(count, match, extra) > room_) {
            full_ = true;
            return;
        }
        put(field(count) << 4 | field(extra));
        put_length(count);
        memcpy(at_, literals, count);
        at_ += count;
        room_ -= count;
        if (match == 0) return;
        put(offset & 0xff);
        put(offset >> 8);
        put_length(extra);
    }

    [[nodiscard]] bool full() const { return full_; }
    [[nodiscard]] size_t size() const { return static_cast<size_t>(at_ - begin_); }

  private:
    static size_t field(size_t length) { return length < field_limit ? length : field_limit; }
    static size_t length_bytes(size_t length) {
        return length < field_limit ? 0 : (length - field_limit) / 255 + 1;
    }
    static size_t needed(size_t literals, size_t match, size_t extra) {
        return 1 + length_bytes(literals) + literals + (match == 0 ? 0 : 2 + length_bytes(extra));
    }
    void put(size_t byte) {
        *at_++ = static_cast<uint8_t>(byte);
        --room_;
    }
    void put_length(size_t length) {
        if (length < field_limit) return;
        for (length -= field_limit; length >= 255; length -= 255) put(255);
        put(length);
    }

    uint8_t* begin_;
    uint8_t* at_;
    size_t room_;
    bool full_ = false;
};

// Reads a block, and remembers when it was cut short.
class Reader final {
  public:
    Reader(const uint8_t* from, size_t size) : at_(from), left_(size) {}

    [[nodiscard]] size_t left() const { return left_; }
    [[nodiscard]] bool broken() const { return broken_; }
    size_t byte() {
        if (left_ == 0) {
            broken_ = true;
            return 0;
        }
        --left_;
        return *at_++;
    }
    // What a field of a token says, with the bytes that follow it. Every byte adds 255 at most, so
    // that a sum does not wrap.
    size_t length(size_t field) {
        if (field < field_limit) return field;
        for (size_t more = 255; more == 255 && !broken_; field += more) more = byte();
        return field;
    }
    // Precondition: size <= left().
    const uint8_t* bytes(size_t size) {
        const uint8_t* const begin = at_;
        at_ += size;
        left_ -= size;
        return begin;
    }

  private:
    const uint8_t* at_;
    size_t left_;
    bool broken_ = false;
};

// A match may overlap what it makes: then its bytes repeat.
void copy_match(uint8_t* to, size_t offset, size_t length) {
    const uint8_t* from = to - offset;
    if (offset >= length) {
        memcpy(to, from, length);
    } else if (offset == 1) {
        memset(to, *from, length);
    } else {
        for (size_t i = 0; i < length; ++i) to[i] = from[i];
    }
}

}  // namespace

Result<size_t> compress(const uint8_t* from, size_t size, uint8_t* to, size_t capacity,
                        Workspace& workspace) {
    if (size > largest_input) return Status::InvalidArgument;
    Writer writer(to, capacity);
    // Position 0 stands where nothing was seen: every candidate is compared anyway.
    memset(&workspace, 0, sizeof workspace);
    size_t written = 0;  // input up to here is in the block
    const size_t search_end = size > last_match_start ? size - last_match_start : 0;
    uint32_t misses = 0;
    for (size_t at = 1; at < search_end && !writer.full();) {
        const uint32_t word = word_at(from + at);
        uint16_t& seen = workspace.seen[hash_of(word)];
        const size_t candidate = seen;
        seen = static_cast<uint16_t>(at);
        if (word_at(from + candidate) != word) {
            at += 1 + (misses++ >> patience_bits);
            continue;
        }
        const size_t match = match_length(from + candidate, from + at, from + size - last_literals);
        writer.sequence(from + written, at - written, match, at - candidate);
        at += match;
        written = at;
        misses = 0;
    }
    if (!writer.full()) writer.sequence(from + written, size - written, 0, 0);
    if (writer.full()) return Status::LimitReached;
    return writer.size();
}

Result<size_t> decompress(const uint8_t* from, size_t size, uint8_t* to, size_t capacity) {
    Reader reader(from, size);
    size_t done = 0;
    while (!reader.broken()) {
        const size_t token = reader.byte();
        const size_t literals = reader.length(token >> 4);
        if (reader.broken() || literals > reader.left() || literals > capacity - done) break;
        memcpy(to + done, reader.bytes(literals), literals);
        done += literals;
        if (reader.left() == 0) return done;

        const size_t low = reader.byte();
        const size_t offset = low | reader.byte() << 8;
        const size_t match = reader.length(token & 15) + shortest_match;
        if (reader.broken() || offset == 0 || offset > done || match > capacity - done) break;
        copy_match(to + done, offset, match);
        done += match;
    }
    return Status::BadImage;
}

}  // namespace kernel::lz4
