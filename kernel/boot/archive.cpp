// SPDX-License-Identifier: Apache-2.0
// A reader of the boot archive.
#include "kernel/boot/archive.hpp"

#include <string.h>

namespace kernel {
namespace {

constexpr uint64_t header_size = 110;  // magic and 13 fields of 8 hexadecimal digits
constexpr unsigned file_size_field = 6;
constexpr unsigned name_size_field = 11;

// The value of a header field, or false for a character that is no hexadecimal digit.
bool field(const uint8_t* header, unsigned index, uint64_t& value) {
    value = 0;
    for (unsigned i = 0; i < 8; ++i) {
        const uint8_t digit = header[6 + index * 8 + i];
        uint64_t number = 0;
        if (digit >= '0' && digit <= '9') {
            number = digit - uint64_t{'0'};
        } else if ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f') {
            number = (digit | 0x20U) - uint64_t{'a'} + 10;
        } else {
            return false;
        }
        value = value << 4 | number;
    }
    return true;
}

constexpr uint64_t align4(uint64_t value) {
    return (value + 3) & ~uint64_t{3};
}

}  // namespace

Status Archive::next(uint64_t& offset, ArchiveFile& file) const {
    if (offset > size_ || size_ - offset < header_size) return Status::BadImage;
    const uint8_t* header = begin_ + offset;
    uint64_t file_size = 0;
    uint64_t name_size = 0;
    if (memcmp(header, "070701", 6) != 0 || !field(header, file_size_field, file_size) ||
        !field(header, name_size_field, name_size)) {
        return Status::BadImage;
    }
    const uint64_t name_begin = offset + header_size;
    if (name_size == 0 || name_size > size_ - name_begin) return Status::BadImage;
    if (begin_[name_begin + name_size - 1] != 0) return Status::BadImage;
    const uint64_t data_begin = align4(name_begin + name_size);
    file.name = {reinterpret_cast<const char*>(begin_ + name_begin), name_size - 1};
    if (file.name == "TRAILER!!!") return Status::NotFound;
    if (data_begin > size_ || file_size > size_ - data_begin) return Status::BadImage;
    file.data = begin_ + data_begin;
    file.size = file_size;
    offset = align4(data_begin + file_size);
    return Status::Ok;
}

Status Archive::check(uint64_t& files) const {
    files = 0;
    uint64_t offset = 0;
    ArchiveFile file{};
    Status status = Status::Ok;
    while ((status = next(offset, file)) == Status::Ok) ++files;
    return status == Status::NotFound ? Status::Ok : status;
}

Status Archive::find(std::string_view name, ArchiveFile& file) const {
    uint64_t offset = 0;
    Status status = Status::Ok;
    while ((status = next(offset, file)) == Status::Ok) {
        if (file.name == name) return Status::Ok;
    }
    return status;
}

}  // namespace kernel
