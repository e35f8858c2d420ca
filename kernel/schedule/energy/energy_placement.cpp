// SPDX-License-Identifier: Apache-2.0
// Energy-aware placement.
#include "kernel/schedule/energy/energy_placement.hpp"

namespace kernel {
namespace {

bool has(uint64_t mask, unsigned cpu) {
    return (mask >> cpu & 1) != 0;
}

// Of one domain, with the thread on `cpu` if that is one of it.
uint64_t domain_power(const EnergyModel& model, const EnergyDomain& domain,
                      const PlacementQuestion& question, unsigned cpu) {
    uint32_t most = 0;
    uint64_t sum = 0;
    for (uint64_t rest = domain.cpus & question.online; rest != 0; rest &= rest - 1) {
        const auto at = static_cast<unsigned>(__builtin_ctzll(rest));
        const uint32_t used = question.others[at] + (at == cpu ? question.utilisation : 0);
        sum += used;
        if (used > most) most = used;
    }
    return model.power(domain, most, sum);
}

struct Candidate {
    unsigned cpu = no_cpu;
    uint32_t used = 0;  // with the thread
    bool idle = false;
};

// Of a domain: idle CPUs first, then by spare capacity, which is the same as by use.
Candidate candidate_of(const EnergyDomain& domain, const PlacementQuestion& question) {
    Candidate best;
    for (uint64_t rest = domain.cpus & question.allowed; rest != 0; rest &= rest - 1) {
        const auto cpu = static_cast<unsigned>(__builtin_ctzll(rest));
        const Candidate next{cpu, question.others[cpu] + question.utilisation,
                             has(question.idle, cpu)};
        if (!fits(next.used, domain.capacity())) continue;
        const bool better = best.cpu == no_cpu || (next.idle && !best.idle) ||
                            (next.idle == best.idle && next.used < best.used);
        if (better) best = next;
    }
    return best;
}

}  // namespace

bool is_overutilised(const EnergyModel& model, const PlacementQuestion& question) {
    for (uint64_t rest = question.online; rest != 0; rest &= rest - 1) {
        const auto cpu = static_cast<unsigned>(__builtin_ctzll(rest));
        if (!fits(question.others[cpu], model.capacity(cpu))) return true;
    }
    return false;
}

uint64_t power_with(const EnergyModel& model, const PlacementQuestion& question, unsigned cpu) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < model.count(); ++i) {
        sum += domain_power(model, model.domain(i), question, cpu);
    }
    return sum;
}

unsigned place_by_energy(const EnergyModel& model, const PlacementQuestion& question) {
    if (is_overutilised(model, question)) return no_cpu;
    unsigned best = no_cpu;
    uint64_t least = 0;  // power that the thread adds
    for (uint32_t i = 0; i < model.count(); ++i) {
        const EnergyDomain& domain = model.domain(i);
        const Candidate candidate = candidate_of(domain, question);
        if (candidate.cpu == no_cpu) continue;
        const uint64_t without = domain_power(model, domain, question, no_cpu);
        const auto consider = [&](unsigned cpu, bool draw_wins) {
            const uint64_t added = domain_power(model, domain, question, cpu) - without;
            const bool better = best == no_cpu || added < least || (draw_wins && added == least);
            if (better) least = added;
            if (better) best = cpu;
        };
        consider(candidate.cpu, false);
        const unsigned previous = question.previous;
        if (previous == candidate.cpu || !has(domain.cpus & question.allowed, previous)) continue;
        // A CPU that is busy is not worth waiting for while another one is free.
        if (candidate.idle && !has(question.idle, previous)) continue;
        const uint32_t used = question.others[previous] + question.utilisation;
        if (fits(used, domain.capacity())) consider(previous, true);
    }
    return best;
}

unsigned place_by_capacity(const EnergyModel& model, const PlacementQuestion& question) {
    const auto fits_on = [&](unsigned cpu) {
        return fits(question.utilisation, model.capacity(cpu));
    };
    const uint64_t free = question.idle & question.allowed;
    if (has(free, question.previous) && fits_on(question.previous)) return question.previous;
    unsigned best = no_cpu;
    for (uint64_t rest = free; rest != 0; rest &= rest - 1) {
        const auto cpu = static_cast<unsigned>(__builtin_ctzll(rest));
        if (best == no_cpu) {
            best = cpu;
            continue;
        }
        const bool smaller = model.capacity(cpu) < model.capacity(best);
        const bool larger = model.capacity(cpu) > model.capacity(best);
        if (fits_on(best) ? smaller && fits_on(cpu) : larger) best = cpu;
    }
    return best;
}

}  // namespace kernel
