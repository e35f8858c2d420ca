// SPDX-License-Identifier: Apache-2.0
// Reader of newc archives.
#include "user/lib/archive.hpp"

namespace user {

namespace {

constexpr size_t header_size = 110;
constexpr size_t alignment = 4;
constexpr std::string_view magic = "070701";
constexpr std::string_view trailer = "TRAILER!!!";
constexpr uint32_t mode_type = 0170000;
constexpr uint32_t mode_regular = 0100000;

// The header's fields after the magic: eight hexadecimal digits each.
enum class Field : size_t {
    Mode = 1,
    FileSize = 6,
    NameSize = 11,
};

bool read_field(std::span<const uint8_t> header, Field field, uint32_t& value) {
    value = 0;
    for (const uint8_t digit : header.subspan(magic.size() + static_cast<size_t>(field) * 8, 8)) {
        uint32_t number = 0;
        if (digit >= '0' && digit <= '9') {
            number = digit - uint32_t{'0'};
        } else if (digit >= 'a' && digit <= 'f') {
            number = digit - uint32_t{'a'} + 10;
        } else if (digit >= 'A' && digit <= 'F') {
            number = digit - uint32_t{'A'} + 10;
        } else {
            return false;
        }
        value = value << 4 | number;
    }
    return true;
}

std::string_view as_text(std::span<const uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Result<ArchiveFile> Archive::Cursor::next() {
    while (end_ == Status::Ok) {
        ArchiveFile file;
        uint32_t mode = 0;
        end_ = read_entry(file, mode);
        if (end_ == Status::Ok && (mode & mode_type) == mode_regular) return file;
    }
    return end_;
}

Status Archive::Cursor::read_entry(ArchiveFile& file, uint32_t& mode) {
    std::span<const uint8_t> header;
    std::span<const uint8_t> name;
    uint32_t file_size = 0;
    uint32_t name_size = 0;
    if (!take(header_size, header) || as_text(header.first(magic.size())) != magic ||
        !read_field(header, Field::Mode, mode) || !read_field(header, Field::FileSize, file_size) ||
        !read_field(header, Field::NameSize, name_size)) {
        return Status::BadImage;
    }

    // The size counts the NUL at the end; there must be no other.
    if (name_size == 0 || !take(name_size, name)) return Status::BadImage;
    file.name = as_text(name.first(name_size - 1));
    if (name.back() != 0 || file.name.find('\0') != file.name.npos) return Status::BadImage;
    if (file.name == trailer) return Status::NotFound;

    skip_padding();
    if (!take(file_size, file.data)) return Status::BadImage;
    skip_padding();
    return Status::Ok;
}

bool Archive::Cursor::take(size_t size, std::span<const uint8_t>& part) {
    if (size > rest_.size()) return false;
    part = rest_.first(size);
    rest_ = rest_.subspan(size);
    position_ += size;
    return true;
}

// Padding that the archive's end cuts short is missed by whoever takes what follows.
void Archive::Cursor::skip_padding() {
    const size_t padding = (alignment - position_ % alignment) % alignment;
    std::span<const uint8_t> skipped;
    take(padding < rest_.size() ? padding : rest_.size(), skipped);
}

Result<ArchiveFile> Archive::find(std::string_view name) const {
    Cursor cursor = files();
    for (;;) {
        const auto file = cursor.next();
        if (!file || file->name == name) return file;
    }
}

Result<size_t> Archive::count() const {
    Cursor cursor = files();
    for (size_t count = 0;; ++count) {
        const auto file = cursor.next();
        if (file) continue;
        if (file.status() != Status::NotFound) return file.status();
        return count;
    }
}

}  // namespace user
