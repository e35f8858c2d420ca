// SPDX-License-Identifier: Apache-2.0
// memcpy and its kin, which the compiler calls by itself. Words where both ends are aligned.
#include <stddef.h>
#include <stdint.h>

#include "hal/contract.hpp"

namespace {

constexpr size_t word = sizeof(uint64_t);

bool both_aligned(const void* a, const void* b) {
    return (reinterpret_cast<uintptr_t>(a) | reinterpret_cast<uintptr_t>(b)) % word == 0;
}

// Copies whole blocks of eight words; what is left of `size`. A load may be unaligned where memory
// is not of device type, which is all memory once translation is on: small copies come before that.
size_t copy_blocks(uint8_t*& target, const uint8_t*& source, size_t size) {
    using Word [[gnu::may_alias, gnu::aligned(1)]] = uint64_t;
    constexpr size_t block = 8 * word;
    for (; size >= block; size -= block, target += block, source += block) {
        const auto* from = reinterpret_cast<const Word*>(source);
        auto* to = reinterpret_cast<uint64_t*>(target);
        const uint64_t first[4] = {from[0], from[1], from[2], from[3]};
        const uint64_t second[4] = {from[4], from[5], from[6], from[7]};
        for (unsigned i = 0; i < 4; ++i) to[i] = first[i];
        for (unsigned i = 0; i < 4; ++i) to[4 + i] = second[i];
    }
    return size;
}

// A bug that the language's own run-time support has found; the address is that of the call.
[[noreturn]] void language_fault(const void* where) {
    kernel::entry::fault_in_kernel({hal::TrapKind::Synchronous, 0, 0},
                                   reinterpret_cast<uint64_t>(where));
}

}  // namespace

extern "C" {

void* memcpy(void* to, const void* from, size_t size) {
    auto* target = static_cast<uint8_t*>(to);
    const auto* source = static_cast<const uint8_t*>(from);
    constexpr size_t large = 512;
    if (size >= large && reinterpret_cast<uintptr_t>(to) % word == 0) {
        size = copy_blocks(target, source, size);
    }
    if (both_aligned(target, source)) {
        for (; size >= 2 * word; size -= 2 * word, target += 2 * word, source += 2 * word) {
            const uint64_t low = reinterpret_cast<const uint64_t*>(source)[0];
            const uint64_t high = reinterpret_cast<const uint64_t*>(source)[1];
            reinterpret_cast<uint64_t*>(target)[0] = low;
            reinterpret_cast<uint64_t*>(target)[1] = high;
        }
    }
    for (size_t i = 0; i < size; ++i) target[i] = source[i];
    return to;
}

void* memmove(void* to, const void* from, size_t size) {
    auto* target = static_cast<uint8_t*>(to);
    const auto* source = static_cast<const uint8_t*>(from);
    if (target <= source || target >= source + size) return memcpy(to, from, size);
    for (size_t i = size; i-- > 0;) target[i] = source[i];
    return to;
}

void* memset(void* to, int value, size_t size) {
    auto* target = static_cast<uint8_t*>(to);
    const auto byte = static_cast<uint8_t>(value);
    // To clear is by far the most frequent, and a loop of its own that every compiler knows.
    if (reinterpret_cast<uintptr_t>(to) % word == 0 && byte == 0) {
        constexpr size_t block = 8 * word;
        for (; size >= block; size -= block, target += block) {
            auto* words = reinterpret_cast<uint64_t*>(target);
            for (unsigned i = 0; i < 8; ++i) words[i] = 0;
        }
        for (; size >= word; size -= word, target += word) *reinterpret_cast<uint64_t*>(target) = 0;
    } else if (reinterpret_cast<uintptr_t>(to) % word == 0) {
        const uint64_t pattern = 0x0101'0101'0101'0101 * uint64_t{byte};
        for (; size >= word; size -= word, target += word) {
            *reinterpret_cast<uint64_t*>(target) = pattern;
        }
    }
    for (size_t i = 0; i < size; ++i) target[i] = byte;
    return to;
}

int memcmp(const void* a, const void* b, size_t size) {
    const auto* left = static_cast<const uint8_t*>(a);
    const auto* right = static_cast<const uint8_t*>(b);
    for (size_t i = 0; i < size; ++i) {
        if (left[i] != right[i]) return left[i] - right[i];
    }
    return 0;
}

void* memchr(const void* bytes, int value, size_t size) {
    const auto* at = static_cast<const uint8_t*>(bytes);
    for (size_t i = 0; i < size; ++i) {
        if (at[i] == static_cast<uint8_t>(value)) return const_cast<uint8_t*>(at + i);
    }
    return nullptr;
}

size_t strlen(const char* text) {
    size_t length = 0;
    while (text[length] != '\0') ++length;
    return length;
}

// What an abstract class's vtable points to; never called.
[[noreturn]] void __cxa_pure_virtual() {
    language_fault(__builtin_return_address(0));
}

}  // extern "C"

// What std::string_view calls for an index out of range: a bug of the kernel's.
namespace std {
[[noreturn]] void __throw_out_of_range_fmt(const char*, ...) {
    language_fault(__builtin_return_address(0));
}
}  // namespace std
