// SPDX-License-Identifier: Apache-2.0
// A user page table: ranges. One walk finds a table of pages, whose entries are then looked at in a
// row, a cache line at a time: a walk for each page would be a chain of four loads that depend on
// each other, and a branch for each entry would be one for each of 512 that mostly go the same way.
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

// Entries of a cache line.
constexpr unsigned line_entries = 8;

// Whether `interest` is in none of them.
template <class Interest>
bool is_dull(const uint64_t* line, Interest interest) {
    const uint64_t low =
        (interest(line[0]) | interest(line[1])) | (interest(line[2]) | interest(line[3]));
    const uint64_t high =
        (interest(line[4]) | interest(line[5])) | (interest(line[6]) | interest(line[7]));
    return (low | high) == 0;
}

}  // namespace

// Calls visit(path, address) for each entry of a page or block for which interest(entry), which
// takes no branch, is not 0, from `at` on, which moves behind what was looked at, until that says
// false. A table that loses its last entry meanwhile still reads as empty.
template <class Interest, class Visit>
void PageTable::for_each_leaf(VirtualAddress& at, VirtualAddress end, Interest interest,
                              Visit visit) const {
    bool goes_on = true;
    for (unsigned steps = 0; at < end && steps < most_steps && goes_on;) {
        Path path;
        find(at, path);
        if (path.level != leaf_level) {
            if (is_valid(path.last())) {
                KERNEL_ASSERT(at % span_of(path.level) == 0 && end - at >= span_of(path.level));
                if (interest(path.last()) != 0) goes_on = visit(path, at);
            }
            at = next_entry(at, path.level, end);
            ++steps;
            continue;
        }
        const VirtualAddress table_end = next_entry(at, block_level, end);
        while (at < table_end && steps < most_steps && goes_on) {
            constexpr uint64_t line = line_entries * hal::page_size;
            const bool is_whole = at % line == 0 && table_end - at >= line;
            unsigned count = 1;
            if (is_whole && is_dull(&path.last(), interest)) {
                count = line_entries;
            } else if (interest(path.last()) != 0) {
                goes_on = visit(path, at);
            }
            at += count * hal::page_size;
            path.entries[leaf_level] += count;
            steps += count;
        }
    }
}

unsigned PageTable::unmap_range(VirtualAddress& at, VirtualAddress end,
                                RemovedMapping (&removed)[batch]) {
    if (!knows(at)) return 0;
    EmptyTables empty;
    unsigned count = 0;
    const auto mapped = [](Descriptor entry) { return entry & valid; };
    for_each_leaf(at, end, mapped, [&](const Path& path, VirtualAddress address) {
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
    // A right that it has and shall not have.
    const auto excess = [refused](Descriptor entry) {
        return (0 - (entry & valid)) & ~entry & refused;
    };
    for_each_leaf(at, end, excess, [&](const Path& path, VirtualAddress address) {
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
