// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/prefetcher.hpp"

#include <algorithm>

namespace orrery::memory {
namespace {

constexpr uint32_t lines_of_page_shift = 6;  // 4 KiB in lines of 64 bytes
constexpr uint32_t sure = 2;                 // so many equal strides make a stream

}  // namespace

Prefetcher::Stream& Prefetcher::stream_of(uint64_t page) {
    auto oldest = streams_.begin();
    for (auto stream = streams_.begin(); stream != streams_.end(); ++stream) {
        if (stream->page == page) return *stream;
        if (stream->used < oldest->used) oldest = stream;
    }
    *oldest = {};
    oldest->page = page;
    return *oldest;
}

void Prefetcher::observe(uint64_t line) {
    lines_.clear();
    if (streams_.empty()) return;
    const uint64_t page = line >> lines_of_page_shift;
    Stream& stream = stream_of(page);
    const bool known = stream.used != 0;
    stream.used = ++clock_;
    const auto stride = static_cast<int64_t>(line - stream.last);
    stream.last = line;
    if (!known || stride == 0) {
        stream.fetched = line;
        return;
    }
    if (stride != stream.stride) {
        stream.stride = stride;
        stream.confidence = 1;
        stream.fetched = line;
        return;
    }
    stream.confidence = std::min(stream.confidence + 1, sure);
    if (stream.confidence < sure) return;

    const auto step = static_cast<uint64_t>(stride);
    const uint64_t goal = line + step * geometry_.ahead;
    const bool behind = stride > 0 ? stream.fetched < line : stream.fetched > line;
    uint64_t next = behind ? line : stream.fetched;
    while (next != goal) {
        next += step;
        if (next >> lines_of_page_shift != page) break;
        lines_.push_back(next);
        stream.fetched = next;
    }
}

}  // namespace orrery::memory
