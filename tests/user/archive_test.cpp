// SPDX-License-Identifier: Apache-2.0
// The archive reader: good archives, and broken ones of every kind.
#include "user/lib/archive.hpp"

#include <gtest/gtest.h>

#include "tests/user/archive_builder.hpp"

namespace user {
namespace {

std::string text_of(const ArchiveFile& file) {
    return {file.data.begin(), file.data.end()};
}

std::string three_files() {
    return ArchiveBuilder()
        .add("bin/a", "first")
        .add("bin", "", ArchiveBuilder::folder)
        .add("empty", "")
        .add("text/long name", "12345678")
        .end()
        .bytes();
}

TEST(Archive, WalksOverRegularFilesInOrder) {
    const ExactBytes bytes(three_files());
    auto files = Archive(bytes.span()).files();
    const auto first = files.next();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->name, "bin/a");
    EXPECT_EQ(text_of(*first), "first");
    const auto second = files.next();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->name, "empty");
    EXPECT_TRUE(second->data.empty());
    const auto third = files.next();
    ASSERT_TRUE(third);
    EXPECT_EQ(third->name, "text/long name");
    EXPECT_EQ(text_of(*third), "12345678");
    EXPECT_EQ(files.next().status(), Status::NotFound);
    EXPECT_EQ(files.next().status(), Status::NotFound);
}

TEST(Archive, FindsByWholeName) {
    const ExactBytes bytes(three_files());
    const Archive archive(bytes.span());
    const auto file = archive.find("bin/a");
    ASSERT_TRUE(file);
    EXPECT_EQ(text_of(*file), "first");
    EXPECT_EQ(archive.find("bin/").status(), Status::NotFound);
    EXPECT_EQ(archive.find("bin").status(), Status::NotFound);
    EXPECT_EQ(archive.find("bin/ab").status(), Status::NotFound);
    EXPECT_EQ(archive.find("").status(), Status::NotFound);
    EXPECT_EQ(*archive.count(), 3u);
}

TEST(Archive, IgnoresWhatFollowsTheTrailer) {
    const ExactBytes bytes(three_files() + std::string(512, '\0'));
    EXPECT_EQ(*Archive(bytes.span()).count(), 3u);
}

// The trailer's own padding is the only part that may be missing.
TEST(Archive, EveryTruncationIsBroken) {
    const std::string whole = three_files();
    const size_t trailer_end = whole.size() - (4 - (110 + sizeof("TRAILER!!!")) % 4) % 4;
    for (size_t size = 0; size < trailer_end; ++size) {
        const ExactBytes bytes(std::string_view(whole).substr(0, size));
        EXPECT_EQ(Archive(bytes.span()).count().status(), Status::BadImage) << size;
    }
}

TEST(Archive, AnyByteMayChangeWithoutHarm) {
    const std::string whole = three_files();
    for (size_t position = 0; position < whole.size(); ++position) {
        for (const char value : {'\0', 'f', '8', '/', '\xff'}) {
            std::string changed = whole;
            changed[position] = value;
            const ExactBytes bytes(changed);
            auto files = Archive(bytes.span()).files();
            uint32_t sum = 0;
            for (auto file = files.next(); file; file = files.next()) {
                for (const uint8_t byte : file->data) sum += byte;
                for (const char byte : file->name) sum += static_cast<uint8_t>(byte);
            }
            EXPECT_NE(sum, 1u);
        }
    }
}

std::string with_field(size_t field, std::string_view digits) {
    return three_files().replace(6 + field * 8, 8, digits);
}

TEST(Archive, RefusesLengthsBeyondTheEnd) {
    constexpr size_t file_size = 6;
    constexpr size_t name_size = 11;
    for (const std::string& text :
         {with_field(file_size, "ffffffff"), with_field(file_size, "00010000"),
          with_field(name_size, "ffffffff"), with_field(name_size, "00000000"),
          with_field(name_size, "00000005"), with_field(file_size, "0000000g"),
          with_field(file_size, "      05")}) {
        const ExactBytes bytes(text);
        EXPECT_EQ(Archive(bytes.span()).count().status(), Status::BadImage) << text.substr(0, 110);
        EXPECT_EQ(Archive(bytes.span()).find("empty").status(), Status::BadImage);
    }
}

TEST(Archive, AcceptsUpperCaseDigits) {
    const ExactBytes bytes(ArchiveBuilder().add("name", std::string(0xab, 'x')).end().bytes());
    std::string upper(bytes.span().begin(), bytes.span().end());
    upper.replace(6 + 6 * 8, 8, "000000AB");
    const ExactBytes changed(upper);
    EXPECT_EQ(Archive(changed.span()).find("name")->data.size(), 0xabu);
}

TEST(Archive, RefusesOtherFormatsAndNamesWithNul) {
    std::string old_format = three_files();
    old_format.replace(0, 6, "070707");
    EXPECT_EQ(Archive(ExactBytes(old_format).span()).count().status(), Status::BadImage);

    using namespace std::string_view_literals;
    const ExactBytes name(ArchiveBuilder().add("a\0b"sv, "").end().bytes());
    EXPECT_EQ(Archive(name.span()).count().status(), Status::BadImage);
    EXPECT_EQ(Archive({}).count().status(), Status::BadImage);
}

}  // namespace
}  // namespace user
