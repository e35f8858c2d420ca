// SPDX-License-Identifier: Apache-2.0
// Arguments of system calls from bytes.
#include "tests/fuzz/argument_maker.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string_view>

#include "kernel/abi/page_pool.hpp"

namespace fuzz {
namespace {

using kernel::RunningKernel;
namespace abi = kernel::abi;

constexpr uint64_t page = hal::page_size;

// From here on a choice asks for an arbitrary number of eight bytes.
constexpr uint8_t arbitrary = 0xf0;

constexpr uint64_t borders[] = {
    0,
    1,
    2,
    7,
    8,
    page - 1,
    page,
    page + 1,
    abi::user_base - 1,
    abi::user_base,
    abi::user_end - page,
    abi::user_end - 1,
    abi::user_end,
    0x7fff'ffff,
    0x8000'0000,
    0xffff'ffff,
    0x1'0000'0000,
    0x7fff'ffff'ffff'ffff,
    0x8000'0000'0000'0000,
    ~uint64_t{0} - page,
    ~uint64_t{0} - 7,
    ~uint64_t{0},
    abi::page_pool_magic,
    8192,
    512 * page,
};

// Where programs have something, or nearly.
constexpr uint64_t places[] = {
    RunningKernel::buffer,
    RunningKernel::buffer + page,
    RunningKernel::buffer + 2 * page,
    RunningKernel::buffer + 3 * page,  // behind the data
    0x40'0000,                         // code
    kernel::stack_begin,
    kernel::stack_end - page,
    kernel::stack_begin - page,
    0x4000'0000,  // free: tables of their own
    0x4020'0000,  // at a block of 2 MiB
    0x40'0000'0000,
};

constexpr std::string_view texts[] = {"bin/init", "bin/child", "bin/broken",
                                      "bin/none", "",          "some words"};

}  // namespace

void ArgumentMaker::remember(Kind kind, uint64_t value) {
    Pool* pool = nullptr;
    if (kind == Kind::Task) pool = &tasks_;
    if (kind == Kind::Thread) pool = &threads_;
    if (kind == Kind::Handle || kind == Kind::Port) pool = &handles_;
    if (kind == Kind::Container) pool = &containers_;
    if (kind == Kind::Address) pool = &addresses_;
    if (pool == nullptr) return;
    pool->values[pool->next++ % pool_size] = value;
    if (kind == Kind::Port) ports_.values[ports_.next++ % pool_size] = value;
}

uint64_t ArgumentMaker::pooled(const Pool& pool, uint8_t choice) const {
    const unsigned count = std::min(pool.next, pool_size);
    // The newest first, as long as there is any.
    return count == 0 ? 0 : pool.values[(pool.next - 1 - choice % count) % pool_size];
}

uint64_t ArgumentMaker::any(ByteSource& source) {
    const uint8_t choice = source.byte();
    if (choice >= arbitrary) return source.number(8);
    if (choice >= 0x80) return borders[(choice - 0x80U) % std::size(borders)];
    return choice;
}

uint64_t ArgumentMaker::address(ByteSource& source) {
    const uint8_t choice = source.byte();
    if (choice >= arbitrary) return any(source);
    const uint64_t base = (choice & 0x40) != 0 ? pooled(addresses_, choice & 0x0f)
                                               : places[(choice & 0x3f) % std::size(places)];
    // Somewhere in the first page, at its end, or a few pages further on.
    const uint8_t offset = source.byte();
    if (offset < 0x40) return base + offset;
    if (offset < 0x80) return base + page - (offset - 0x40U);
    return base + (offset & 0x0fU) * page;
}

uint64_t ArgumentMaker::pages(ByteSource& source) {
    const uint8_t choice = source.byte();
    if (choice >= arbitrary) return any(source);
    if (choice >= 0xe0) return 512 * page * (1 + (choice & 3U));
    if (choice >= 0xc0) return (choice & 0x1fU) * 64 * page;
    return (choice & 0x1fU) * page;
}

uint64_t ArgumentMaker::duration(ByteSource& source) {
    const uint8_t choice = source.byte();
    if (choice >= arbitrary) return any(source);
    return uint64_t{1} << (choice % 40);
}

void ArgumentMaker::store(uint64_t address, const void* bytes, uint64_t size) {
    (void)machine_.space().write(address, bytes, size);
}

// In the three pages of data, sometimes across a border or somewhere else.
uint64_t ArgumentMaker::place(ByteSource& source) {
    const uint8_t choice = source.byte();
    if (choice >= arbitrary) return address(source);
    return RunningKernel::buffer + choice * 48U;
}

uint64_t ArgumentMaker::text(ByteSource& source) {
    const std::string_view chosen = texts[source.byte() % std::size(texts)];
    const uint64_t at = place(source);
    text_length_ = chosen.size();
    store(at, chosen.data(), chosen.size());
    return at;
}

uint64_t ArgumentMaker::numbers(ByteSource& source, unsigned bytes) {
    const uint64_t at = place(source);
    const unsigned count = source.byte() % 5;
    for (unsigned i = 0; i < count; ++i) {
        const uint64_t value = make({bytes == 4 ? Kind::Handle : Kind::Any}, source, 1);
        store(at + i * bytes, &value, bytes);
    }
    return at;
}

uint64_t ArgumentMaker::build(const StructureDescription& shape, ByteSource& source,
                              unsigned depth) {
    unsigned char bytes[512] = {};
    static_assert(sizeof bytes >= 4 * sizeof(abi::FrameOperation));
    const uint64_t at = place(source);
    for (unsigned i = 0; i < shape.count; ++i) {
        for (const Field& field : shape.fields) {
            if (field.bytes == 0) break;
            const uint64_t value = make({field.kind, field.structure}, source, depth + 1);
            std::memcpy(bytes + i * shape.size + field.offset, &value, field.bytes);
        }
    }
    store(at, bytes, uint64_t{shape.count} * shape.size);
    return at;
}

uint64_t ArgumentMaker::make(const Argument& argument, ByteSource& source, unsigned depth) {
    switch (argument.kind) {
        case Kind::Any: return any(source);
        case Kind::Zero: return 0;
        case Kind::Choice: {
            const uint8_t choice = source.byte();
            return choice >= arbitrary ? any(source) : choice & 7U;
        }
        case Kind::Few: {
            const uint8_t choice = source.byte();
            return choice >= arbitrary ? any(source) : choice & 3U;
        }
        case Kind::MapFlags: {
            const uint8_t choice = source.byte();
            return choice >= arbitrary ? any(source) : uint64_t{choice & 7U} << 8;
        }
        case Kind::TextLength: {
            const uint8_t choice = source.byte();
            return choice >= arbitrary ? any(source) : text_length_;
        }
        case Kind::Count: {
            const uint8_t choice = source.byte();
            return choice >= arbitrary ? any(source) : choice & 0x1fU;
        }
        case Kind::Bits: {
            const uint8_t choice = source.byte();
            return choice >= arbitrary ? any(source) : choice & 3U;
        }
        case Kind::Address: return address(source);
        case Kind::PageAddress: {
            const uint8_t choice = source.byte();
            if (choice < 0x40) return 0;
            const uint64_t at = address(source);
            return choice >= arbitrary ? at : at & ~(page - 1);
        }
        case Kind::Size: {
            const uint8_t choice = source.byte();
            return choice >= arbitrary ? any(source) : choice * 40U;
        }
        case Kind::PageSize: return pages(source);
        case Kind::Protection: {
            const uint8_t choice = source.byte();
            if (choice >= arbitrary) return any(source);
            return (choice & 7U) | uint64_t{choice >> 3 & 7U} << 8;
        }
        case Kind::Nanoseconds: return duration(source);
        case Kind::Entry: return address(source) & ~uint64_t{3};
        case Kind::Stack: return address(source) & ~uint64_t{15};
        case Kind::Task: {
            const uint8_t choice = source.byte();
            if (choice >= arbitrary) return any(source);
            return choice < 0x80 ? pooled(tasks_, choice) : abi::first_name(choice & 0x1fU);
        }
        case Kind::Thread: {
            const uint8_t choice = source.byte();
            if (choice >= arbitrary) return any(source);
            return choice < 0x80 ? pooled(threads_, choice) : abi::first_name(choice & 0x1fU);
        }
        case Kind::Container: {
            const uint8_t choice = source.byte();
            if (choice >= arbitrary) return any(source);
            if (choice < 0x10) return abi::null_name;
            return choice < 0x20 ? abi::container_name : pooled(containers_, choice);
        }
        case Kind::Port: {
            const uint8_t choice = source.byte();
            return choice >= arbitrary ? any(source) : pooled(ports_, choice);
        }
        case Kind::Handle: {
            const uint8_t choice = source.byte();
            if (choice >= arbitrary) return any(source);
            return choice < 0xa0 ? pooled(handles_, choice) : choice & 0x1fU;
        }
        case Kind::Text: return text(source);
        case Kind::Words: return numbers(source, 4);
        case Kind::Numbers: return numbers(source, 8);
        case Kind::Out: return place(source);
        case Kind::Timeout: {
            const uint8_t choice = source.byte();
            if (choice < 0x60) return abi::no_wait;
            return choice < 0xc0 ? duration(source) : abi::wait_forever;
        }
        case Kind::RightMask: {
            const uint8_t choice = source.byte();
            if (choice >= arbitrary) return any(source);
            return choice < 0x80 ? UINT32_MAX : (choice & 7U) | uint64_t{choice >> 3 & 7U} << 8;
        }
        case Kind::Interrupt: return 32 + source.byte() % 64U;
        case Kind::Transfer:
            return source.byte() < 0x60 ? 0 : build(structure(argument.structure), source, depth);
        case Kind::Structure:
            return depth > 2 ? any(source) : build(structure(argument.structure), source, depth);
    }
    return 0;
}

}  // namespace fuzz
