// SPDX-License-Identifier: Apache-2.0
// Frames of objects' pages, and who shares them.
#include "kernel/memory/memory.hpp"

#include "kernel/memory/pressure/compaction.hpp"

namespace kernel {

Result<PhysicalAddress> Memory::allocate_page(const PageOwner& owner,
                                              const FramePlacement& placement) {
    const PhysicalAddress frame = TRY(frames_.allocate(0, owner.use, Mobility::Movable, placement));
    adopt_page(frame, owner);
    return frame;
}

Result<PhysicalAddress> Memory::allocate_block(FrameUse use, const FramePlacement& placement) {
    const Result<PhysicalAddress> block =
        frames_.allocate(huge_order, use, Mobility::Movable, placement);
    if (block.status() != Status::NoMemory) return block;
    const uint32_t nodes = placement.allowed_nodes();
    if (!Compaction::is_worth_trying(*this, nodes)) return block;
    if (Compaction(*this).make_block(nodes) != Status::Ok) {
        frames_.set_lacking_nodes(nodes & frames_.node_mask());
        return Status::NoMemory;
    }
    return frames_.allocate(huge_order, use, Mobility::Movable, placement);
}

// What reclaim itself fails to allocate is another matter than what the caller lacks.
bool Memory::make_room() {
    const uint32_t nodes = frames_.lacking_nodes();
    const bool made = reclaim_.make_room(nodes);
    frames_.set_lacking_nodes(nodes);
    return made;
}

void Memory::adopt_page(PhysicalAddress frame, const PageOwner& owner) {
    FrameRecord& record = frames_.record(frame);
    record.object = owner.object;
    record.page = static_cast<uint32_t>(owner.page);
    record.shares = 1;
}

void Memory::adopt_page(PhysicalAddress frame, FrameUse from, const PageOwner& owner) {
    frames_.change_use(frame, from, owner.use);
    adopt_page(frame, owner);
}

Status Memory::share_page(PhysicalAddress frame) {
    FrameRecord& record = frames_.record(frame);
    const std::atomic_ref<uint16_t> shares(record.shares);
    uint16_t count = shares.load(std::memory_order_relaxed);
    // A single slot is the caller's, so nobody else has to do with the frame.
    if (count == 1) {
        record.object = nullptr;
        frames_.change_use(frame, record.use(), {FrameOwner::Shared, 0});
    }
    do {
        if (count == UINT16_MAX) return Status::LimitReached;
    } while (!shares.compare_exchange_weak(count, static_cast<uint16_t>(count + 1),
                                           std::memory_order_relaxed));
    return Status::Ok;
}

void Memory::release_page(PhysicalAddress frame) {
    FrameRecord& record = frames_.record(frame);
    const std::atomic_ref<uint16_t> shares(record.shares);
    // Whoever frees it does so after everybody else has let go of it.
    if (shares.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    frames_.free(frame, record.use());
}

void Memory::take_over(PhysicalAddress frame, const PageOwner& owner) {
    FrameRecord& record = frames_.record(frame);
    if (record.object == owner.object) return;
    frames_.change_use(frame, record.use(), owner.use);
    record.object = owner.object;
    record.page = static_cast<uint32_t>(owner.page);
}

}  // namespace kernel
