// SPDX-License-Identifier: Apache-2.0
// The LZ4 block format, beside the reference implementation (liblz4) in both directions, and with
// broken blocks. Every buffer is exactly as large as it may be, where the address sanitizer sees
// any step beyond.
#include "kernel/memory/pressure/lz4_block.hpp"

#include <gtest/gtest.h>
#include <lz4.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

namespace kernel::lz4 {
namespace {

using Bytes = std::vector<uint8_t>;
constexpr size_t page = 4096;

// A copy that ends where its memory ends.
std::unique_ptr<uint8_t[]> exact(const Bytes& bytes) {
    auto copy = std::make_unique<uint8_t[]>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), copy.get());
    return copy;
}

struct Packed {
    Status status;
    Bytes block;
};

Packed pack(const Bytes& input, size_t capacity) {
    Workspace workspace;
    const auto from = exact(input);
    const auto to = std::make_unique<uint8_t[]>(capacity);
    const Result<size_t> size = compress(from.get(), input.size(), to.get(), capacity, workspace);
    if (!size.ok()) return {size.status(), {}};
    EXPECT_LE(size.value(), capacity);
    return {Status::Ok, Bytes(to.get(), to.get() + size.value())};
}

Packed unpack(const Bytes& block, size_t capacity) {
    const auto from = exact(block);
    const auto to = std::make_unique<uint8_t[]>(capacity);
    const Result<size_t> size = decompress(from.get(), block.size(), to.get(), capacity);
    if (!size.ok()) return {size.status(), {}};
    EXPECT_LE(size.value(), capacity);
    return {Status::Ok, Bytes(to.get(), to.get() + size.value())};
}

Bytes pack_by_reference(const Bytes& input) {
    Bytes block(static_cast<size_t>(LZ4_compressBound(static_cast<int>(input.size()))));
    const int size = LZ4_compress_default(
        reinterpret_cast<const char*>(input.data()), reinterpret_cast<char*>(block.data()),
        static_cast<int>(input.size()), static_cast<int>(block.size()));
    EXPECT_GT(size, 0);
    block.resize(static_cast<size_t>(size));
    return block;
}

// Negative for a block that the reference refuses.
int unpack_by_reference(const Bytes& block, Bytes& output) {
    return LZ4_decompress_safe(reinterpret_cast<const char*>(block.data()),
                               reinterpret_cast<char*>(output.data()),
                               static_cast<int>(block.size()), static_cast<int>(output.size()));
}

// A page of the kinds that programs have: `kind` chooses.
Bytes sample(std::mt19937_64& random, unsigned kind, size_t size) {
    Bytes bytes(size);
    switch (kind % 6) {
        case 0:  // noise
            for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
            break;
        case 1:  // one value
            std::fill(bytes.begin(), bytes.end(), static_cast<uint8_t>(random()));
            break;
        case 2:  // few values
            for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random() % 3);
            break;
        case 3:  // counters
            for (size_t i = 0; i < size; ++i)
                bytes[i] = static_cast<uint8_t>(i % 8 == 0 ? i / 8 : 0);
            break;
        case 4: {  // text of a few words
            const std::string words[] = {"frame ", "page ", "reclaim ", "the ", "of "};
            std::string text;
            while (text.size() < size) text += words[random() % 5];
            std::copy_n(text.begin(), size, bytes.begin());
            break;
        }
        default: {  // a period
            const size_t period = 1 + random() % 300;
            for (size_t i = 0; i < size; ++i) {
                bytes[i] = i < period ? static_cast<uint8_t>(random()) : bytes[i - period];
            }
        }
    }
    return bytes;
}

TEST(Lz4Block, IsUnderstoodByTheReference) {
    std::mt19937_64 random(1);
    for (unsigned i = 0; i < 3000; ++i) {
        const size_t size = i < 600 ? i % 100 : page;
        const Bytes input = sample(random, i, size);
        const Packed packed = pack(input, page + 64);
        ASSERT_EQ(packed.status, Status::Ok) << i;
        Bytes output(size + 1);  // the reference wants room even for nothing
        output.resize(size == 0 ? 1 : size);
        ASSERT_EQ(unpack_by_reference(packed.block, output), static_cast<int>(size)) << i;
        output.resize(size);
        ASSERT_EQ(output, input) << i;
        ASSERT_EQ(unpack(packed.block, size).block, input) << i;
    }
}

TEST(Lz4Block, UnderstandsTheReference) {
    std::mt19937_64 random(2);
    for (unsigned i = 0; i < 3000; ++i) {
        const size_t size = i < 600 ? 1 + i % 100 : i < 650 ? largest_input : page;
        const Bytes input = sample(random, i, size);
        const Packed unpacked = unpack(pack_by_reference(input), size);
        ASSERT_EQ(unpacked.status, Status::Ok) << i;
        ASSERT_EQ(unpacked.block, input) << i;
    }
}

TEST(Lz4Block, PacksAboutAsTightlyAsTheReference) {
    std::mt19937_64 random(3);
    size_t ours = 0;
    size_t theirs = 0;
    for (unsigned i = 0; i < 600; ++i) {
        const Bytes input = sample(random, i, page);
        ours += pack(input, page + 64).block.size();
        theirs += pack_by_reference(input).size();
    }
    EXPECT_LT(ours, theirs * 11 / 10);
}

TEST(Lz4Block, StopsWhereRoomEnds) {
    std::mt19937_64 random(4);
    for (unsigned i = 0; i < 60; ++i) {
        const Bytes input = sample(random, i, page);
        const Bytes block = pack(input, page + 64).block;
        EXPECT_EQ(pack(input, block.size()).block, block);
        for (size_t lacking = 1; lacking <= block.size(); lacking += 1 + block.size() / 40) {
            EXPECT_EQ(pack(input, block.size() - lacking).status, Status::LimitReached);
        }
        for (size_t lacking = 1; lacking <= page; lacking += 97) {
            EXPECT_EQ(unpack(block, page - lacking).status, Status::BadImage);
        }
    }
    EXPECT_EQ(pack(Bytes(largest_input + 1), page).status, Status::InvalidArgument);
    EXPECT_EQ(pack(Bytes(largest_input), page).status, Status::Ok);
}

TEST(Lz4Block, RefusesWhatIsNoBlock) {
    EXPECT_EQ(unpack({}, page).status, Status::BadImage);
    EXPECT_EQ(unpack({0x00}, page).status, Status::Ok);                    // nothing
    EXPECT_EQ(unpack({0x10}, page).status, Status::BadImage);              // a literal is missing
    EXPECT_EQ(unpack({0x10, 7, 0, 0, 0}, page).status, Status::BadImage);  // offset 0
    EXPECT_EQ(unpack({0x10, 7, 2, 0, 0}, page).status, Status::BadImage);  // before the start
    EXPECT_EQ(unpack({0x10, 7, 1}, page).status, Status::BadImage);        // half an offset
    EXPECT_EQ(unpack({0x10, 7, 1, 0}, page).status, Status::BadImage);     // no last sequence
    EXPECT_EQ(unpack({0x10, 7, 1, 0, 0}, page).block, Bytes({7, 7, 7, 7, 7}));
    Bytes endless(page, 255);
    EXPECT_EQ(unpack(endless, page).status, Status::BadImage);
}

// Whatever the damage, no step outside the buffers; and what is accepted is what the reference
// makes of it. The reference also refuses blocks that end too near their last match, so that it is
// given room beyond.
TEST(Lz4Block, SurvivesDamage) {
    std::mt19937_64 random(5);
    unsigned accepted = 0;
    for (unsigned i = 0; i < 20000; ++i) {
        Bytes block = pack(sample(random, i, page), page + 64).block;
        const uint64_t damage = random() % 4;
        if (damage == 0) block.resize(random() % block.size());
        for (unsigned k = 0; k <= random() % 4 && !block.empty(); ++k) {
            block[random() % block.size()] = static_cast<uint8_t>(random());
        }
        if (damage == 1) block = sample(random, i, random() % 200);
        const Packed unpacked = unpack(block, page);
        if (unpacked.status != Status::Ok) continue;
        ++accepted;
        Bytes output(page + 64);
        const int size = unpack_by_reference(block, output);
        if (size < 0) continue;  // ends in a match, or too near one
        output.resize(static_cast<size_t>(size));
        ASSERT_EQ(output, unpacked.block) << i;
    }
    EXPECT_GT(accepted, 1000U);
}

}  // namespace
}  // namespace kernel::lz4
