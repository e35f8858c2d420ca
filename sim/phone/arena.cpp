// SPDX-License-Identifier: Apache-2.0
// The phone's RAM in this process.
#include "sim/phone/arena.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "hal/host/port.hpp"

namespace orrery::phone {
namespace {

void* host_address(uint64_t physical) {
    return reinterpret_cast<void*>(hal::host::direct_base + physical);
}

}  // namespace

Arena::Arena(const std::vector<MemoryNode>& nodes, bool huge_pages) {
    for (const MemoryNode& node : nodes) {
        void* wanted = host_address(node.base);
        void* got = mmap(wanted, node.size, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
        if (got != wanted) {
            const int error = errno;
            if (got != MAP_FAILED) munmap(got, node.size);
            release();
            throw std::runtime_error(fmt::format(
                "the phone's memory cannot be placed at its fixed address ({}); there can be only "
                "one phone in a process",
                std::strerror(error)));
        }
        if (huge_pages) madvise(wanted, node.size, MADV_HUGEPAGE);  // a wish
        banks_.push_back(node);
    }
}

Arena::~Arena() {
    release();
}

void Arena::release() {
    for (const MemoryNode& bank : banks_) munmap(host_address(bank.base), bank.size);
    banks_.clear();
}

bool Arena::contains(uint64_t physical, uint64_t size) const {
    for (const MemoryNode& bank : banks_) {
        if (physical >= bank.base && size <= bank.size &&
            physical - bank.base <= bank.size - size) {
            return true;
        }
    }
    return false;
}

std::span<std::byte> Arena::bytes(uint64_t physical, uint64_t size) const {
    return {static_cast<std::byte*>(host_address(physical)), size};
}

}  // namespace orrery::phone
