// SPDX-License-Identifier: Apache-2.0
// Fair queueing: what everybody gets, against fluid sharing as the oracle.
#include "kernel/schedule/policies/fair.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <list>
#include <random>
#include <vector>

namespace kernel {
namespace {

constexpr uint64_t request = 3'000;  // ticks, at one a microsecond

// One CPU, and what its threads would have had if all had run at once.
class Cpu {
  public:
    struct Thread {
        Entity entity;
        double fair = 0;
        uint64_t had = 0;
        uint64_t total_before = 0;
        bool member = false;
    };

    explicit Cpu(FairQueue& queue) : policy(queue) {}

    void join(Thread& thread, Arrival arrival) {
        thread.member = true;
        policy.join(thread.entity, now, arrival);
        policy.queue(thread.entity);
    }
    void leave_queued(Thread& thread) {
        thread.member = false;
        policy.remove(thread.entity);
        policy.leave(thread.entity, now);
    }
    // Runs the best for its slice, or for `at_most` ticks.
    Thread& turn(uint64_t at_most) {
        Entity* entity = policy.take();
        const uint64_t ticks = std::min(policy.slice(*entity), at_most);
        for (Thread& thread : threads) {
            if (thread.member) {
                thread.fair += static_cast<double>(ticks) * thread.entity.weight /
                               static_cast<double>(policy.total_weight());
            }
        }
        now += ticks;
        policy.charge(*entity, ticks);
        policy.queue(*entity);
        auto ran = std::find_if(threads.begin(), threads.end(),
                                [entity](const Thread& t) { return &t.entity == entity; });
        ran->had += ticks;
        return *ran;
    }

    FairQueue& policy;
    std::list<Thread> threads;
    uint64_t now = 1000;
};

struct FairTest : testing::Test {
    Cpu::Thread& add(uint32_t weight) {
        Cpu::Thread& thread = cpu.threads.emplace_back();
        thread.entity.weight = weight;
        thread.entity.cpu_mask = ~uint64_t{0};
        cpu.join(thread, Arrival::New);
        return thread;
    }
    // Sum of weight times distance to virtual time is what virtual time was rounded by.
    void expect_balance() {
        int64_t sum = 0;
        for (const Cpu::Thread& thread : cpu.threads) {
            if (!thread.member) continue;
            const auto ahead =
                static_cast<int64_t>(thread.entity.fair.time - policy.virtual_time());
            sum += ahead * thread.entity.weight;
        }
        ASSERT_EQ(sum, policy.rounding());
        ASSERT_GE(sum, 0);
        ASSERT_LT(static_cast<uint64_t>(sum), std::max<uint64_t>(policy.total_weight(), 1));
    }
    class Queue final : public FairQueue {
      public:
        using FairQueue::FairQueue;
    } policy{TickRate{1'000'000}};
    Cpu cpu{policy};
};

TEST_F(FairTest, NobodyIsFurtherFromItsShareThanOneRequest) {
    for (unsigned seed = 0; seed < 40; ++seed) {
        std::mt19937 random(seed);
        Queue queue(TickRate{1'000'000});
        Cpu one(queue);
        const size_t count = 2 + random() % 30;
        for (size_t i = 0; i < count; ++i) {
            Cpu::Thread& thread = one.threads.emplace_back();
            // Over the whole range, small ones as often as large ones.
            thread.entity.weight =
                static_cast<uint32_t>(std::pow(10'000.0, (random() % 1001) / 1000.0));
            one.join(thread, Arrival::New);
        }
        double worst = 0;
        for (int turn = 0; turn < 3000; ++turn) {
            one.turn(UINT64_MAX);
            for (const Cpu::Thread& thread : one.threads) {
                worst = std::max(worst, std::abs(static_cast<double>(thread.had) - thread.fair));
            }
        }
        EXPECT_LE(worst, request + 2.0) << "seed " << seed;
        EXPECT_GT(worst, 0.0);
    }
}

TEST_F(FairTest, SharesGoByWeight) {
    Cpu::Thread& light = add(50);
    Cpu::Thread& usual = add(100);
    Cpu::Thread& heavy = add(10'000);
    while (cpu.now < 100'000'000) cpu.turn(UINT64_MAX);
    const auto total = static_cast<double>(light.had + usual.had + heavy.had);
    EXPECT_NEAR(static_cast<double>(light.had) / total, 50 / 10150.0, 1e-4);
    EXPECT_NEAR(static_cast<double>(usual.had) / total, 100 / 10150.0, 1e-4);
    EXPECT_NEAR(static_cast<double>(heavy.had) / total, 10'000 / 10150.0, 1e-4);
}

TEST_F(FairTest, ComingAndGoingKeepsTheBalanceAndTheBound) {
    std::mt19937 random(11);
    for (int i = 0; i < 12; ++i) add(1 + random() % 1000);
    // Weights that are far apart make virtual time jump when they go; real lag stays small.
    const double bound = 2.0 * request + request;
    for (int turn = 0; turn < 30'000; ++turn) {
        cpu.turn(1 + random() % 4000);
        auto thread = cpu.threads.begin();
        std::advance(thread, random() % cpu.threads.size());
        if (!thread->member) {
            cpu.join(*thread, Arrival::Woken);
        } else if (policy.size() > 1) {
            cpu.leave_queued(*thread);
        }
        expect_balance();
        for (const Cpu::Thread& each : cpu.threads) {
            if (!each.member) continue;
            const auto ahead = static_cast<int64_t>(each.entity.fair.time - policy.virtual_time());
            const double lag = -static_cast<double>(ahead) * each.entity.weight / greatest_weight;
            ASSERT_LE(std::abs(lag), bound) << "turn " << turn;
        }
    }
}

TEST_F(FairTest, WaitingEarnsNothingBeyondTwoRequests) {
    Cpu::Thread& sleeper = add(100);
    add(100);
    cpu.turn(UINT64_MAX);
    cpu.leave_queued(sleeper);
    for (int turn = 0; turn < 1000; ++turn) cpu.turn(UINT64_MAX);
    cpu.join(sleeper, Arrival::Woken);
    const auto ahead = static_cast<int64_t>(policy.virtual_time() - sleeper.entity.fair.time);
    EXPECT_LE(ahead * 100 / greatest_weight, static_cast<int64_t>(2 * request));
}

TEST_F(FairTest, ADebtIsNotLeftBehindByAShortWait) {
    Cpu::Thread& greedy = add(100);
    add(100);
    while (cpu.turn(UINT64_MAX).had != greedy.had || greedy.had == 0) {
    }
    const auto debt = static_cast<int64_t>(greedy.entity.fair.time - policy.virtual_time());
    ASSERT_GT(debt, 0);
    cpu.leave_queued(greedy);
    cpu.join(greedy, Arrival::Woken);
    EXPECT_NEAR(static_cast<double>(greedy.entity.fair.time - policy.virtual_time()),
                static_cast<double>(debt), 2.0);
    cpu.leave_queued(greedy);
    cpu.now += 10 * request;
    cpu.join(greedy, Arrival::Woken);
    EXPECT_EQ(greedy.entity.fair.time, policy.virtual_time());
}

TEST_F(FairTest, YieldingLetsTheOthersGoFirst) {
    for (int i = 0; i < 3; ++i) add(100);
    std::vector<Entity*> order;
    for (int i = 0; i < 9; ++i) {
        Entity* entity = policy.take();
        order.push_back(entity);
        policy.yield(*entity);
        policy.queue(*entity);
    }
    for (size_t i = 3; i < order.size(); ++i) EXPECT_EQ(order[i], order[i - 3]);
    EXPECT_NE(order[0], order[1]);
    EXPECT_NE(order[1], order[2]);
    EXPECT_LE(policy.slice(*order[0]), request);
}

TEST_F(FairTest, VirtualTimeMayWrap) {
    Cpu::Thread& a = add(1);
    Cpu::Thread& b = add(1);
    // 2^64 units are 2^64 / 10000 x 2 ticks with these weights: run there in large steps.
    for (int step = 0; step < 5000; ++step) {
        Entity* entity = policy.take();
        policy.charge(*entity, uint64_t{1} << 40);
        policy.queue(*entity);
        (entity == &a.entity ? a : b).had += 1;
    }
    EXPECT_NEAR(static_cast<double>(a.had), static_cast<double>(b.had), 1.0);
    expect_balance();
}

}  // namespace
}  // namespace kernel
