// SPDX-License-Identifier: Apache-2.0
// find_info(): a loaded arm64 Image is found by its header (Linux, arch/arm64/booting.rst), whose
// reserved words lead to KernelInfo. The boot protocol places an image text_offset bytes above a
// 2 MiB boundary, so only those places are compared.
#include <fmt/format.h>

#include <cstring>

#include "sim/trace/kernel_view.hpp"

namespace orrery::trace {

namespace {

constexpr uint64_t header_size = 64;
constexpr uint64_t image_alignment = 2 * 1024 * 1024;
constexpr uint32_t header_magic = 0x644d5241;  // "ARM\x64" as little-endian bytes

// Offsets in the header.
enum : size_t {
    offset_placed = 0x04,  // code1, never executed: where the image has been placed, from its start
    offset_text_offset = 0x08,
    offset_image_size = 0x10,
    offset_hold = 0x20,     // reserved word: kernel_hold(), from the image's start
    offset_info = 0x28,     // reserved word: KernelInfo, from the image's start
    offset_address = 0x30,  // reserved word: virtual address the image is linked at, later runs at
    offset_magic = 0x38,
};

template <typename T>
T word(std::span<const std::byte> image, size_t offset) {
    T value;
    std::memcpy(&value, image.data() + offset, sizeof value);
    return value;
}

// The address changes when the image is placed; all else is as in the file.
bool same_header(std::span<const std::byte> loaded, std::span<const std::byte> image) {
    constexpr size_t behind = offset_address + sizeof(uint64_t);
    return std::memcmp(loaded.data(), image.data(), offset_address) == 0 &&
           std::memcmp(loaded.data() + behind, image.data() + behind, header_size - behind) == 0;
}

}  // namespace

std::optional<InfoLocation> find_info(const GuestMemory& memory, std::span<const std::byte> image) {
    if (image.size() < header_size || word<uint32_t>(image, offset_magic) != header_magic) {
        throw TraceError("the kernel image has no arm64 Image header");
    }
    const auto text_offset = word<uint64_t>(image, offset_text_offset);
    const auto image_size = word<uint64_t>(image, offset_image_size);
    const auto hold = word<uint64_t>(image, offset_hold);
    const auto info = word<uint64_t>(image, offset_info);
    if (info < header_size || info >= image_size || hold >= image_size ||
        text_offset >= image_alignment) {
        throw TraceError(fmt::format(
            "the kernel image header does not lead to KernelInfo: offsets {:#x} and {:#x} in an "
            "image of {:#x} bytes",
            info, hold, image_size));
    }

    for (const MemoryBank& bank : memory.banks()) {
        // Offsets from the bank's start, so that a bank at the end of the address space is no trap.
        const uint64_t misalignment = bank.physical % image_alignment;
        uint64_t offset = (misalignment == 0 ? 0 : image_alignment - misalignment) + text_offset;
        for (; offset < bank.size && bank.size - offset >= header_size; offset += image_alignment) {
            const std::span<const std::byte> loaded(bank.host + offset, header_size);
            if (!same_header(loaded, image)) continue;
            const uint64_t start = bank.physical + offset;
            return InfoLocation{start + info, word<uint64_t>(loaded, offset_address) + hold, start,
                                start + word<uint32_t>(image, offset_placed)};
        }
    }
    return std::nullopt;
}

}  // namespace orrery::trace
