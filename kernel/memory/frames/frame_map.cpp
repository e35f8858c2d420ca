// SPDX-License-Identifier: Apache-2.0
// FrameMap: numbers for the frames of a node.
#include "kernel/memory/frames/frame_map.hpp"

namespace kernel {
namespace {

constexpr uint64_t section_bytes = FrameMap::section_frames * hal::page_size;

}  // namespace

Status FrameMap::initialise(const FrameRange* ranges, unsigned count) {
    count_ = 0;
    span_ = 0;
    frames_ = 0;
    if (count == 0 || count > max_ranges) return Status::InvalidArgument;
    if (!sort(ranges, count)) return Status::InvalidArgument;
    count = join(count);

    uint64_t sections = 0;
    uint64_t frames = 0;
    uint64_t last_section = UINT64_MAX;
    for (unsigned i = 0; i < count; ++i) {
        const FrameRange& range = ranges_[i];
        const uint64_t first_section = range.begin / section_bytes;
        if (first_section != last_section) ++sections;
        const uint64_t first =
            (sections - 1) * section_frames + range.begin % section_bytes / hal::page_size;
        if (first + range.frames() > max_span) return Status::InvalidArgument;
        first_[i] = static_cast<uint32_t>(first);
        last_section = (range.end - 1) / section_bytes;
        sections += last_section - first_section;
        frames += range.frames();
    }
    if (sections * section_frames > max_span) return Status::InvalidArgument;
    span_ = static_cast<uint32_t>(sections * section_frames);
    frames_ = static_cast<uint32_t>(frames);
    count_ = count;
    return Status::Ok;
}

// Copies the ranges in the order of addresses; false for what cannot be used.
bool FrameMap::sort(const FrameRange* ranges, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
        const FrameRange range = ranges[i];
        if (range.begin >= range.end) return false;
        if (range.begin % hal::page_size != 0 || range.end % hal::page_size != 0) return false;
        unsigned at = i;
        for (; at > 0 && ranges_[at - 1].begin > range.begin; --at) ranges_[at] = ranges_[at - 1];
        ranges_[at] = range;
    }
    for (unsigned i = 1; i < count; ++i) {
        if (ranges_[i].begin < ranges_[i - 1].end) return false;
    }
    return true;
}

// Adjacent ranges become one; how many are left.
unsigned FrameMap::join(unsigned count) {
    unsigned last = 0;
    for (unsigned i = 1; i < count; ++i) {
        if (ranges_[i].begin == ranges_[last].end) {
            ranges_[last].end = ranges_[i].end;
        } else {
            ranges_[++last] = ranges_[i];
        }
    }
    return last + 1;
}

}  // namespace kernel
