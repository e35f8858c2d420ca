// SPDX-License-Identifier: Apache-2.0
// Reclaim.
#include "kernel/memory/pressure/reclaim.hpp"

#include "kernel/memory/objects/memory_object.hpp"

namespace kernel {

using hal::Machine;

namespace {

// Written under the lock of the object that has the frame, or by the allocator.
MemoryObject* object_of(FrameRecord& record) {
    return std::atomic_ref<MemoryObject*>(record.object).load(std::memory_order_acquire);
}

uint64_t ticks_from_now(uint64_t nanoseconds) {
    return Machine::counter() + Machine::counter_frequency() / 1000 * nanoseconds / 1'000'000;
}

}  // namespace

void Reclaim::pause_compaction(uint64_t nanoseconds) {
    compaction_pause_until_.store(ticks_from_now(nanoseconds), std::memory_order_relaxed);
}

bool Reclaim::compaction_pauses() const {
    return Machine::counter() < compaction_pause_until_.load(std::memory_order_relaxed);
}

void Reclaim::set_up() {
    Frames& frames = memory_.frames();
    marks_ = {};
    if (!is_on_) return;
    for (unsigned node = 0; node < frames.node_count(); ++node) {
        const Watermarks marks =
            watermarks_of(frames.node(node).total_frames(), frames.total_frames());
        marks_.min += marks.min;
        marks_.low += marks.low;
        marks_.high += marks.high;
    }
    info_->watermark_min = marks_.min;
    info_->watermark_low = marks_.low;
    info_->watermark_high = marks_.high;
}

void Reclaim::show_in(abi::PressureInfo& info) {
    info = *info_;
    info_ = &info;
    memory_.swap().show_in(info.swap);
}

uint64_t Reclaim::free_frames() const {
    return memory_.frames().free_frames();
}

bool Reclaim::is_below_min() const {
    return marks_.min != 0 && free_frames() < marks_.min;
}

bool Reclaim::wants_help() const {
    return marks_.low != 0 && !working_.load(std::memory_order_relaxed) &&
           free_frames() < marks_.low &&
           Machine::counter() >= pause_until_.load(std::memory_order_relaxed);
}

// Without pages of files, and without swap for the others, a look at all frames is in vain.
bool Reclaim::has_candidates() const {
    if (!is_on_) return false;
    const Frames& frames = memory_.frames();
    if (frames.frames_of(FrameOwner::File) != 0) return true;
    if (!memory_.swap().enabled()) return false;
    return frames.frames_of(FrameOwner::Anonymous) + frames.frames_of(FrameOwner::Shared) != 0;
}

bool Reclaim::make_room() {
    if (!has_candidates()) return false;
    return rounds(nullptr).freed != 0;
}

bool Reclaim::make_room_in(const MemoryDomain& domain) {
    if (!is_on_ || !memory_.swap().enabled() || domain.memory().current() == 0) return false;
    return rounds(&domain).freed != 0;
}

Reclaim::Step Reclaim::rounds(const MemoryDomain* domain) {
    add(info_->direct_reclaims);
    if (stall_observer_ != nullptr) stall_observer_(true);
    // A round to hide all pages, a second one to evict them, and one for those that were shown
    // again in between.
    const uint64_t most = 3 * memory_.frames().total_frames();
    Step sum;
    for (uint64_t seen = 0; seen < most && sum.freed < batch; seen += step_records) {
        const Step one = step(batch - sum.freed, domain);
        sum.freed += one.freed;
        sum.refused += one.refused;
        preemption_point();
        if (sum.refused > most_refusals) break;
    }
    if (stall_observer_ != nullptr) stall_observer_(false);
    return sum;
}

bool Reclaim::work_in_background() {
    const uint64_t free = free_frames();
    if (marks_.low == 0 || free >= marks_.high) {
        filling_.store(false, std::memory_order_relaxed);
        return false;
    }
    if (!filling_.load(std::memory_order_relaxed)) {
        const bool paused = Machine::counter() < pause_until_.load(std::memory_order_relaxed);
        if (free >= marks_.low || paused || !has_candidates()) return false;
    }
    if (working_.exchange(true, std::memory_order_acquire)) return false;
    filling_.store(true, std::memory_order_relaxed);
    add(info_->background_reclaims);
    const Step done = step(batch);
    vain_records_ = done.freed != 0 ? 0 : vain_records_ + step_records;
    // After rounds in vain it is left alone for a while.
    if (vain_records_ > 3 * memory_.frames().total_frames()) {
        pause_until_.store(ticks_from_now(pause_nanoseconds), std::memory_order_relaxed);
        filling_.store(false, std::memory_order_relaxed);
        vain_records_ = 0;
    }
    working_.store(false, std::memory_order_release);
    return true;
}

// The lock is released after each page, so that others come to their turn.
Reclaim::Step Reclaim::step(unsigned wanted, const MemoryDomain* domain) {
    Step done;
    for (unsigned left = step_records; left != 0 && done.freed < wanted;) {
        const LockGuard guard(lock_);
        FrameRecord* record = advance(left);
        if (record == nullptr) continue;
        const Visit visited = visit(*record, domain);
        if (visited == Visit::Freed) ++done.freed;
        if (visited == Visit::Refused) ++done.refused;
    }
    return done;
}

FrameRecord* Reclaim::advance(unsigned& left) {
    Frames& frames = memory_.frames();
    while (left != 0) {
        --left;
        FrameRecords& records = frames.records(hand_node_);
        FrameRecord& record = records.at(hand_);
        if (++hand_ == records.map().span()) {
            hand_ = 0;
            hand_node_ = (hand_node_ + 1) % frames.node_count();
        }
        if (object_of(record) != nullptr) return &record;
    }
    return nullptr;
}

Reclaim::Visit Reclaim::visit(FrameRecord& record, const MemoryDomain* domain) {
    MemoryObject* object = object_of(record);
    if (object == nullptr) return Visit::Nothing;
    if (domain != nullptr && !domain->contains(object->domain())) return Visit::Nothing;
    const LockGuard guard(object->lock());
    // The object may have given the frame up before it was locked.
    if (object_of(record) != object) return Visit::Nothing;
    const uint64_t index = record.page;
    if (object->is_shown(index)) {
        object->hide(index);
        add(info_->pages_hidden);
        return Visit::Nothing;
    }
    return evict(*object, index) == Status::Ok ? Visit::Freed : Visit::Refused;
}

Status Reclaim::evict(MemoryObject& object, uint64_t index) {
    object.hide(index);
    TRY_STATUS(object.evict(index));
    const bool is_file = object.kind() == MemoryObject::Kind::File;
    add(is_file ? info_->pages_dropped : info_->pages_swapped_out);
    return Status::Ok;
}

bool Reclaim::take_page(FrameRecord& record, uint32_t task) {
    MemoryObject* object = object_of(record);
    if (object == nullptr || record.use() != FrameUse{FrameOwner::Anonymous, task}) return false;
    const LockGuard guard(object->lock());
    return object_of(record) == object && evict(*object, record.page) == Status::Ok;
}

uint64_t Reclaim::take_from(uint32_t task, uint64_t wanted) {
    Frames& frames = memory_.frames();
    uint64_t taken = 0;
    for (unsigned node = 0; node < frames.node_count(); ++node) {
        FrameRecords& records = frames.records(node);
        for (uint32_t at = 0; at < records.map().span() && taken < wanted; ++at) {
            FrameRecord& record = records.at(at);
            if (at % step_records == 0) preemption_point();
            // A hint; the rest is checked under the locks.
            if (object_of(record) == nullptr) continue;
            {
                const LockGuard guard(lock_);
                taken += take_page(record, task) ? 1 : 0;
            }
            preemption_point();
        }
    }
    return taken;
}

}  // namespace kernel
