// SPDX-License-Identifier: Apache-2.0
// A user page table: ranges. One walk finds a table of pages, whose entries are then looked at in a
// row: a walk for each page would be a chain of four loads that depend on each other.
#include "kernel/base/panic.hpp"
#include "kernel/memory/page_descriptor.hpp"
#include "kernel/memory/page_table.hpp"

namespace kernel {

using hal::Machine;
using namespace descriptor;

namespace {

// How far a range call goes between two waits, present or not: as far as a table.
constexpr unsigned most_steps = entries;

// Where the entry of that level behind `address` begins; `end` when that is beyond it.
VirtualAddress next_entry(VirtualAddress address, unsigned level, VirtualAddress end) {
    const VirtualAddress next = (address | (span_of(level) - 1)) + 1;
    return next < end ? next : end;
}

}  // namespace

// Calls visit(path, address) for each page and block that is mapped from `at` on, which moves
// behind what was looked at, until that says false. A table that loses its last entry meanwhile
// still reads as empty.
template <class Visit>
void PageTable::for_each_leaf(VirtualAddress& at, VirtualAddress end, Visit visit) const {
    bool goes_on = true;
    for (unsigned steps = 0; at < end && steps < most_steps && goes_on;) {
        Path path;
        find(at, path);
        if (path.level != leaf_level) {
            if (is_valid(path.last())) {
                KERNEL_ASSERT(at % span_of(path.level) == 0 && end - at >= span_of(path.level));
                goes_on = visit(path, at);
            }
            at = next_entry(at, path.level, end);
            ++steps;
            continue;
        }
        const VirtualAddress table_end = next_entry(at, block_level, end);
        for (; at < table_end && steps < most_steps && goes_on; ++steps) {
            if (is_valid(path.last())) goes_on = visit(path, at);
            at += hal::page_size;
            ++path.entries[leaf_level];
        }
    }
}

unsigned PageTable::unmap_range(VirtualAddress& at, VirtualAddress end,
                                RemovedMapping (&removed)[batch]) {
    if (!knows(at)) return 0;
    EmptyTables empty;
    unsigned count = 0;
    for_each_leaf(at, end, [&](const Path& path, VirtualAddress address) {
        const Descriptor entry = path.last();
        const uint32_t order = path.level == block_level ? huge_order : 0;
        removed[count++] = {address,
                            {entry & address_mask, protection_of(entry), order, type_of(entry)}};
        take(path, empty);
        return count < batch;
    });
    if (count == 0) return 0;
    // One barrier before all invalidations and one after them.
    Machine::publish_tables();
    for (unsigned i = 0; i < count; ++i) invalidate(removed[i].address);
    finish_invalidations();
    free(empty);
    return count;
}

unsigned PageTable::restrict_range(VirtualAddress& at, VirtualAddress end, uint32_t protection) {
    if (!knows(at)) return 0;
    const Descriptor refused = refusal_bits(protection);
    VirtualAddress changed[batch];
    unsigned count = 0;
    for_each_leaf(at, end, [&](const Path& path, VirtualAddress address) {
        if ((path.last() & refused) == refused) return true;
        path.last() |= refused;
        changed[count++] = address;
        return count < batch;
    });
    if (count == 0) return 0;
    Machine::publish_tables();
    for (unsigned i = 0; i < count; ++i) invalidate(changed[i]);
    finish_invalidations();
    return count;
}

}  // namespace kernel
