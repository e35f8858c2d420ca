// SPDX-License-Identifier: Apache-2.0
// page_faults: nanoseconds from the touch of a page to the next instruction, by kind of fault, each
// over many pages. `page_faults CPU` runs on that CPU.
#include "user/lib/console.hpp"
#include "user/lib/thread.hpp"

namespace user {

namespace {

constexpr uint64_t pages = 400;
constexpr uint64_t size = pages * abi::page_size;
constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;

volatile uint64_t& word(uint64_t address, uint64_t page) {
    return *reinterpret_cast<volatile uint64_t*>(address + page * abi::page_size);
}

// Touches every page; what it took, for all of them.
uint64_t touch(uint64_t address, bool write) {
    const uint64_t begin = system::clock_now();
    for (uint64_t page = 0; page < pages; ++page) {
        if (write) {
            word(address, page) = page;
        } else {
            const uint64_t value = word(address, page);
            (void)value;
        }
    }
    return system::clock_now() - begin;
}

// What is left without the loop itself, in tenths of a nanosecond for each page.
void report(std::string_view kind, uint64_t time, uint64_t loop) {
    const uint64_t tenths = (time - loop) * 10 / pages;
    print("page_faults: {} {}.{} ns\n", kind, tenths / 10, tenths % 10);
}

uint64_t measure(void*) {
    const auto memory = system::map_memory(size, read_write);
    if (!memory) return 1;
    // Tables and nodes are there before the first measurement but for one in 512 pages.
    word(*memory, pages - 1) = 1;
    const uint64_t zero = touch(*memory, true);
    const uint64_t loop = touch(*memory, true);
    report("zero", zero, loop);

    const auto copy = system::copy_memory(*memory, size);
    if (!copy) return 2;
    report("map", touch(*copy, false), loop);
    report("copy", touch(*copy, true), loop);
    report("take_over", touch(*memory, true), loop);

    // A call is part of it, but one for all pages.
    if (system::advise_memory(*copy, size, abi::MemoryAdvice::Discard) != Status::Ok) return 3;
    const uint64_t begin = system::clock_now();
    if (system::advise_memory(*copy, size, abi::MemoryAdvice::WillNeed) != Status::Ok) return 4;
    report("populate", system::clock_now() - begin, 0);
    const uint64_t unmap = system::clock_now();
    if (system::unmap_memory(*copy, size) != Status::Ok) return 5;
    report("unmap", system::clock_now() - unmap, 0);
    return 0;
}

}  // namespace

int user_main(std::string_view arguments) {
    const uint64_t cpu = arguments.empty() ? 0 : static_cast<uint64_t>(arguments[0] - '0');
    const auto thread = Thread::create(measure, nullptr, uint64_t{1} << cpu);
    if (!thread) return 1;
    Thread started = *thread;
    const auto result = started.join();
    return result ? static_cast<int>(*result) : 1;
}

}  // namespace user
