// SPDX-License-Identifier: Apache-2.0
// Shares: the summaries, and the table that adds them up.
#include "gui/trace/shares.hpp"

#include <algorithm>

namespace inspector {

namespace {

constexpr size_t most_shares = 16;
constexpr size_t first_slots = 64;

class Gathered final {
  public:
    void add(uint32_t key, uint64_t time) {
        for (size_t i = 0; i < count_; ++i) {
            if (shares_[i].key != key) continue;
            shares_[i].time += time;
            return;
        }
        shares_[count_++] = {key, time};
    }

    [[nodiscard]] BusySummary reduced(uint64_t busy) {
        const auto end = shares_.begin() + static_cast<ptrdiff_t>(count_);
        std::sort(shares_.begin(), end, [](const Share& left, const Share& right) {
            return left.time != right.time ? left.time > right.time : left.key < right.key;
        });
        BusySummary result;
        result.busy = busy;
        const uint64_t less = count_ > BusySummary::kept ? shares_[BusySummary::kept].time : 0;
        for (size_t i = 0; i < std::min(count_, BusySummary::kept); ++i) {
            if (shares_[i].time <= less) break;
            result.keys[i] = shares_[i].key;
            result.times[i] = shares_[i].time - less;
        }
        return result;
    }

  private:
    std::array<Share, most_shares> shares_;
    size_t count_ = 0;
};

}  // namespace

BusySummary summarise(uint64_t busy, std::span<const Share> shares) {
    Gathered gathered;
    for (const Share& share : shares) gathered.add(share.key, share.time);
    return gathered.reduced(busy);
}

BusySummary join(const BusySummary* four) {
    Gathered gathered;
    uint64_t busy = 0;
    for (size_t i = 0; i < 4; ++i) {
        busy += four[i].busy;
        for (size_t k = 0; k < BusySummary::kept && four[i].keys[k] != no_key; ++k) {
            gathered.add(four[i].keys[k], four[i].times[k]);
        }
    }
    return gathered.reduced(busy);
}

ShareTable::ShareTable() : slots_(first_slots) {}

void ShareTable::clear() {
    largest_ = {};
    taken_ = 0;
    if (++use_ != 0) return;
    std::fill(slots_.begin(), slots_.end(), Slot{});
    use_ = 1;
}

void ShareTable::add(uint32_t key, uint64_t time) {
    const size_t taken = taken_;
    Slot& slot = find(key);
    slot.time += time;
    if (slot.time > largest_.time || largest_.key == no_key) largest_ = {key, slot.time};
    if (taken_ != taken && taken_ * 2 > slots_.size()) grow();
}

ShareTable::Slot& ShareTable::find(uint32_t key) {
    constexpr uint32_t spread = 2'654'435'769;  // 2^32 divided by the golden ratio
    const size_t mask = slots_.size() - 1;
    for (size_t i = (key * spread) >> 8 & mask;; i = (i + 1) & mask) {
        Slot& slot = slots_[i];
        if (slot.use == use_ && slot.key != key) continue;
        if (slot.use != use_) {
            slot = {key, use_, 0};
            ++taken_;
        }
        return slot;
    }
}

void ShareTable::grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    taken_ = 0;
    for (const Slot& slot : old) {
        if (slot.use == use_) find(slot.key).time = slot.time;
    }
}

}  // namespace inspector
