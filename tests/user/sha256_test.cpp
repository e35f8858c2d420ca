// SPDX-License-Identifier: Apache-2.0
// SHA-256 against NIST's example vectors (FIPS 180-4 examples, CAVP).
#include "user/lib/sha256.hpp"

#include <gtest/gtest.h>

#include <string>

namespace user {
namespace {

std::span<const uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string hash(std::string_view text) {
    return std::string(DigestText(Sha256::of(bytes_of(text))).view());
}

TEST(Sha256, NistVectors) {
    EXPECT_EQ(hash(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(hash("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                   "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"),
              "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
    EXPECT_EQ(hash("\xd3"), "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1");
    EXPECT_EQ(hash(std::string(1'000'000, 'a')),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesDoNotMatter) {
    const std::string text(300, 'q');
    for (size_t piece = 1; piece <= text.size(); ++piece) {
        Sha256 pieces;
        for (size_t at = 0; at < text.size(); at += piece) {
            pieces.update(bytes_of(std::string_view(text).substr(at, piece)));
        }
        EXPECT_EQ(DigestText(pieces.finish()).view(), hash(text)) << piece;
    }
}

// The result that bin/steady prints, and that scenarios wait for.
TEST(Sha256, ChainOfSteady) {
    Sha256::Digest digest{};
    for (int round = 0; round < 20000; ++round) digest = Sha256::of(digest);
    EXPECT_EQ(DigestText(digest).view(),
              "be284ef82cb4cc7387570bda86289eeecd04b4fa69d53bf3101136c198955fea");
}

}  // namespace
}  // namespace user
