// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/cluster.hpp"

#include <algorithm>
#include <bit>

namespace orrery::memory {
namespace {

uint64_t private_lines(const std::vector<PrivateCaches*>& cpus) {
    uint64_t lines = 0;
    for (const PrivateCaches* cpu : cpus) lines += uint64_t{cpu->l2.sets()} * cpu->l2.ways();
    return lines;
}

}  // namespace

Cluster::Cluster(const ClusterParameters& parameters, std::vector<PrivateCaches*> cpus,
                 MainMemory& memory)
    : cpus_(std::move(cpus)),
      memory_(memory),
      l3_("l3", parameters.l3, parameters.replacement),
      l3_time_(Clock(parameters.hertz).picoseconds(parameters.l3.latency_cycles)),
      snoop_time_(Clock(parameters.hertz).picoseconds(parameters.snoop_cycles)),
      // A request may come before the eviction that makes room for it.
      directory_(private_lines(cpus_) + cpus_.size()) {}

uint64_t Cluster::snoop_time(uint32_t cpu) const {
    return snoop_time_ + cpus_[cpu]->clock.picoseconds(cpus_[cpu]->l2_cycles);
}

Supply Cluster::request(uint32_t cpu, uint64_t line, Intent intent, uint64_t now) {
    ++counts_.l3.accesses;
    if (intent == Intent::own) return own(cpu, line, now);
    const Directory::Holders holders = directory_.find(line);
    if (holders.cpus != 0) return share(cpu, line, holders, now);
    return take(cpu, line, intent, now);
}

// Asks all others to give up a line; whether one had it modified. All are asked at once.
bool Cluster::invalidate_others(uint32_t others, uint64_t line, uint64_t& ready) {
    bool modified = false;
    uint64_t longest = 0;
    for (uint32_t rest = others; rest != 0; rest &= rest - 1) {
        const auto other = static_cast<uint32_t>(std::countr_zero(rest));
        ++counts_.snoops;
        ++counts_.invalidations;
        modified |= cpus_[other]->snoop_invalidate(line);
        longest = std::max(longest, snoop_time(other));
    }
    ready += longest;
    return modified;
}

Supply Cluster::own(uint32_t cpu, uint64_t line, uint64_t now) {
    const uint32_t others = directory_.find(line).cpus & ~(1u << cpu);
    Supply supply{now + l3_time_, LineState::exclusive, Source::level3};
    bool modified = invalidate_others(others, line, supply.ready);
    const LineState here = l3_.remove(line);
    modified |= here == LineState::modified;
    if (others != 0) {
        supply.source = Source::another_cpu;
        ++counts_.supplied;
    } else if (here == LineState::invalid) {
        supply.source = Source::memory;
        supply.ready = memory_.read(line, supply.ready);
        ++counts_.l3.misses;
    }
    if (modified) supply.state = LineState::modified;
    directory_.set(line, {1u << cpu, true});
    return supply;
}

// A read of what others have: from then on all share it, and level 3 has it too.
// Invariant: a line that one CPU may write is not in level 3.
Supply Cluster::share(uint32_t cpu, uint64_t line, Directory::Holders holders, uint64_t now) {
    Supply supply{now + l3_time_, LineState::shared, Source::level3};
    const bool here = l3_.touch(line) != LineState::invalid;
    if (!here) {
        const auto other = static_cast<uint32_t>(std::countr_zero(holders.cpus));
        ++counts_.snoops;
        ++counts_.supplied;
        const bool modified = cpus_[other]->snoop_share(line);
        supply.ready += snoop_time(other);
        supply.source = Source::another_cpu;
        put(line, modified ? LineState::modified : LineState::shared, supply.ready);
    }
    directory_.set(line, {holders.cpus | 1u << cpu, false});
    return supply;
}

// A read of what no other CPU has.
Supply Cluster::take(uint32_t cpu, uint64_t line, Intent intent, uint64_t now) {
    const bool shared = intent == Intent::fetch;
    Supply supply{now + l3_time_, shared ? LineState::shared : LineState::exclusive,
                  Source::level3};
    const LineState here = shared ? l3_.touch(line) : l3_.remove(line);
    if (here == LineState::invalid) {
        ++counts_.l3.misses;
        supply.source = Source::memory;
        supply.ready = memory_.read(line, supply.ready);
    } else if (!shared && here == LineState::modified) {
        supply.state = LineState::modified;
    }
    directory_.set(line, {1u << cpu, !shared});
    return supply;
}

uint64_t Cluster::upgrade(uint32_t cpu, uint64_t line, uint64_t now) {
    ++counts_.l3.accesses;
    uint64_t ready = now + l3_time_;
    // What the others and level 3 had is what this CPU has.
    invalidate_others(directory_.find(line).cpus & ~(1u << cpu), line, ready);
    l3_.remove(line);
    directory_.set(line, {1u << cpu, true});
    return ready;
}

void Cluster::evict(uint32_t cpu, const CacheLine& victim, uint64_t now) {
    Directory::Holders holders = directory_.find(victim.line);
    holders.cpus &= ~(1u << cpu);
    if (holders.cpus == 0) holders.exclusive = false;
    directory_.set(victim.line, holders);
    const bool modified = victim.state == LineState::modified;
    put(victim.line, modified ? LineState::modified : LineState::shared, now);
}

void Cluster::put(uint64_t line, LineState state, uint64_t now) {
    const LineState here = l3_.touch(line);
    if (here != LineState::invalid) {
        l3_.set_state(line, std::max(here, state));
        return;
    }
    const CacheLine victim = l3_.insert(line, state);
    if (victim.state != LineState::modified) return;
    ++counts_.l3.write_backs;
    memory_.write(victim.line, now);
}

}  // namespace orrery::memory
