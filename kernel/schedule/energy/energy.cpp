// SPDX-License-Identifier: Apache-2.0
// Energy: the books, placement, and the way to the clocks.
#include "kernel/schedule/energy/energy.hpp"

#include "kernel/kernel.hpp"

namespace kernel {
namespace {

using hal::Machine;

// How often an idle domain is looked at while its clock is not the lowest: modelled.
constexpr uint64_t idle_review = 16'000'000;  // nanoseconds
// What a thread that serves input counts for at least, as with uclamp.min of Linux
// (Documentation/scheduler/sched-util-clamp.rst): modelled.
constexpr uint32_t boosted_utilisation = EnergyModel::full_capacity / 2;

uint32_t with_boost(const Thread& thread) {
    const uint32_t own = thread.utilisation.value();
    return thread.schedule.boosted_until != 0 && own < boosted_utilisation ? boosted_utilisation
                                                                           : own;
}

}  // namespace

void Energy::initialise(const MachineDescription& machine, const Clocks& clocks,
                        const CommandLine& options) {
    if (!options.energy_placement && options.governor == Governor::None) return;
    if (!make_energy_model(machine, clocks, model_)) {
        model_.clear();
        log("energy: the device tree gives no operating points with power, placement idle_first, "
            "governor none");
        return;
    }
    decay_ = Decay(kernel().info.timer_frequency);
    governor_ = options.governor;
    places_ = options.energy_placement;
    tracks_ = places_ || governor_ == Governor::Schedutil;
    idle_review_interval_ = ticks_of(idle_review);
    const PerformanceWish wish = boot_clocks(options);
    for (uint32_t i = 0; i < model_.count(); ++i) {
        governors_[i].set_interval(ticks_of(FrequencyGovernor::change_interval));
        clock_changed(i, choose_level(clocks.domain(i), wish));
    }
    log("energy: {} domains, placement {}, governor {}", model_.count(),
        places_ ? "energy" : "idle_first", governor_name(governor_));
}

void Energy::advance_cpu(unsigned cpu, uint64_t now) {
    const bool runs = (running_ >> cpu & 1) != 0;
    const std::atomic<uint32_t>& capacity = capacity_now_[model_.domain_of(cpu)];
    used_[cpu].advance(now, runs ? capacity.load(std::memory_order_relaxed) : 0, decay_);
}

// Moves what the thread uses from the CPU where it counted before.
void Energy::count_on(Thread& thread, unsigned cpu, uint64_t now) {
    if (thread.counted_on == cpu) return;
    advance_cpu(cpu, now);
    if (thread.counted_on != no_cpu) {
        advance_cpu(thread.counted_on, now);
        used_[thread.counted_on].subtract(thread.utilisation);
    }
    used_[cpu].add(thread.utilisation);
    thread.counted_on = cpu;
}

void Energy::begin(Thread& thread, uint64_t now) {
    if (!tracks_) return;
    const unsigned cpu = Machine::cpu_index();
    advance_cpu(cpu, now);
    thread.utilisation.advance(now, 0, decay_);
    count_on(thread, cpu, now);  // another CPU's queue may have had it
    running_ |= uint64_t{1} << cpu;
    if (thread.schedule.boosted_until != 0) boosted_ |= uint64_t{1} << cpu;
    review(model_.domain_of(cpu), now);
}

void Energy::go_on(Thread& thread, uint64_t now) {
    if (!tracks_) return;
    const unsigned cpu = Machine::cpu_index();
    const uint32_t domain = model_.domain_of(cpu);
    advance_cpu(cpu, now);
    thread.utilisation.advance(now, capacity_now_[domain].load(std::memory_order_relaxed), decay_);
    review(domain, now);
}

void Energy::end(Thread& thread, uint64_t now) {
    if (!tracks_) return;
    go_on(thread, now);
    running_ &= ~(uint64_t{1} << Machine::cpu_index());
    boosted_ &= running_;
}

void Energy::idle(uint64_t now) {
    if (!tracks_) return;
    review(model_.domain_of(Machine::cpu_index()), now);
}

unsigned Energy::choose(Thread& thread, uint64_t online, uint64_t allowed, uint64_t idle) {
    if (!tracks_) return no_cpu;
    const uint64_t now = Machine::counter();
    if (thread.counted_on == no_cpu) {
        // What a new thread will use is not known: half of the smallest CPU. Modelled.
        uint32_t least = EnergyModel::full_capacity;
        for (uint32_t i = 0; i < model_.count(); ++i) {
            if (model_.domain(i).capacity() < least) least = model_.domain(i).capacity();
        }
        thread.utilisation.set(now, least / 2);
    }
    thread.utilisation.advance(now, 0, decay_);
    if (!places_) return no_cpu;
    PlacementQuestion question{.online = online,
                               .allowed = allowed,
                               .idle = idle,
                               .previous = thread.cpu,
                               .utilisation = with_boost(thread)};
    for (uint64_t rest = online; rest != 0; rest &= rest - 1) {
        const auto cpu = static_cast<unsigned>(__builtin_ctzll(rest));
        advance_cpu(cpu, now);
        Utilisation others = used_[cpu];
        if (cpu == thread.counted_on) others.subtract(thread.utilisation);
        question.others[cpu] = others.value();
    }
    const unsigned cheapest = place_by_energy(model_, question);
    return cheapest != no_cpu ? cheapest : place_by_capacity(model_, question);
}

void Energy::placed(Thread& thread, unsigned cpu) {
    if (!tracks_) return;
    const uint64_t now = Machine::counter();
    thread.utilisation.advance(now, 0, decay_);
    count_on(thread, cpu, now);
    review(model_.domain_of(cpu), now);
}

bool Energy::should_move(const Thread& thread, uint64_t idle) const {
    if (!places_ || fits(with_boost(thread), model_.capacity(thread.cpu))) return false;
    for (uint64_t rest = idle & thread.cpu_mask; rest != 0; rest &= rest - 1) {
        const auto cpu = static_cast<unsigned>(__builtin_ctzll(rest));
        if (model_.capacity(cpu) > model_.capacity(thread.cpu)) return true;
    }
    return false;
}

// Safety: the utilisations of a domain's CPUs are read at one time, as the lock is held.
void Energy::review(uint32_t domain, uint64_t now) {
    if (governor_ != Governor::Schedutil || governors_[domain].must_wait(now)) return;
    uint32_t most = 0;
    for (uint64_t rest = model_.domain(domain).cpus; rest != 0; rest &= rest - 1) {
        const auto cpu = static_cast<unsigned>(__builtin_ctzll(rest));
        advance_cpu(cpu, now);
        const uint32_t used = used_[cpu].value();
        if (used > most) most = used;
    }
    const bool boosted = (boosted_ & model_.domain(domain).cpus) != 0;
    if (boosted && most < boosted_utilisation) most = boosted_utilisation;
    const uint32_t kilohertz = governors_[domain].consider(now, model_.domain(domain), most);
    if (kilohertz == 0) return;
    wanted_[domain].store(kilohertz, std::memory_order_relaxed);
    pending_.fetch_or(1U << domain, std::memory_order_release);
}

uint64_t Energy::next_review() const {
    if (governor_ != Governor::Schedutil) return UINT64_MAX;
    const uint32_t index = model_.domain_of(Machine::cpu_index());
    const EnergyDomain& domain = model_.domain(index);
    const bool is_lowest = governors_[index].asked() == domain.points[0].kilohertz;
    if (is_lowest || (running_ & domain.cpus) != 0) return UINT64_MAX;
    return Machine::counter() + idle_review_interval_;
}

// One CPU at a time, so that a later wish is never overtaken by an earlier one. Who finds another
// at it leaves the wish there: the other looks once more when it is done.
void Energy::apply() {
    while (pending_.load(std::memory_order_relaxed) != 0) {
        if (applying_.exchange(true, std::memory_order_acquire)) return;
        carry_out(pending_.exchange(0, std::memory_order_acquire));
        applying_.store(false, std::memory_order_release);
    }
}

void Energy::carry_out(uint32_t domains) {
    Kernel& k = kernel();
    for (; domains != 0; domains &= domains - 1) {
        const auto domain = static_cast<uint32_t>(__builtin_ctz(domains));
        const uint32_t kilohertz = wanted_[domain].load(std::memory_order_relaxed);
        const Status status = k.clocks.set(domain, kilohertz, 0);
        if (status == Status::Ok) {
            capacity_now_[domain].store(model_.domain(domain).capacity_at(kilohertz),
                                        std::memory_order_relaxed);
            continue;
        }
        {
            const LockGuard guard(k.scheduler.lock());
            governor_ = Governor::None;
        }
        log("energy: the platform does not set clocks ({}), governor none from now on",
            abi::status_name(status));
    }
}

void Energy::clock_changed(uint32_t domain, uint32_t kilohertz) {
    if (domain >= model_.count()) return;
    capacity_now_[domain].store(model_.domain(domain).capacity_at(kilohertz),
                                std::memory_order_relaxed);
    const LockGuard guard(kernel().scheduler.lock());
    governors_[domain].note(kilohertz);
}

}  // namespace kernel
