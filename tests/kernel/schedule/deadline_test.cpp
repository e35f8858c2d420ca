// SPDX-License-Identifier: Apache-2.0
// Deadline scheduling: the rules of sched-deadline.rst one by one, and its bounds over random sets.
#include "kernel/schedule/policies/deadline.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

namespace kernel {
namespace {

void reserve(Entity& entity, uint64_t runtime, uint64_t relative, uint64_t period) {
    entity.deadline.runtime = runtime;
    entity.deadline.relative = relative;
    entity.deadline.period = period;
    entity.cpu_mask = ~uint64_t{0};
}

// M CPUs that share one queue, and threads whose jobs come at each period.
class Machine {
  public:
    struct Thread {
        Entity entity;
        uint64_t work = 0;     // of each job
        bool endless = false;  // its first job never ends
        uint64_t release = 0;  // of the next job
        uint64_t due = 0;      // of the job under way
        uint64_t left = 0;     // of it; 0: it waits
        uint64_t jobs = 0;
        int64_t lateness = INT64_MIN;
        uint64_t had = 0;
    };

    explicit Machine(size_t cpus) : running_(cpus, nullptr) {}

    Thread& add(uint64_t runtime, uint64_t relative, uint64_t period, uint64_t offset) {
        threads.push_back(std::make_unique<Thread>());
        Thread& thread = *threads.back();
        reserve(thread.entity, runtime, relative, period);
        thread.work = runtime;
        thread.release = offset;
        return thread;
    }

    void run_until(uint64_t end) {
        while (now < end) {
            release();
            queue.replenish(now);
            dispatch();
            const uint64_t step = std::min(next_event(), end) - now;
            now += step;
            for (Thread*& thread : running_) {
                if (thread != nullptr && advance(*thread, step)) thread = nullptr;
            }
        }
    }

    DeadlineQueue queue;
    std::vector<std::unique_ptr<Thread>> threads;
    uint64_t now = 0;

  private:
    void begin_job(Thread& thread) {
        thread.left = thread.endless ? UINT64_MAX : thread.work;
        thread.due = thread.release + thread.entity.deadline.relative;
        thread.release += thread.entity.deadline.period;
    }
    void release() {
        for (const auto& thread : threads) {
            if (thread->left != 0 || thread->release > now) continue;
            begin_job(*thread);
            queue.join(thread->entity, now, thread->jobs == 0 ? Arrival::New : Arrival::Woken);
            queue.queue(thread->entity);
        }
    }
    // The earliest deadlines run.
    void dispatch() {
        for (Thread*& thread : running_) {
            if (thread != nullptr) queue.queue(thread->entity);
            thread = nullptr;
        }
        for (Thread*& place : running_) {
            Entity* entity = queue.take();
            if (entity == nullptr) continue;
            for (const auto& thread : threads) {
                if (&thread->entity == entity) place = thread.get();
            }
        }
    }
    uint64_t next_event() {
        uint64_t next = queue.next_replenishment();
        for (const auto& thread : threads) {
            if (thread->left == 0) next = std::min(next, thread->release);
        }
        for (Thread* thread : running_) {
            if (thread == nullptr) continue;
            next = std::min(next, now + std::min(thread->left, queue.slice(thread->entity)));
        }
        return std::max(next, now + 1);
    }
    // Whether it leaves its CPU.
    bool advance(Thread& thread, uint64_t step) {
        queue.charge(thread.entity, step);
        thread.had += step;
        if (thread.endless) return false;
        thread.left -= step;
        if (thread.left != 0) return false;
        ++thread.jobs;
        thread.lateness = std::max(thread.lateness, static_cast<int64_t>(now - thread.due));
        if (thread.release <= now) {
            begin_job(thread);  // it is late, and goes on at once
            return false;
        }
        queue.leave(thread.entity, now);
        return true;
    }

    std::vector<Thread*> running_;
};

// Parts of `total` that add up to no more than it, each at most `most`.
std::vector<double> parts(std::mt19937& random, size_t count, double total, double most) {
    for (;;) {
        std::vector<double> result(count);
        for (double& part : result) part = std::uniform_real_distribution(0.01, 1.0)(random);
        const double sum = std::accumulate(result.begin(), result.end(), 0.0);
        for (double& part : result) part *= total / sum;
        if (*std::max_element(result.begin(), result.end()) <= most) return result;
    }
}

TEST(DeadlineQueue, KeepsEveryDeadlineUpToFullUse) {
    for (unsigned seed = 0; seed < 60; ++seed) {
        std::mt19937 random(seed);
        Machine machine(1);
        double use = 0;
        for (const double part : parts(random, 2 + random() % 9, 1.0, 1.0)) {
            const uint64_t period = 500 + random() % 20'000;
            const auto runtime = static_cast<uint64_t>(part * static_cast<double>(period));
            if (runtime == 0) continue;
            use += static_cast<double>(runtime) / static_cast<double>(period);
            machine.add(runtime, period, period, random() % 5000);
        }
        ASSERT_LE(use, 1.0);
        ASSERT_GT(use, 0.9);
        machine.run_until(1'000'000);
        for (const auto& thread : machine.threads) {
            EXPECT_GT(thread->jobs, 10U);
            EXPECT_LE(thread->lateness, 0) << "seed " << seed;
        }
    }
}

TEST(DeadlineQueue, KeepsConstrainedDeadlinesUpToFullDensity) {
    for (unsigned seed = 0; seed < 60; ++seed) {
        std::mt19937 random(seed);
        Machine machine(1);
        for (const double part : parts(random, 2 + random() % 6, 1.0, 1.0)) {
            const uint64_t relative = 500 + random() % 10'000;
            const auto runtime = static_cast<uint64_t>(part * static_cast<double>(relative));
            if (runtime == 0) continue;
            machine.add(runtime, relative, relative + random() % 10'000, random() % 5000);
        }
        machine.run_until(1'000'000);
        for (const auto& thread : machine.threads)
            EXPECT_LE(thread->lateness, 0) << "seed " << seed;
    }
}

TEST(DeadlineQueue, WhoWantsMoreThanReservedHarmsNobody) {
    for (unsigned seed = 0; seed < 30; ++seed) {
        std::mt19937 random(seed);
        Machine machine(1);
        for (const double part : parts(random, 4, 0.95, 0.9)) {
            const uint64_t period = 1000 + random() % 20'000;
            const auto runtime = static_cast<uint64_t>(part * static_cast<double>(period)) + 1;
            machine.add(runtime, period, period, 0);
        }
        Machine::Thread& greedy = *machine.threads[0];
        greedy.endless = true;
        machine.run_until(1'000'000);
        for (const auto& thread : machine.threads) {
            if (thread.get() != &greedy) EXPECT_LE(thread->lateness, 0) << "seed " << seed;
        }
        // And it has what it reserved, no more: the last period may be under way.
        const DeadlineState& server = greedy.entity.deadline;
        EXPECT_LE(greedy.had, (1'000'000 / server.period + 1) * server.runtime);
        EXPECT_GE(greedy.had, (1'000'000 / server.period - 1) * server.runtime);
        EXPECT_GT(server.throttled, 10U);
    }
}

TEST(DeadlineQueue, IsLateByNoMoreThanTheBoundOnSeveralCpus) {
    for (unsigned seed = 0; seed < 60; ++seed) {
        std::mt19937 random(seed);
        const size_t cpus = 2 + seed % 3;
        Machine machine(cpus);
        double most_use = 0;
        double most_work = 0;
        double least_work = 1e18;
        for (const double part : parts(random, cpus * 2 + 2, static_cast<double>(cpus), 1.0)) {
            const uint64_t period = 1000 + random() % 10'000;
            const uint64_t runtime =
                std::max<uint64_t>(1, static_cast<uint64_t>(part * static_cast<double>(period)));
            machine.add(runtime, period, period, 0);
            const auto work = static_cast<double>(runtime);
            most_use = std::max(most_use, work / static_cast<double>(period));
            most_work = std::max(most_work, work);
            least_work = std::min(least_work, work);
        }
        machine.run_until(1'000'000);
        const auto m = static_cast<double>(cpus);
        const double bound =
            ((m - 1) * most_work - least_work) / (m - (m - 2) * most_use) + most_work;
        for (const auto& thread : machine.threads) {
            EXPECT_LE(static_cast<double>(thread->lateness), bound + 1) << "seed " << seed;
        }
    }
}

TEST(DeadlineQueue, AWakeUpKeepsTheServerOnlyWithinItsShare) {
    DeadlineQueue queue;
    Entity entity;
    reserve(entity, 100, 1000, 1000);
    queue.join(entity, 5000, Arrival::New);
    EXPECT_EQ(entity.deadline.absolute, 6000U);
    EXPECT_EQ(entity.deadline.remaining, 100);
    queue.charge(entity, 60);
    queue.leave(entity, 5060);
    // 40 / (6000 - 5600) is just 100 / 1000: kept.
    queue.join(entity, 5600, Arrival::Woken);
    EXPECT_EQ(entity.deadline.absolute, 6000U);
    EXPECT_EQ(entity.deadline.remaining, 40);
    // One tick later it is more: a new period.
    queue.join(entity, 5601, Arrival::Woken);
    EXPECT_EQ(entity.deadline.absolute, 6601U);
    EXPECT_EQ(entity.deadline.remaining, 100);
    // A deadline that is over: a new period, whatever is left.
    queue.charge(entity, 99);
    queue.join(entity, 6602, Arrival::Woken);
    EXPECT_EQ(entity.deadline.absolute, 7602U);
    EXPECT_EQ(entity.deadline.remaining, 100);
}

TEST(DeadlineQueue, WhatIsUsedUpComesBackAtTheDeadline) {
    DeadlineQueue queue;
    Entity entity;
    reserve(entity, 100, 500, 1000);
    queue.join(entity, 0, Arrival::New);
    queue.charge(entity, 130);
    EXPECT_EQ(queue.slice(entity), 0U);
    queue.queue(entity);
    EXPECT_EQ(queue.size(), 0U);
    EXPECT_EQ(queue.take(), nullptr);
    EXPECT_EQ(queue.next_replenishment(), 500U);
    EXPECT_FALSE(queue.replenish(499));
    EXPECT_TRUE(queue.replenish(500));
    EXPECT_EQ(entity.deadline.absolute, 1500U);
    EXPECT_EQ(entity.deadline.remaining, 70);
    EXPECT_EQ(queue.take(), &entity);
    // More than a period too much is paid with periods.
    queue.charge(entity, 70 + 250);
    queue.queue(entity);
    EXPECT_TRUE(queue.replenish(1500));
    EXPECT_EQ(entity.deadline.absolute, 4500U);
    EXPECT_EQ(entity.deadline.remaining, 50);
}

TEST(DeadlineQueue, YieldingGivesUpTheRestOfThePeriod) {
    DeadlineQueue queue;
    Entity entity;
    reserve(entity, 100, 1000, 1000);
    queue.join(entity, 0, Arrival::New);
    queue.charge(entity, 10);
    queue.yield(entity);
    queue.queue(entity);
    EXPECT_EQ(queue.take(), nullptr);
    EXPECT_TRUE(queue.replenish(1000));
    EXPECT_EQ(queue.take(), &entity);
    EXPECT_EQ(entity.deadline.remaining, 100);
}

TEST(Reservations, AddUpToNoMoreThanTheirLimit) {
    std::mt19937 random(3);
    for (int set = 0; set < 200; ++set) {
        Reservations reservations;
        double used[8] = {};
        for (int i = 0; i < 100; ++i) {
            DeadlineState wish;
            wish.relative = 1 + random() % 100'000;
            wish.period = wish.relative + random() % 1000;
            wish.runtime = 1 + random() % wish.relative;
            ASSERT_TRUE(Reservations::is_possible(wish));
            const uint32_t share = Reservations::share_of(wish);
            const unsigned cpu = reservations.reserve(share, 0xff);
            const double part =
                static_cast<double>(wish.runtime) / static_cast<double>(wish.relative);
            if (cpu == Reservations::none) {
                for (const double sum : used) EXPECT_GT(sum + part, 0.95 - 1e-4);
            } else {
                used[cpu] += part;
                EXPECT_LE(used[cpu], 0.95);
            }
        }
    }
}

TEST(Reservations, RefuseWhatCannotBe) {
    DeadlineState wish;
    const auto possible = [&wish](uint64_t runtime, uint64_t relative, uint64_t period) {
        wish.runtime = runtime;
        wish.relative = relative;
        wish.period = period;
        return Reservations::is_possible(wish);
    };
    EXPECT_TRUE(possible(1, 1, 1));
    EXPECT_FALSE(possible(0, 10, 10));
    EXPECT_FALSE(possible(11, 10, 10));
    EXPECT_FALSE(possible(1, 11, 10));
    EXPECT_FALSE(possible(1, 10, Reservations::longest_period + 1));
    Reservations reservations;
    EXPECT_EQ(reservations.reserve(Reservations::whole / 2, 1), 0U);
    EXPECT_EQ(reservations.reserve(Reservations::whole / 2, 1), Reservations::none);
    EXPECT_EQ(reservations.reserve(Reservations::whole / 2, 2), 1U);
    reservations.give_back(Reservations::whole / 2, 0);
    EXPECT_EQ(reservations.reserve(Reservations::whole / 2, 1), 0U);
}

}  // namespace
}  // namespace kernel
