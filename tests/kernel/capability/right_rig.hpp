// SPDX-License-Identifier: Apache-2.0
// Rights over plain memory: tables with chunks from the host's heap, and a count of live nodes.
#pragma once

#include <cstdlib>
#include <memory>
#include <set>
#include <vector>

#include "kernel/capability/rights.hpp"

namespace kernel {

class RightRig {
  public:
    RightRig() = default;
    RightRig(const RightRig&) = delete;
    RightRig& operator=(const RightRig&) = delete;

    Right* make(uint32_t mask = ~0U, uint64_t expires_at = Right::never) {
        auto* right = new Right;
        nodes.insert(right);
        right->type = ObjectType::Port;
        right->object = this;
        right->mask = mask;
        right->expires_at = expires_at;
        return right;
    }
    // A right derived from `parent`, nowhere yet. Precondition: check_derivation().
    Right* derive(Right& parent, uint32_t mask = ~0U, uint64_t expires_at = Right::never) {
        Right* right = make();
        RightTree::derive(parent, *right, mask, expires_at);
        return right;
    }
    DroppedRight drop(Right& right) {
        const DroppedRight dropped = drop_right(right);
        release(dropped);
        return dropped;
    }
    void release(const DroppedRight& dropped) {
        for (Right* node : dropped.removed.nodes) {
            if (node == nullptr) continue;
            nodes.erase(node);
            delete node;
        }
    }
    void grow(RightTable& table) {
        void* chunk = std::aligned_alloc(16, RightTable::chunk_size);
        chunks.emplace_back(chunk, std::free);
        table.add_chunk(chunk);
    }
    uint32_t add(RightTable& table, Right& right) {
        if (table.is_full()) grow(table);
        return table.add(right);
    }

    ~RightRig() {
        for (Right* node : nodes) delete node;
    }

    std::set<Right*> nodes;  // never walked where order counts
    std::vector<std::unique_ptr<void, void (*)(void*)>> chunks;
};

}  // namespace kernel
