// SPDX-License-Identifier: Apache-2.0
// Words that threads wait on: the table, and the two calls.
#include <gtest/gtest.h>

#include "kernel/abi/message.hpp"
#include "kernel/sync/futex_table.hpp"
#include "tests/kernel/elf_builder.hpp"
#include "tests/kernel/running_kernel.hpp"

namespace kernel {
namespace {

TEST(FutexTable, FindsWhoHasWaitedLongest) {
    FutexTable table;
    Thread threads[4];
    const FutexKey here{7, 64};
    const FutexKey there{7, 68};
    EXPECT_EQ(table.first(here), nullptr);
    table.add(threads[0], there);
    table.add(threads[1], here);
    table.add(threads[2], here);
    table.add(threads[3], {8, 64});
    EXPECT_EQ(table.first(here), &threads[1]);
    EXPECT_GE(table.at_most(here), 2U);
    threads[1].waits_in->remove(threads[1]);
    EXPECT_EQ(table.first(here), &threads[2]);
    threads[2].waits_in->remove(threads[2]);
    EXPECT_EQ(table.first(here), nullptr);
    EXPECT_EQ(table.first(there), &threads[0]);
    EXPECT_EQ(table.first({8, 64}), &threads[3]);
}

TEST(FutexTable, SpreadsWordsOfOneObject) {
    FutexTable table;
    std::vector<Thread> threads(512);
    for (uint64_t i = 0; i < threads.size(); ++i) table.add(threads[i], {3, i * 4});
    for (uint64_t i = 0; i < threads.size(); ++i) {
        EXPECT_LE(table.at_most({3, i * 4}), 8U);
        EXPECT_EQ(table.first({3, i * 4}), &threads[i]);
    }
}

struct FutexTest : KernelTest {
    static constexpr uint64_t code = ElfBuilder::code_at + 0x100;
    static constexpr uint64_t word = buffer + 0x40;

    uint64_t create() { return create_thread({code, buffer + 0x1000, 0, 0}); }
    void run_thread(uint64_t id) {
        for (unsigned i = 0; i < 100 && thread().id != id; ++i) start_call(Call::ThreadYield);
        EXPECT_EQ(thread().id, id);
    }
    // The running thread begins to wait on a word with 5 in it; another one runs then.
    void wait(uint64_t deadline = abi::wait_forever, uint64_t address = word) {
        constexpr uint32_t five = 5;
        EXPECT_EQ(space().write(address, &five, sizeof five), Status::Ok);
        const uint64_t caller = thread().id;
        start_call(Call::FutexWait, {address, 5, deadline});
        EXPECT_NE(thread().id, caller);
    }
    uint64_t wake(uint64_t count, uint64_t address = word) {
        return call(Call::FutexWake, {address, count});
    }
    uint64_t now() { return call(Call::ClockNow); }
    const uint64_t first = thread().id;
};

TEST_F(FutexTest, WaitsOnlyForWhatIsThere) {
    poke_value<uint32_t>(word, 5);
    EXPECT_EQ(call(Call::FutexWait, {word, 6, abi::wait_forever}), failure(Status::WouldBlock));
    EXPECT_EQ(call(Call::FutexWait, {word, 5, 0}), failure(Status::TimedOut));
    EXPECT_EQ(call(Call::FutexWait, {word, uint64_t{1} << 32 | 5, 0}), failure(Status::TimedOut))
        << "the word has 32 bits";
    EXPECT_EQ(wake(1), 0U);
    expect_no_loss();
}

TEST_F(FutexTest, RefusesBadAddresses) {
    for (const uint64_t address : {uint64_t{0}, abi::user_end, UINT64_MAX - 3, uint64_t{0x10000}}) {
        EXPECT_EQ(call(Call::FutexWait, {address, 0, 0}), failure(Status::BadAddress)) << address;
        EXPECT_EQ(call(Call::FutexWake, {address, 1}), failure(Status::BadAddress)) << address;
    }
    EXPECT_EQ(call(Call::FutexWait, {word + 2, 0, 0}), failure(Status::InvalidArgument));
    EXPECT_EQ(call(Call::FutexWake, {word + 2, 1}), failure(Status::InvalidArgument));
    expect_no_loss();
}

TEST_F(FutexTest, WakesInTheOrderOfWaiting) {
    const uint64_t second = create();
    const uint64_t third = create();
    const uint64_t fourth = create();
    for (const uint64_t id : {second, third, fourth}) {
        run_thread(id);
        wait();
    }
    ASSERT_EQ(thread().id, first);
    EXPECT_EQ(wake(1, word + 4), 0U) << "another word";
    EXPECT_EQ(wake(0), 0U);
    EXPECT_EQ(wake(1), 1U);
    run_thread(second);
    EXPECT_EQ(frame->x[0], 0U);
    EXPECT_EQ(wake(UINT64_MAX), 2U);
    run_thread(third);
    EXPECT_EQ(frame->x[0], 0U);
    run_thread(fourth);
    EXPECT_EQ(wake(UINT64_MAX), 0U);
}

TEST_F(FutexTest, WakesAllOfMany) {
    std::vector<uint64_t> ids;
    for (unsigned i = 1; i < 20; ++i) ids.push_back(create());
    for (const uint64_t id : ids) {
        run_thread(id);
        wait();
    }
    EXPECT_EQ(wake(6), 6U);
    EXPECT_EQ(wake(UINT64_MAX), 13U);
    for (const uint64_t id : ids) run_thread(id);
}

TEST_F(FutexTest, EndsAtItsDeadline) {
    const uint64_t second = create();
    run_thread(second);
    const uint64_t until = now() + 5'000'000;
    wait(until);
    ASSERT_EQ(thread().id, first);
    start_call(Call::ThreadSleep, {50'000'000});
    ASSERT_EQ(thread().id, second);
    EXPECT_EQ(frame->x[0], failure(Status::TimedOut));
    EXPECT_GE(now(), until);
    EXPECT_EQ(wake(1), 0U) << "nobody waits any more";

    wait(now() + 200'000'000);
    ASSERT_EQ(thread().id, first) << "it slept until then";
    EXPECT_EQ(wake(1), 1U);
    run_thread(second);
    EXPECT_EQ(frame->x[0], 0U);
    // The deadline of a wait that is over wakes nobody.
    poke_value<uint32_t>(word, 5);
    start_call(Call::FutexWait, {word, 5, abi::wait_forever});
    ASSERT_EQ(thread().id, first);
    start_call(Call::ThreadSleep, {400'000'000});
    EXPECT_EQ(thread().id, first);
}

TEST_F(FutexTest, OneWordThroughTwoMappings) {
    const uint64_t object = call(Call::MemoryObjectCreate, {0, page});
    const auto map = [&](uint32_t flags) {
        abi::MapArguments arguments{};
        arguments.handle = static_cast<uint32_t>(object);
        arguments.protection = abi::ProtectionRead | abi::ProtectionWrite;
        arguments.flags = flags;
        poke_value(buffer, arguments);
        return call(Call::MemoryMapObject, {buffer});
    };
    const uint64_t here = map(0);
    const uint64_t there = map(0);
    const uint64_t own = map(abi::MapPrivate);
    ASSERT_LT(own, abi::user_end);
    const uint64_t second = create();
    run_thread(second);
    wait(abi::wait_forever, here + 8);
    EXPECT_EQ(wake(1, own + 8), 0U) << "a copy is something else";
    EXPECT_EQ(wake(1, there + 4), 0U);
    EXPECT_EQ(wake(1, there + 8), 1U);
    run_thread(second);
}

TEST_F(FutexTest, AnObjectThatIsGoneIsNotMistakenForANewOne) {
    const auto map = [&] {
        return call(Call::MemoryMap, {page, abi::ProtectionRead | abi::ProtectionWrite, 0});
    };
    const uint64_t before = map();
    const uint64_t second = create();
    run_thread(second);
    wait(abi::wait_forever, before);
    EXPECT_EQ(call(Call::MemoryUnmap, {before, page}), 0U);
    const uint64_t after = map();
    ASSERT_EQ(after, before) << "at the same address";
    EXPECT_EQ(wake(1, after), 0U);
}

TEST_F(FutexTest, ATaskEndsWhileItsThreadsWait) {
    const uint64_t child = spawn("bin/child");
    run_task(child);
    poke_value<uint32_t>(word, 5);
    const uint64_t other = create();
    start_call(Call::FutexWait, {word, 5, now() + 1'000'000'000});
    run_thread(other);
    start_call(Call::FutexWait, {word, 5, abi::wait_forever});
    ASSERT_EQ(task().id, 1U);
    EXPECT_EQ(call(Call::TaskKill, {right_to_task(child)}), 0U);
    EXPECT_EQ(call(Call::TaskWait, {right_to_task(child), buffer}), 0U);
    start_call(Call::ThreadSleep, {2'000'000'000});
    EXPECT_EQ(thread().id, first);
    expect_no_loss();
}

}  // namespace
}  // namespace kernel
