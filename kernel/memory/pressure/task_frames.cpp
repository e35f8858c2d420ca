// SPDX-License-Identifier: Apache-2.0
// Frames by task.
#include "kernel/memory/pressure/task_frames.hpp"

namespace kernel {
namespace {

constexpr uint32_t piece = 512;  // records between preemption points

bool belongs_to_a_task(FrameOwner owner) {
    return owner == FrameOwner::Anonymous || owner == FrameOwner::Tables ||
           owner == FrameOwner::Held;
}

// Not inline: see memory/frames/bits.cpp.
[[gnu::noinline]] void count_piece(FrameRecords& records, uint32_t from, uint32_t to,
                                   FramesByTask& result) {
#pragma clang loop unroll(disable) vectorize(disable)
    for (uint32_t frame = from; frame < to; ++frame) {
        const FrameUse use = records.at(frame).use();
        if (belongs_to_a_task(use.owner)) ++result.counts[use.task];
    }
}

void count_node(FrameRecords& records, FramesByTask& result) {
    for (unsigned i = 0; i < records.map().run_count(); ++i) {
        const FrameMap::Run run = records.map().run(i);
        for (uint32_t at = run.begin; at < run.end; at += piece) {
            count_piece(records, at, run.end - at < piece ? run.end : at + piece, result);
            preemption_point();
        }
    }
}

}  // namespace

void count_frames_by_task(Frames& frames, uint32_t nodes, FramesByTask& result) {
    for (unsigned node = 0; node < frames.node_count(); ++node) {
        if ((nodes >> node & 1) != 0) count_node(frames.records(node), result);
    }
}

}  // namespace kernel
