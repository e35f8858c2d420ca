// SPDX-License-Identifier: Apache-2.0
// FreeMemory: the ranges of RAM that nobody has claimed.
#include "kernel/boot/free_memory.hpp"

namespace kernel {
namespace {

constexpr uint64_t page = hal::page_size;

FrameRange whole_frames(uint64_t begin, uint64_t end) {
    return {begin & ~(page - 1), (end + page - 1) & ~(page - 1)};
}

}  // namespace

FreeMemory::FreeMemory(const MachineDescription& machine, const hal::BootInformation& boot) {
    for (unsigned i = 0; i < machine.bank_count; ++i) {
        nodes_[count_] = machine.bank_nodes[i];
        ranges_[count_++] = machine.banks[i];
        total_ += machine.banks[i].frames();
    }
    exclude({0, page});  // address 0 means "none" in many places
    exclude(whole_frames(boot.image_begin, boot.image_end));
    exclude(whole_frames(boot.device_tree_physical,
                         boot.device_tree_physical + boot.device_tree_limit));
    exclude(whole_frames(machine.archive.begin, machine.archive.end));
    for (unsigned i = 0; i < machine.reserved_count; ++i) exclude(machine.reserved[i]);
}

void FreeMemory::exclude(FrameRange taken) {
    if (taken.begin == taken.end) return;
    for (unsigned i = 0; i < count_; ++i) {
        FrameRange& range = ranges_[i];
        if (taken.end <= range.begin || taken.begin >= range.end) continue;
        const FrameRange upper{taken.end, range.end};
        const bool keeps_lower = taken.begin > range.begin;
        const bool keeps_upper = taken.end < range.end;
        if (keeps_lower) range.end = taken.begin;
        if (keeps_upper && keeps_lower && count_ < max_ranges) {
            nodes_[count_] = nodes_[i];
            ranges_[count_++] = upper;
        }
        if (keeps_upper && !keeps_lower) range = upper;
        if (!keeps_upper && !keeps_lower) {
            ranges_[i] = ranges_[--count_];
            nodes_[i--] = nodes_[count_];
        }
    }
}

// Not inline: see memory/frames/bits.cpp.
[[gnu::noinline]] unsigned FreeMemory::largest(unsigned node) const {
    unsigned best = none;
    for (unsigned i = 0; i < count_; ++i) {
        if (node != any_node && node != nodes_[i]) continue;
        if (best == none || ranges_[i].frames() > ranges_[best].frames()) best = i;
    }
    return best;
}

Result<PhysicalAddress> FreeMemory::carve(uint64_t bytes, unsigned node) {
    bytes = (bytes + page - 1) & ~(page - 1);
    const unsigned from = largest(node);
    if (from == none) return Status::NoMemory;
    FrameRange& range = ranges_[from];
    if (range.end - range.begin <= bytes) return Status::NoMemory;
    range.end -= bytes;
    return range.end;
}

// At most half of a range at a time, so that ranges shrink together.
void FreeMemory::limit(uint64_t most) {
    const uint64_t all = frames();
    for (uint64_t excess = all > most ? all - most : 0; excess != 0;) {
        excess -= shrink(largest(any_node), excess);
    }
}

// Takes frames off a range, up to half of it; how many.
[[gnu::noinline]] uint64_t FreeMemory::shrink(unsigned index, uint64_t most) {
    FrameRange& range = ranges_[index];
    const uint64_t half = (range.frames() + 1) / 2;
    const uint64_t taken = most < half ? most : half;
    range.end -= taken * page;
    if (range.begin == range.end) {
        range = ranges_[--count_];
        nodes_[index] = nodes_[count_];
    }
    return taken;
}

unsigned FreeMemory::ranges_of(unsigned node, FrameRange* ranges) const {
    unsigned count = 0;
    for (unsigned i = 0; i < count_; ++i) {
        if (nodes_[i] == node) ranges[count++] = ranges_[i];
    }
    return count;
}

uint64_t FreeMemory::frames() const {
    uint64_t sum = 0;
    for (unsigned i = 0; i < count_; ++i) sum += ranges_[i].frames();
    return sum;
}

}  // namespace kernel
