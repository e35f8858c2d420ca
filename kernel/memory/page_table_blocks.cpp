// SPDX-License-Identifier: Apache-2.0
// A user page table: a block of 2 MiB into 512 pages, and back. Both change the size of what maps
// an address, which the architecture allows only by way of an invalid entry (Arm ARM DDI 0487,
// D8.14, break-before-make): two entries for one address in a TLB would be a conflict.
#include "kernel/memory/page_descriptor.hpp"
#include "kernel/memory/page_table.hpp"

namespace kernel {

using hal::Machine;
using namespace descriptor;

Status PageTable::split_block(VirtualAddress address) {
    if (!knows(address)) return Status::NotFound;
    Path path;
    find(address, path);
    if (path.level != block_level || !is_valid(path.last())) return Status::NotFound;
    const PhysicalAddress table = TRY(frames_.allocate(0, use()));
    count_table();
    const Descriptor block = path.last();
    auto* pages = static_cast<Descriptor*>(Machine::direct(table));
    for (unsigned i = 0; i < entries; ++i) {
        pages[i] = (block + i * hal::page_size) | table_or_page;
    }
    path.last() = 0;
    Machine::publish_tables();
    invalidate(address);
    finish_invalidations();
    path.last() = table | to_table | entries * one_entry;
    Machine::publish_tables();
    return Status::Ok;
}

Status PageTable::join(VirtualAddress address) {
    if (!knows(address)) return Status::NotFound;
    Path path;
    find(address, path);
    if (path.level != leaf_level) return Status::NotFound;
    Descriptor& leads_here = *path.entries[block_level];
    if (entries_in(leads_here) != entries) return Status::NotFound;
    const PhysicalAddress table = leads_here & address_mask;
    const auto* pages = static_cast<const Descriptor*>(Machine::direct(table));
    const Descriptor first = pages[0];
    if ((first & address_mask) % block_size != 0) return Status::InvalidArgument;
    for (unsigned i = 1; i < entries; ++i) {
        if (pages[i] != first + i * hal::page_size) return Status::InvalidArgument;
    }
    leads_here = 0;
    Machine::publish_tables();
    // Any of 512 pages may be in a TLB: more than is worth naming one by one.
    if (!retired_) Machine::invalidate_space(asid_);
    leads_here = first & ~table_or_page;
    Machine::publish_tables();
    free_table(table);
    return Status::Ok;
}

}  // namespace kernel
