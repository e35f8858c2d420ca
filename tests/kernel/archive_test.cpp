// SPDX-License-Identifier: Apache-2.0
// The reader of boot archives, on whole, cut-off and damaged ones.
#include "kernel/boot/archive.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <string>

#include "tests/user/archive_builder.hpp"

namespace kernel {
namespace {

using namespace std::string_literals;
using user::ArchiveBuilder;
using user::ExactBytes;

ArchiveBuilder sample() {
    ArchiveBuilder builder;
    builder.add("bin", "", ArchiveBuilder::folder)
        .add("bin/init", "the first program")
        .add("bin/init2", "another")
        .add("empty", "")
        .add("etc/motd", std::string(300, 'm'));
    return builder;
}

struct Opened {
    explicit Opened(std::string_view text)
        : bytes(text), archive(bytes.span().data(), bytes.span().size()) {}
    ExactBytes bytes;
    Archive archive;
};

std::string_view content(const ArchiveFile& file) {
    return {reinterpret_cast<const char*>(file.data), file.size};
}

TEST(Archive, FindsEveryFile) {
    const Opened opened(sample().end().bytes());
    uint64_t files = 0;
    EXPECT_EQ(opened.archive.check(files), Status::Ok);
    EXPECT_EQ(files, 5U);
    ArchiveFile file{};
    ASSERT_EQ(opened.archive.find("bin/init", file), Status::Ok);
    EXPECT_EQ(content(file), "the first program");
    EXPECT_EQ(file.name, "bin/init");
    ASSERT_EQ(opened.archive.find("bin/init2", file), Status::Ok);
    EXPECT_EQ(content(file), "another");
    ASSERT_EQ(opened.archive.find("empty", file), Status::Ok);
    EXPECT_EQ(file.size, 0U);
    ASSERT_EQ(opened.archive.find("etc/motd", file), Status::Ok);
    EXPECT_EQ(content(file), std::string(300, 'm'));
}

TEST(Archive, FindsOnlyWholeNames) {
    const Opened opened(sample().end().bytes());
    ArchiveFile file{};
    for (const char* name : {"", "init", "bin/ini", "bin/init3", "/bin/init", "TRAILER!!!"}) {
        EXPECT_EQ(opened.archive.find(name, file), Status::NotFound) << name;
    }
}

TEST(Archive, AnEmptyOneIsFineAndNoneIsNot) {
    uint64_t files = 1;
    EXPECT_EQ(Opened(ArchiveBuilder().end().bytes()).archive.check(files), Status::Ok);
    EXPECT_EQ(files, 0U);
    EXPECT_EQ(Archive().check(files), Status::BadImage);
    EXPECT_EQ(Opened("").archive.check(files), Status::BadImage);
}

TEST(Archive, ReadsDigitsOfBothCases) {
    std::string text = ArchiveBuilder().add("file", std::string(0xab, 'x')).end().bytes();
    const size_t at = text.find("000000ab");
    ASSERT_NE(at, std::string::npos);
    text.replace(at, 8, "000000AB");
    ArchiveFile file{};
    ASSERT_EQ(Opened(text).archive.find("file", file), Status::Ok);
    EXPECT_EQ(file.size, 0xabU);
    text.replace(at, 8, "000000g0");
    EXPECT_EQ(Opened(text).archive.find("file", file), Status::BadImage);
}

TEST(Archive, NoTruncatedArchivePassesTheCheck) {
    const std::string whole = sample().end().bytes();
    // Behind the trailer's name nothing is needed any more.
    const size_t needed = whole.rfind("TRAILER!!!") + 11;
    for (size_t length = 0; length <= whole.size(); ++length) {
        const Opened opened(whole.substr(0, length));
        uint64_t files = 0;
        EXPECT_EQ(opened.archive.check(files) == Status::Ok, length >= needed) << length;
        ArchiveFile file{};
        const Status status = opened.archive.find("etc/motd", file);
        if (status == Status::Ok) {
            EXPECT_EQ(content(file), std::string(300, 'm'));
        } else {
            EXPECT_EQ(status, Status::BadImage);
        }
    }
}

TEST(Archive, SizesBeyondTheEndAreRefused) {
    for (const char* digits : {"ffffffff", "7fffffff", "fffffffc", "00001000"}) {
        for (const unsigned field : {6U, 11U}) {  // the file's size, the name's size
            std::string text = sample().end().bytes();
            text.replace(6 + field * 8, 8, digits);
            uint64_t files = 0;
            EXPECT_EQ(Opened(text).archive.check(files), Status::BadImage) << digits;
        }
    }
    std::string nameless = sample().end().bytes();
    nameless.replace(6 + 11 * 8, 8, "00000000");
    uint64_t files = 0;
    EXPECT_EQ(Opened(nameless).archive.check(files), Status::BadImage);
    // Nor is the header's last byte the end of a name that has none.
    std::string header = nameless.substr(0, 110);
    header[109] = '\0';
    const std::string rest = sample().end().bytes();
    EXPECT_EQ(Opened(header + "\0\0"s + rest).archive.check(files), Status::BadImage);
}

TEST(Archive, DamagedArchivesAreReadWithinTheirBounds) {
    const std::string whole = sample().end().bytes();
    std::mt19937_64 random(6);
    unsigned good = 0;
    for (unsigned round = 0; round < 30'000; ++round) {
        std::string damaged = whole;
        for (uint64_t i = 1 + random() % 4; i > 0; --i) {
            // Hexadecimal digits reach further than bytes that are refused at once.
            const char byte = random() % 2 != 0 ? "0123456789abcdefABCDEF"[random() % 22]
                                                : static_cast<char>(random());
            damaged[random() % damaged.size()] = byte;
        }
        const Opened opened(damaged);
        uint64_t files = 0;
        good += opened.archive.check(files) == Status::Ok ? 1 : 0;
        for (const char* name : {"bin/init", "etc/motd", "nothing"}) {
            ArchiveFile file{};
            if (opened.archive.find(name, file) != Status::Ok) continue;
            // Touches every byte that is said to be the file's.
            EXPECT_LE(std::accumulate(file.data, file.data + file.size, uint64_t{0}),
                      255 * file.size);
        }
    }
    EXPECT_GT(good, 1'000U);
    EXPECT_LT(good, 29'000U);
}

}  // namespace
}  // namespace kernel
