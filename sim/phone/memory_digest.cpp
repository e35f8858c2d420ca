// SPDX-License-Identifier: Apache-2.0
// A digest of the phone's memory.
#include "sim/phone/memory_digest.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace orrery::phone {
namespace {

constexpr size_t page_size = 4096;
constexpr size_t words_per_page = page_size / sizeof(uint64_t);
constexpr uint64_t factor = 0xff51'afd7'ed55'8ccd;  // of fmix64
constexpr unsigned shift = 33;

using Page = std::array<uint64_t, words_per_page>;

// Whether each page of a range has ever been touched: it is in memory or swapped out (bits 63 and
// 62 of an entry, Linux' Documentation/admin-guide/mm/pagemap.rst). All may be, if nothing tells.
std::vector<bool> touched_pages(std::span<const std::byte> memory) {
    const size_t count = memory.size() / page_size;
    std::vector<bool> touched(count, true);
    const int map = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    if (map < 0) return touched;
    std::array<uint64_t, 4096> entries{};
    const size_t first = reinterpret_cast<uintptr_t>(memory.data()) / page_size;
    for (size_t done = 0; done < count;) {
        const size_t wanted = std::min(entries.size(), count - done) * sizeof(uint64_t);
        const ssize_t got = pread(map, entries.data(), wanted,
                                  static_cast<off_t>((first + done) * sizeof(uint64_t)));
        if (got < static_cast<ssize_t>(sizeof(uint64_t))) break;
        for (size_t i = 0; i < static_cast<size_t>(got) / sizeof(uint64_t); ++i)
            touched[done++] = entries[i] >> 62 != 0;
    }
    close(map);
    return touched;
}

}  // namespace

uint64_t memory_digest(std::span<const std::byte> memory, std::span<const std::byte> code) {
    const auto begin = reinterpret_cast<uint64_t>(code.data());
    const std::vector<bool> touched = touched_pages(memory);
    uint64_t digest = 0;
    const auto take = [&](uint64_t word) {
        if (word - begin < code.size()) word -= begin;
        digest = (digest ^ word) * factor;
        digest ^= digest >> shift;
    };
    Page page{};
    for (size_t number = 0; number < touched.size(); ++number) {
        if (!touched[number]) continue;
        std::memcpy(page.data(), &memory[number * page_size], page_size);
        if (std::ranges::all_of(page, [](uint64_t word) { return word == 0; })) continue;
        take(number);
        std::ranges::for_each(page, take);
    }
    return digest;
}

}  // namespace orrery::phone
