// SPDX-License-Identifier: Apache-2.0
// The address space of a task: copies between the kernel and user memory.
//
// User addresses are never dereferenced. Each page is looked up in the task's own table, its
// permission compared, and its frame reached through the direct map, in both builds alike. What is
// not mapped, or not for writing, is resolved as a fault of the program's would be. Registers of
// devices are never copied: they are in no direct map, and reading them may have effects.
#include <string.h>

#include "kernel/abi/syscall.hpp"
#include "kernel/memory/address_space.hpp"

namespace kernel {

// Calls copy(direct pointer, offset, length) for each piece of the range within one page. The
// tables stay locked while it runs, so that the page stays what it is.
template <class Copy>
Status AddressSpace::for_each_piece(VirtualAddress address, uint64_t size, uint32_t needed,
                                    Copy copy) {
    if (size == 0) return Status::Ok;
    if (address >= abi::user_end || size > abi::user_end - address) return Status::BadAddress;
    for (uint64_t done = 0; done < size;) {
        const VirtualAddress at = address + done;
        const uint64_t offset = at % hal::page_size;
        const uint64_t rest = hal::page_size - offset;
        const uint64_t length = size - done < rest ? size - done : rest;
        {
            const LockGuard guard(tables_.lock());
            const Result<Mapping> mapping = tables_.walk(at);
            if (mapping.ok() && (mapping.value().protection & needed) == needed) {
                if (mapping.value().type == MemoryType::Device) return Status::BadAddress;
                copy(static_cast<char*>(hal::Machine::direct(mapping.value().frame)) + offset, done,
                     length);
                done += length;
                continue;
            }
        }
        TRY_STATUS(fault(at, needed));
    }
    return Status::Ok;
}

Status AddressSpace::read(void* to, VirtualAddress from, uint64_t size) {
    return for_each_piece(from, size, abi::ProtectionRead,
                          [to](const char* piece, uint64_t done, uint64_t length) {
                              memcpy(static_cast<char*>(to) + done, piece, length);
                          });
}

Status AddressSpace::write(VirtualAddress to, const void* from, uint64_t size) {
    return for_each_piece(to, size, abi::ProtectionWrite,
                          [from](char* piece, uint64_t done, uint64_t length) {
                              memcpy(piece, static_cast<const char*>(from) + done, length);
                          });
}

Status AddressSpace::update_word(VirtualAddress at, WordStep step, uint64_t& value) {
    if (at % sizeof(uint64_t) != 0) return Status::InvalidArgument;
    return for_each_piece(
        at, sizeof(uint64_t), abi::ProtectionRead | abi::ProtectionWrite,
        [&](char* piece, uint64_t, uint64_t) { step(*reinterpret_cast<uint64_t*>(piece), value); });
}

Result<FutexKey> AddressSpace::locate(VirtualAddress address) {
    const LockGuard guard(lock_);
    const Region* region = regions_.at(address);
    if (region == nullptr || region->dying) return Status::BadAddress;
    return FutexKey{region->object->number(),
                    region->offset * hal::page_size + (address - region->begin)};
}

Result<uint32_t> AddressSpace::peek(VirtualAddress address) {
    const LockGuard guard(tables_.lock());
    const Result<Mapping> mapping = tables_.walk(address);
    const bool readable = mapping.ok() && (mapping.value().protection & abi::ProtectionRead) != 0 &&
                          mapping.value().type != MemoryType::Device;
    if (!readable) return Status::WouldBlock;
    const auto* page = static_cast<const char*>(hal::Machine::direct(mapping.value().frame));
    uint32_t value = 0;
    memcpy(&value, page + address % hal::page_size, sizeof value);
    return value;
}

Status AddressSpace::check_writable(VirtualAddress to, uint64_t size) {
    return for_each_piece(to, size, abi::ProtectionWrite, [](char*, uint64_t, uint64_t) {});
}

}  // namespace kernel
