// SPDX-License-Identifier: Apache-2.0
// heap_debug=on: red zones and poison.
#include "kernel/memory/heap/guarded_heap.hpp"

#include "kernel/base/panic.hpp"
#include "kernel/base/text.hpp"
#include "kernel/memory/heap/poison.hpp"

namespace kernel {
namespace {

uint64_t address_of(const void* object) {
    return reinterpret_cast<uintptr_t>(object);
}

}  // namespace

Result<void*> GuardedHeap::allocate(size_t size) {
    if (size > huge_largest) return Status::Unsupported;
    return prepare(TRY(below_.allocate(total(size))), size);
}

Result<void*> GuardedHeap::allocate_object(HeapType type, size_t size) {
    if (total(size) > largest) return allocate(size);
    return prepare(TRY(below_.allocate_object(type, total(size))), size);
}

void* GuardedHeap::prepare(void* room, size_t size) {
    auto* header = static_cast<Header*>(room);
    char* object = static_cast<char*>(room) + before;
    const char* poisoned = static_cast<char*>(room) + free_links;
    const size_t length = total(size) - free_links;
    const size_t offset = first_other(poisoned, length, poison_byte);
    if (offset != length) {
        complain("was written to after it was freed: byte", object, size, free_links + offset,
                 static_cast<uint8_t>(poisoned[offset]));
    }
    memset(header->red, red_byte, sizeof header->red);
    header->size = size;
    header->marked = mark ^ address_of(object);
    memset(object, fresh_byte, size);
    memset(object + size, red_byte, total(size) - before - size);
    return object;
}

void GuardedHeap::free(void* object) {
    if (address_of(object) % 16 != 0) complain_of_pointer(object);
    char* bytes = static_cast<char*>(object);
    auto* header = reinterpret_cast<Header*>(bytes - before);
    check_header(*header, object);
    check_zones(*header, bytes);
    poison(&header->size, total(header->size) - free_links);
    below_.free(header);
}

void GuardedHeap::check_header(const Header& header, const void* object) const {
    if (header.marked == (mark ^ address_of(object))) return;
    constexpr size_t length = before - free_links;
    if (first_other(&header.size, length, poison_byte) == length) {
        KERNEL_PANIC("heap: an object was freed twice", address_of(object));
    }
    complain_of_pointer(object);
}

void GuardedHeap::complain_of_pointer(const void* object) const {
    KERNEL_PANIC("heap: freed a pointer that is no object, or the bytes before it were overwritten",
                 address_of(object));
}

void GuardedHeap::check_zones(const Header& header, const char* object) const {
    if (const size_t offset = first_other(header.red, sizeof header.red, red_byte);
        offset != sizeof header.red) {
        complain("has its front red zone overwritten: byte", object, header.size, offset,
                 header.red[offset]);
    }
    const char* behind = object + header.size;
    const size_t length = total(header.size) - before - header.size;
    if (const size_t offset = first_other(behind, length, red_byte); offset != length) {
        complain("has its rear red zone overwritten: byte", object, header.size, offset,
                 static_cast<uint8_t>(behind[offset]));
    }
}

void GuardedHeap::complain(const char* what, const void* object, uint64_t size, uint64_t offset,
                           uint8_t found) const {
    char text[128];
    const size_t length =
        format(text, sizeof text - 1, "heap: object {x} of {} bytes (class {}) {} {} is {x}",
               address_of(object), size, room_for(size), what, offset, uint32_t{found});
    text[length] = '\0';
    KERNEL_PANIC(text, address_of(object), size, offset, found);
}

}  // namespace kernel
