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

Result<PhysicalAddress> FreeMemory::carve(uint64_t bytes, unsigned node) {
    bytes = (bytes + page - 1) & ~(page - 1);
    FrameRange* largest = nullptr;
    for (unsigned i = 0; i < count_; ++i) {
        if (node != any_node && node != nodes_[i]) continue;
        if (largest == nullptr || ranges_[i].frames() > largest->frames()) largest = &ranges_[i];
    }
    if (largest == nullptr || largest->end - largest->begin <= bytes) return Status::NoMemory;
    largest->end -= bytes;
    return largest->end;
}

// At most half of a range at a time, so that ranges shrink together.
void FreeMemory::limit(uint64_t most) {
    while (frames() > most) {
        unsigned largest = 0;
        for (unsigned i = 1; i < count_; ++i) {
            if (ranges_[i].frames() > ranges_[largest].frames()) largest = i;
        }
        FrameRange& range = ranges_[largest];
        const uint64_t half = (range.frames() + 1) / 2;
        const uint64_t excess = frames() - most;
        range.end -= (excess < half ? excess : half) * page;
        if (range.begin != range.end) continue;
        range = ranges_[--count_];
        nodes_[largest] = nodes_[count_];
    }
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
