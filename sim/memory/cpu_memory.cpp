// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/cpu_memory.hpp"

#include <algorithm>

namespace orrery::memory {

CpuMemory::CpuMemory(const CoreParameters& parameters, uint32_t number, uint64_t hertz)
    : parameters_(parameters),
      number_(number),
      caches_(parameters.l1i, parameters.l1d, parameters.l2, hertz),
      translation_(parameters.translation),
      branches_("branch predictor", parameters.branches),
      exposure_(parameters.exposure),
      prefetcher_(parameters.prefetcher),
      stores_(parameters.store_buffer) {
    set_frequency(hertz);
}

void CpuMemory::set_frequency(uint64_t hertz) {
    caches_.clock = Clock(hertz);
    l1d_time_ = caches_.clock.picoseconds(parameters_.l1d.latency_cycles);
    l1i_time_ = caches_.clock.picoseconds(parameters_.l1i.latency_cycles);
    l2_time_ = caches_.clock.picoseconds(parameters_.l2.latency_cycles);
    exposure_.set_reorder_time(caches_.clock.picoseconds(parameters_.exposure.reorder_cycles));
}

uint32_t CpuMemory::load_slow(uint64_t address, uint32_t size, uint64_t now,
                              Dependence dependence) {
    const uint64_t last = (address + size - 1) >> line_shift;
    uint64_t stall = 0;
    for (uint64_t line = address >> line_shift; line <= last; ++line) {
        ++counts_.l1d.accesses;
        if (caches_.l1d.touch(line) != LineState::invalid) [[likely]]
            continue;
        const uint64_t start = now + stall;
        const uint64_t ready = read_line(line, start);
        stall += exposure_.charge(start, ready - start - l1d_time_, dependence);
    }
    return stall == 0 ? 0 : caches_.clock.parts(stall);
}

uint32_t CpuMemory::store_slow(uint64_t address, uint32_t size, uint64_t now) {
    const uint64_t last = (address + size - 1) >> line_shift;
    uint64_t stall = 0;
    for (uint64_t line = address >> line_shift; line <= last; ++line) {
        ++counts_.l1d.accesses;
        stall += store_line(line, now + stall);
    }
    return caches_.clock.parts(stall);
}

// How long the pipeline waits for a place in the store buffer.
uint64_t CpuMemory::store_line(uint64_t line, uint64_t now) {
    const LineState state = caches_.l1d.touch(line);
    if (state == LineState::modified) return 0;
    if (state == LineState::exclusive) {
        caches_.l1d.set_state(line, LineState::modified);
        return 0;
    }
    const uint64_t start = std::max(now, stores_[next_store_]);
    stores_[next_store_] = own_line(line, start);
    next_store_ = (next_store_ + 1) % static_cast<uint32_t>(stores_.size());
    return start - now;
}

uint32_t CpuMemory::atomic(uint64_t address, uint64_t now) {
    const uint64_t line = address >> line_shift;
    ++counts_.l1d.accesses;
    const LineState state = caches_.l1d.touch(line);
    if (state == LineState::modified) return 0;
    if (state == LineState::exclusive) {
        caches_.l1d.set_state(line, LineState::modified);
        return 0;
    }
    const uint64_t ready = own_line(line, now);
    return caches_.clock.parts(ready - now - std::min(ready - now, l1d_time_));
}

// A level 1 miss of a load: when its data is there.
uint64_t CpuMemory::read_line(uint64_t line, uint64_t now) {
    ++counts_.l1d.misses;
    LineState state = LineState::invalid;
    const uint64_t ready = through_l2(line, Intent::read, now, state);
    put_l1d(line, state == LineState::modified ? LineState::exclusive : state);
    prefetch(line, now);
    return ready;
}

// A store to a line that level 1 has shared or not at all: when it is this CPU's own.
uint64_t CpuMemory::own_line(uint64_t line, uint64_t now) {
    uint64_t ready = now;
    bool missed = false;
    if (caches_.l1d.peek(line) == LineState::invalid) {
        ++counts_.l1d.misses;
        LineState state = LineState::invalid;
        ready = through_l2(line, Intent::own, now, state);
        put_l1d(line, state);
        missed = true;
    }
    if (caches_.l1d.peek(line) == LineState::shared) {
        ++counts_.upgrades;
        ready = cluster_->upgrade(number_, line, ready + l2_time_);
        caches_.l2.set_state(line, LineState::exclusive);
    }
    caches_.l1d.set_state(line, LineState::modified);
    if (missed) prefetch(line, now);
    return ready;
}

// An access to level 2, and to what lies behind it on a miss: when the data is there.
uint64_t CpuMemory::through_l2(uint64_t line, Intent intent, uint64_t now, LineState& state) {
    ++counts_.l2.accesses;
    const uint64_t ready = now + l2_time_;
    state = caches_.l2.touch(line);
    if (state != LineState::invalid) return std::max(ready, pending_until(line, now));
    ++counts_.l2.misses;
    return fill(line, intent, ready, state);
}

// A level 2 miss: when the data is in level 2.
uint64_t CpuMemory::fill(uint64_t line, Intent intent, uint64_t now, LineState& state) {
    const Supply supply = cluster_->request(number_, line, intent, now);
    counts_.from_level3 += supply.source == Source::level3;
    counts_.from_another_cpu += supply.source == Source::another_cpu;
    counts_.from_memory += supply.source == Source::memory;
    state = supply.state;
    CacheLine victim;
    caches_.fill_l2(line, state, victim);
    if (victim.state != LineState::invalid) {
        counts_.l2.write_backs += victim.state == LineState::modified;
        cluster_->evict(number_, victim, supply.ready);
    }
    return supply.ready;
}

void CpuMemory::put_l1d(uint64_t line, LineState state) {
    counts_.l1d.write_backs += caches_.fill_l1d(line, state);
}

uint32_t CpuMemory::fetch_slow(uint64_t line, uint64_t now) {
    if (caches_.l1i.touch(line) != LineState::invalid) return 0;
    ++counts_.l1i.misses;
    LineState state = LineState::invalid;
    const uint64_t ready = through_l2(line, Intent::fetch, now, state);
    caches_.l1i.insert(line, LineState::shared);
    const uint64_t hidden = l1i_time_ + caches_.clock.picoseconds(parameters_.fetch_ahead_cycles);
    return caches_.clock.parts(ready - now - std::min(ready - now, hidden));
}

uint32_t CpuMemory::translate_slow(Side side, uint64_t address, uint16_t asid, uint64_t now,
                                   Dependence dependence) {
    if (!translation_.level2(side, address, asid)) return needs_walk;
    const uint64_t late = caches_.clock.picoseconds(parameters_.translation.l2.latency_cycles);
    if (side == Side::instruction) return caches_.clock.parts(late);
    return caches_.clock.parts(exposure_.charge(now, late, dependence));
}

// Descriptors are read one after the other, from level 2 on, as the walkers of the Cortex-A55 and
// the Cortex-A76 do. Nothing of it is hidden.
uint32_t CpuMemory::walk(const Walk& walk, uint64_t now) {
    const auto all = static_cast<uint32_t>(walk.descriptors.size());
    const uint32_t read =
        translation_.walked(walk.side, walk.address, walk.asid, all, walk.shift, walk.global);
    uint64_t time = now + caches_.clock.picoseconds(parameters_.translation.l2.latency_cycles);
    for (const uint64_t descriptor : walk.descriptors.subspan(all - read)) {
        LineState state = LineState::invalid;
        time = through_l2(descriptor >> line_shift, Intent::read, time, state);
    }
    return caches_.clock.parts(time - now);
}

void CpuMemory::prefetch(uint64_t line, uint64_t now) {
    prefetcher_.observe(line);
    for (const uint64_t next : prefetcher_.lines()) prefetch_line(next, now);
}

void CpuMemory::prefetch_line(uint64_t line, uint64_t now) {
    if (caches_.l2.peek(line) != LineState::invalid) return;
    ++counts_.prefetches;
    ++counts_.l2.accesses;
    LineState state = LineState::invalid;
    const uint64_t ready = fill(line, Intent::read, now + l2_time_, state);
    pending_[next_pending_] = {line, ready};
    next_pending_ = (next_pending_ + 1) % pending_.size();
    last_pending_ = std::max(last_pending_, ready);
}

uint64_t CpuMemory::pending_until(uint64_t line, uint64_t now) const {
    if (now >= last_pending_) return 0;
    for (const Pending& pending : pending_) {
        if (pending.line == line) return pending.ready;
    }
    return 0;
}

CpuCounts CpuMemory::counts() const {
    CpuCounts counts = counts_;
    counts.translation = translation_.counts();
    counts.branches = branches_.counts();
    return counts;
}

void CpuMemory::reset_counts() {
    counts_ = {};
    translation_.reset_counts();
    branches_.reset_counts();
}

}  // namespace orrery::memory
