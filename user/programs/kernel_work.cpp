// SPDX-License-Identifier: Apache-2.0
// Work that keeps the kernel busy.
#include "user/programs/kernel_work.hpp"

#include "user/lib/system.hpp"

namespace user {

uint64_t work_once(uint64_t pages) {
    const uint64_t size = pages * abi::page_size;
    constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;
    const auto memory = system::map_memory(size, read_write);
    if (!memory) return 1;
    uint64_t refused = 0;
    for (uint64_t page = 0; page < pages; ++page) {
        *reinterpret_cast<volatile uint64_t*>(*memory + page * abi::page_size) = page;
    }
    const auto copy = system::copy_memory(*memory, size);
    if (!copy || system::unmap_memory(*copy, size) != Status::Ok) ++refused;
    if (system::unmap_memory(*memory, size) != Status::Ok) ++refused;
    for (int i = 0; i < 100; ++i) (void)system::null();
    for (int i = 0; i < 2000; ++i) asm volatile("" ::: "memory");
    return refused;
}

}  // namespace user
