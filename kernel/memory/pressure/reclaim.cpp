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
    for (unsigned node = 0; node < frames.node_count(); ++node) {
        const Watermarks marks =
            is_on_ ? watermarks_of(frames.total_frames(node), frames.total_frames()) : Watermarks{};
        frames.set_watermarks(node, marks);
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

// A node is low, and has not just been searched in vain.
bool Reclaim::is_low(unsigned node) const {
    const Frames& frames = memory_.frames();
    const uint64_t low = frames.watermarks(node).low;
    return low != 0 && frames.free_frames(node) < low &&
           Machine::counter() >= nodes_[node].pause_until.load(std::memory_order_relaxed);
}

bool Reclaim::wants_help() const {
    if (marks_.low == 0 || working_.load(std::memory_order_relaxed)) return false;
    for (unsigned node = 0; node < memory_.frames().node_count(); ++node) {
        if (is_low(node)) return true;
    }
    return false;
}

// Without pages of files, and without swap for the others, a look at all frames is in vain.
bool Reclaim::has_candidates() const {
    if (!is_on_) return false;
    const Frames& frames = memory_.frames();
    if (frames.frames_of(FrameOwner::File) != 0) return true;
    if (!memory_.swap().enabled()) return false;
    return frames.frames_of(FrameOwner::Anonymous) + frames.frames_of(FrameOwner::Shared) != 0;
}

uint64_t Reclaim::frames_on(uint32_t nodes) const {
    const Frames& frames = memory_.frames();
    uint64_t sum = 0;
    for (unsigned node = 0; node < frames.node_count(); ++node) {
        if ((nodes >> node & 1) != 0) sum += frames.total_frames(node);
    }
    return sum;
}

bool Reclaim::make_room(uint32_t nodes) {
    nodes &= memory_.frames().node_mask();
    if (nodes == 0 || !has_candidates()) return false;
    return rounds(nodes, nullptr).freed != 0;
}

bool Reclaim::make_room_in(const MemoryDomain& domain) {
    if (!is_on_ || !memory_.swap().enabled() || domain.memory().current() == 0) return false;
    return rounds(memory_.frames().node_mask(), &domain).freed != 0;
}

Reclaim::Step Reclaim::rounds(uint32_t nodes, const MemoryDomain* domain) {
    add(info_->direct_reclaims);
    if (stall_observer_ != nullptr) stall_observer_(true);
    // A round to hide all pages, a second one to evict them, and one for those that were shown
    // again in between.
    const uint64_t most = 3 * frames_on(nodes);
    Step sum;
    for (uint64_t seen = 0; seen < most && sum.freed < batch; seen += step_records) {
        const Step one = step(batch - sum.freed, nodes, domain);
        sum.freed += one.freed;
        sum.refused += one.refused;
        preemption_point();
        if (sum.refused > most_refusals) break;
    }
    if (stall_observer_ != nullptr) stall_observer_(false);
    return sum;
}

// Those that are low, and those that were and have not reached `high` yet.
uint32_t Reclaim::nodes_to_fill() {
    const Frames& frames = memory_.frames();
    uint32_t result = 0;
    for (unsigned node = 0; node < frames.node_count(); ++node) {
        std::atomic<bool>& filling = nodes_[node].filling;
        const bool is_full = frames.free_frames(node) >= frames.watermarks(node).high;
        if (is_full) filling.store(false, std::memory_order_relaxed);
        const bool goes_on = !is_full && filling.load(std::memory_order_relaxed);
        if (goes_on || is_low(node)) result |= 1U << node;
    }
    return result;
}

bool Reclaim::work_in_background() {
    if (marks_.low == 0) return false;
    const uint32_t nodes = nodes_to_fill();
    if (nodes == 0 || !has_candidates()) return false;
    if (working_.exchange(true, std::memory_order_acquire)) return false;
    add(info_->background_reclaims);
    const auto node = static_cast<unsigned>(__builtin_ctz(nodes));
    nodes_[node].filling.store(true, std::memory_order_relaxed);
    note_step(node, step(batch, 1U << node));
    working_.store(false, std::memory_order_release);
    return true;
}

// After rounds in vain a node is left alone for a while, and others come to their turn.
void Reclaim::note_step(unsigned node, const Step& done) {
    Node& at = nodes_[node];
    at.vain_records = done.freed != 0 ? 0 : at.vain_records + step_records;
    if (at.vain_records <= 3 * memory_.frames().total_frames(node)) return;
    at.pause_until.store(ticks_from_now(pause_nanoseconds), std::memory_order_relaxed);
    at.filling.store(false, std::memory_order_relaxed);
    at.vain_records = 0;
}

// The lock is released after each page, so that others come to their turn.
Reclaim::Step Reclaim::step(unsigned wanted, uint32_t nodes, const MemoryDomain* domain) {
    Step done;
    for (unsigned left = step_records; left != 0 && done.freed < wanted;) {
        const LockGuard guard(lock_);
        FrameRecord* record = advance(left, nodes);
        if (record == nullptr) continue;
        const Visit visited = visit(*record, domain);
        if (visited == Visit::Freed) {
            ++done.freed;
            move_old_pages();
        }
        if (visited == Visit::Refused) ++done.refused;
    }
    return done;
}

FrameRecord* Reclaim::advance(unsigned& left, uint32_t nodes) {
    Frames& frames = memory_.frames();
    if ((nodes >> hand_node_ & 1) == 0) next_hand(nodes);
    while (left != 0) {
        --left;
        FrameRecords& records = frames.records(hand_node_);
        uint32_t& hand = nodes_[hand_node_].hand;
        FrameRecord& record = records.at(hand);
        if (++hand == records.map().span()) {
            hand = 0;
            next_hand(nodes);
        }
        if (object_of(record) != nullptr) return &record;
    }
    return nullptr;
}

// The next node of those, of which there is one.
void Reclaim::next_hand(uint32_t nodes) {
    do {
        hand_node_ = (hand_node_ + 1) % memory_.frames().node_count();
    } while ((nodes >> hand_node_ & 1) == 0);
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

// Locked. Makes room for compressed pages. Their homes are alive: see wait_for_look().
void Reclaim::move_old_pages() {
    SwapStore& swap = memory_.swap();
    for (unsigned i = 0; i < most_moves; ++i) {
        const Result<SwapStore::OldPage> old = swap.page_to_move();
        if (!old.ok()) return;
        const SwapHome home = old.value().home;
        const LockGuard guard(home.object->lock());
        if (home.object->move_stored(home.page, old.value().entry) != Status::Ok) return;
    }
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
