// SPDX-License-Identifier: Apache-2.0
// The memory functions of the C library that a freestanding compiler still calls.
#include <stddef.h>
#include <stdint.h>

namespace {

// Eight bytes at any address, of any type.
using Word [[gnu::may_alias, gnu::aligned(1)]] = uint64_t;

}  // namespace

extern "C" {

void* memcpy(void* destination, const void* source, size_t size) {
    auto* to = static_cast<uint8_t*>(destination);
    const auto* from = static_cast<const uint8_t*>(source);
    for (; size >= sizeof(Word); size -= sizeof(Word), to += sizeof(Word), from += sizeof(Word)) {
        *reinterpret_cast<Word*>(to) = *reinterpret_cast<const Word*>(from);
    }
    while (size-- != 0) *to++ = *from++;
    return destination;
}

void* memmove(void* destination, const void* source, size_t size) {
    auto* to = static_cast<uint8_t*>(destination);
    const auto* from = static_cast<const uint8_t*>(source);
    // The distance wraps when the destination lies below: forward is then safe, as when apart.
    if (reinterpret_cast<uintptr_t>(to) - reinterpret_cast<uintptr_t>(from) >= size) {
        while (size-- != 0) *to++ = *from++;
    } else {
        while (size-- != 0) to[size] = from[size];
    }
    return destination;
}

void* memset(void* destination, int value, size_t size) {
    auto* to = static_cast<uint8_t*>(destination);
    const auto byte = static_cast<uint8_t>(value);
    const uint64_t word = byte * 0x0101010101010101u;
    for (; size >= sizeof(Word); size -= sizeof(Word), to += sizeof(Word)) {
        *reinterpret_cast<Word*>(to) = word;
    }
    while (size-- != 0) *to++ = byte;
    return destination;
}

int memcmp(const void* left, const void* right, size_t size) {
    const auto* a = static_cast<const uint8_t*>(left);
    const auto* b = static_cast<const uint8_t*>(right);
    for (size_t i = 0; i < size; ++i) {
        if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
    }
    return 0;
}

void* memchr(const void* memory, int value, size_t size) {
    const auto* bytes = static_cast<const uint8_t*>(memory);
    for (size_t i = 0; i < size; ++i) {
        if (bytes[i] == static_cast<uint8_t>(value)) return const_cast<uint8_t*>(bytes + i);
    }
    return nullptr;
}

size_t strlen(const char* text) {
    size_t length = 0;
    while (text[length] != '\0') ++length;
    return length;
}

}  // extern "C"
