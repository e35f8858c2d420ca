// SPDX-License-Identifier: Apache-2.0
// The scheduler: what threads ask for, and what they lend each other (priority inheritance, Sha,
// Rajkumar and Lehoczky, IEEE Transactions on Computers 39, 1990). With a deadline its server is
// lent, so that what the borrower runs for is paid by the lender.
#include "kernel/kernel.hpp"

namespace kernel {
namespace {

using hal::Machine;

// Of two threads that could lend, or what a thread has of its own.
struct Offer {
    ScheduleParameters parameters;
    uint64_t deadline;
};

bool is_better(const Offer& a, const Offer& b) {
    if (a.parameters.schedule_class != b.parameters.schedule_class) {
        return a.parameters.schedule_class < b.parameters.schedule_class;
    }
    if (a.parameters.schedule_class == ScheduleClass::Deadline) {
        return is_before(a.deadline, b.deadline);
    }
    if (a.parameters.priority != b.parameters.priority) {
        return a.parameters.priority > b.parameters.priority;
    }
    return a.parameters.weight > b.parameters.weight;
}

Offer offer_of(const Thread& thread) {
    return {{thread.schedule_class, thread.priority, thread.weight}, thread.deadline.absolute};
}

// What it lends: all but its boost, which is passed on with its end instead.
ScheduleParameters lent_by(const Thread& thread) {
    if (thread.schedule.boosted_until != 0) return thread.schedule.unboosted;
    return {thread.schedule_class, thread.priority, thread.weight};
}

// Before all normal threads, behind those that have asked for the real-time class.
constexpr ScheduleClass boosted_class = ScheduleClass::RealTime;
constexpr uint32_t boosted_priority = 0;

}  // namespace

bool Scheduler::goes_before(const Thread& a, const Thread& b) {
    return is_better(offer_of(a), offer_of(b));
}

template <class Apply>
void Scheduler::change(Thread& thread, Arrival arrival, Apply apply) {
    Cpu& cpu = cpus_[thread.cpu];
    const uint64_t now = Machine::counter();
    const bool runs = thread.state == ThreadState::Running;
    const bool is_next = cpu.next == &thread;
    const bool member = runs || thread.state == ThreadState::Ready;
    if (runs) charge(cpu, now);
    if (member && !runs && !is_next) cpu.queue.policy_of(thread).remove(thread);
    const uint64_t ready_since = thread.schedule.figures.ready_since;
    if (member) leave(thread, now);
    apply();
    if (!member) return;
    join(thread, thread.cpu, now, arrival);
    thread.schedule.figures.ready_since = ready_since;
    Policy& policy = cpu.queue.policy_of(thread);
    if (runs || is_next) {
        policy.start(thread);
    } else {
        policy.queue(thread);
    }
    const bool look = runs || (cpu.current != nullptr && cpu.queue.preempts(thread, *cpu.current));
    if (!look && !cpu.queue.is_throttled(thread)) return;
    ask_for_look(cpu);
    send_look(thread.cpu);
}

// Puts on another server: the own one, or that of a thread that lends. What was used of the one
// before goes back to its owner.
void Scheduler::borrow_server(Thread& thread, Thread* from) {
    if (thread.server_from == from) return;
    if (thread.server_from == nullptr) {
        thread.schedule.own_server = thread.deadline;
    } else {
        thread.server_from->deadline = thread.deadline;
        thread.server_from->deadline.waits = false;
    }
    thread.server_from = from;
    thread.deadline = from == nullptr ? thread.schedule.own_server : from->deadline;
    thread.deadline.waits = false;
}

// What counts is the best of what it has and what is lent to it; likewise for whom it lends to.
void Scheduler::recompute(Thread& first) {
    // Chains are short, and lend() lets none be a circle.
    for (Thread* thread = &first; thread != nullptr; thread = thread->lent_to) {
        const DeadlineState& own_server =
            thread->server_from == nullptr ? thread->deadline : thread->schedule.own_server;
        Offer best{thread->schedule.own, own_server.absolute};
        Thread* from = nullptr;
        for (Thread* l = thread->lenders.front(); l != nullptr; l = thread->lenders.next(*l)) {
            // The one that has lent its server keeps it there while that is best.
            const Offer offer = l == thread->server_from
                                    ? Offer{lent_by(*l), thread->deadline.absolute}
                                    : Offer{lent_by(*l), l->deadline.absolute};
            if (!is_better(offer, best)) continue;
            best = offer;
            from = l;
        }
        thread->schedule.unboosted = best.parameters;
        if (thread->schedule.boosted_until != 0 &&
            best.parameters.schedule_class == ScheduleClass::Normal) {
            best.parameters.schedule_class = boosted_class;
            best.parameters.priority = boosted_priority;
        }
        const bool server = best.parameters.schedule_class == ScheduleClass::Deadline;
        const bool same = thread->schedule_class == best.parameters.schedule_class &&
                          thread->priority == best.parameters.priority &&
                          thread->weight == best.parameters.weight &&
                          thread->server_from == (server ? from : nullptr);
        if (same) return;
        change(*thread, Arrival::Migrated, [&] {
            borrow_server(*thread, server ? from : nullptr);
            thread->schedule_class = best.parameters.schedule_class;
            thread->priority = best.parameters.priority;
            thread->weight = best.parameters.weight;
        });
    }
}

void Scheduler::lend(Thread& from, Thread& to) {
    end_loans();
    if (from.lent_to != nullptr) return;
    for (const Thread* at = &to; at != nullptr; at = at->lent_to) {
        if (at == &from) return;
    }
    from.lent_to = &to;
    to.lenders.push_back(from);
    recompute(to);
    boost(to, from.schedule.boosted_until);
}

void Scheduler::boost(Thread& thread, uint64_t until) {
    ThreadSchedule& schedule = thread.schedule;
    const uint64_t now = Machine::counter();
    if (until == 0 || !is_before(now, until)) return;
    if (schedule.boosted_until != 0 && !is_before(schedule.boosted_until, until)) return;
    end_loans();
    // One that waits may still have one that is over.
    if (!is_before(now, schedule.boosted_until)) ++schedule.figures.boosts;
    schedule.boosted_until = until;
    recompute(thread);
    if (thread.lent_to != nullptr) boost(*thread.lent_to, until);
}

void Scheduler::boost_for_input(Thread& thread) {
    boost(thread, input_boost());
}

uint64_t Scheduler::input_boost() const {
    return input_boost_ == 0 ? 0 : Machine::counter() + input_boost_;
}

void Scheduler::end_boost_if_over(Thread& thread, uint64_t now) {
    uint64_t& until = thread.schedule.boosted_until;
    if (until == 0 || is_before(now, until)) return;
    end_loans();
    until = 0;
    recompute(thread);
}

void Scheduler::take_back(Thread& from) {
    end_loans();
    Thread* const to = from.lent_to;
    if (to == nullptr) return;
    if (to->state == ThreadState::Running) charge(cpus_[to->cpu], Machine::counter());
    to->lenders.remove(from);
    from.lent_to = nullptr;
    recompute(*to);
}

void Scheduler::take_back_all(Thread& to, const FutexKey& word) {
    end_loans();
    if (to.state == ThreadState::Running) charge(cpus_[to.cpu], Machine::counter());
    for (Thread* next = to.lenders.front(); next != nullptr;) {
        Thread& from = *next;
        next = to.lenders.next(from);
        if (from.state != ThreadState::WaitFutex || from.futex_key != word) continue;
        to.lenders.remove(from);
        from.lent_to = nullptr;
    }
    recompute(to);
}

void Scheduler::forget(Thread& thread) {
    end_loans();
    take_back(thread);
    while (Thread* lender = thread.lenders.front()) take_back(*lender);
    ThreadSchedule& schedule = thread.schedule;
    if (schedule.reserved_on == Reservations::none) return;
    reservations_.give_back(schedule.reserved, schedule.reserved_on);
    show(schedule.reserved_on, Machine::counter());
    schedule.reserved_on = Reservations::none;
}

Status Scheduler::set_parameters(Thread& thread, const ScheduleParameters& wanted,
                                 const DeadlineState& server, uint64_t cpu_mask) {
    end_loans();
    const uint64_t mask = cpu_mask == 0 ? thread.cpu_mask : cpu_mask;
    if ((mask & online_mask_) == 0) return Status::InvalidArgument;
    const bool deadline = wanted.schedule_class == ScheduleClass::Deadline;
    ThreadSchedule& schedule = thread.schedule;

    // Its own share counts no more, but comes back when the new one does not fit.
    const unsigned old_cpu = schedule.reserved_on;
    const uint32_t old_share = schedule.reserved;
    if (old_cpu != Reservations::none) reservations_.give_back(old_share, old_cpu);
    schedule.reserved_on = Reservations::none;
    if (deadline) {
        const uint32_t share = Reservations::share_of(server);
        uint64_t cpus = mask & online_mask_;
        if ((cpus & ~isolated_mask_) != 0) cpus &= ~isolated_mask_;
        const unsigned cpu = reservations_.reserve(share, cpus);
        if (cpu == Reservations::none) {
            if (old_cpu != Reservations::none) {
                (void)reservations_.reserve(old_share, uint64_t{1} << old_cpu);
            }
            schedule.reserved_on = old_cpu;
            return Status::LimitReached;
        }
        schedule.reserved_on = cpu;
        schedule.reserved = share;
    }

    // A server begins anew, at the next wake-up or at once.
    const uint64_t now = Machine::counter();
    change(thread, Arrival::Migrated, [&] {
        thread.cpu_mask = mask;
        schedule.own = wanted;
        if (!deadline) return;
        DeadlineState& own = thread.server_from == nullptr ? thread.deadline : schedule.own_server;
        own = server;
        own.absolute = now + server.relative;
        own.remaining = static_cast<int64_t>(server.runtime);
    });
    recompute(thread);
    settle_place(thread);
    for (const unsigned cpu : {old_cpu, schedule.reserved_on}) {
        if (cpu != Reservations::none) show(cpu, now);
    }
    return Status::Ok;
}

// Sends a thread that may not stay, or whose time is reserved elsewhere, to where it belongs.
void Scheduler::settle_place(Thread& thread) {
    if (may_stay(thread)) return;
    if (thread.state == ThreadState::Running) {
        prod(thread);  // it sees on its way out of the kernel
    } else if (thread.state == ThreadState::Ready) {
        remove_ready(thread);
        place(thread, Arrival::Migrated);
    }
}

void Scheduler::bring_up_to_date(Thread& thread) {
    end_loans();
    if (thread.state == ThreadState::Running) charge(cpus_[thread.cpu], Machine::counter());
}

}  // namespace kernel
