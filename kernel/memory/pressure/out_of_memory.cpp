// SPDX-License-Identifier: Apache-2.0
// The out-of-memory policy.
#include "kernel/memory/pressure/out_of_memory.hpp"

#include "kernel/base/text.hpp"

namespace kernel {
namespace {

// "node 1", or "nodes 0 2".
std::string_view name_nodes(uint32_t nodes, char (&text)[32]) {
    const bool is_one = (nodes & (nodes - 1)) == 0;
    size_t length = format(text, sizeof text, is_one ? "node" : "nodes");
    for (unsigned node = 0; node < 32; ++node) {
        if ((nodes >> node & 1) == 0) continue;
        length += format(text + length, sizeof text - length, " {}", node);
    }
    return {text, length};
}

}  // namespace

Result<size_t> choose_victim(const OutOfMemoryCandidate* candidates, size_t count) {
    size_t best = count;
    for (size_t i = 0; i < count; ++i) {
        const OutOfMemoryCandidate& each = candidates[i];
        if (each.is_ending) return Status::Busy;
        if (each.is_init || each.weight() == 0) continue;
        const bool heavier = best == count || each.weight() > candidates[best].weight();
        const bool first = best != count && each.weight() == candidates[best].weight() &&
                           each.task < candidates[best].task;
        if (heavier || first) best = i;
    }
    if (best == count) return Status::NotFound;
    return best;
}

size_t explain_victim(const OutOfMemoryCandidate& victim, const char* name,
                      const OutOfMemoryScene& scene, char* text, size_t capacity) {
    if (scene.nodes == 0) {
        return format(text, capacity,
                      "out of memory: ended task {} ({}) because it holds the most of {} tasks, {} "
                      "KiB in memory and {} KiB in swap, with {} KiB free",
                      victim.task, name, scene.candidates, victim.frames * 4, victim.swapped * 4,
                      scene.free_frames * 4);
    }
    char nodes[32];
    return format(text, capacity,
                  "out of memory on {}: ended task {} ({}) because it holds the most of {} tasks "
                  "there, {} KiB, with {} KiB free there",
                  name_nodes(scene.nodes, nodes), victim.task, name, scene.candidates,
                  victim.frames * 4, scene.free_frames * 4);
}

}  // namespace kernel
