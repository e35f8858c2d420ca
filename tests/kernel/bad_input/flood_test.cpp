// SPDX-License-Identifier: Apache-2.0
// Programs that take as much of something as there is: messages in queues, names, threads that
// wait. Others go on meanwhile, and all of it comes back.
#include <gtest/gtest.h>

#include "kernel/abi/message.hpp"
#include "kernel/capability/capabilities.hpp"
#include "tests/kernel/bad_input/death_bench.hpp"

namespace kernel {
namespace {

struct FloodTest : DeathBench {
    static constexpr uint64_t transfer = buffer + 0x1000;

    // Nothing is put away for it, so that counts of frames stay comparable.
    FloodTest() : DeathBench("memory_limit=8M reclaim=off") {}

    void put_transfer(uint32_t size, uint64_t right = 0) {
        abi::MessageTransfer what{};
        what.data = area;
        what.size = size;
        what.right_count = right != 0 ? 1 : 0;
        what.rights[0] = static_cast<uint32_t>(right);
        what.disposals[0] = abi::RightDisposal::Copy;
        poke_value(transfer, what);
    }
    // Until it is refused, in as many ports as that takes; how many were sent.
    uint64_t flood(Status& last) {
        uint64_t sent = 0;
        for (;;) {
            const auto port = static_cast<int64_t>(call(Call::PortCreate, {abi::queue_limit}));
            last = port < 0 ? static_cast<Status>(port) : Status::Ok;
            if (last != Status::Ok) return sent;
            for (uint64_t i = 0; i < abi::queue_limit; ++i, ++sent) {
                last = status_of(Call::MessageSend,
                                 {static_cast<uint64_t>(port), i, transfer, abi::no_wait});
                if (last != Status::Ok) return sent;
            }
        }
    }

    uint64_t area = 0;
};

TEST_F(FloodTest, OfLongMessagesEndsWithTheMemory) {
    // What is opened for the first time stays.
    (void)run_child();
    clean_up();
    const std::vector<uint64_t> before = counts();
    for (unsigned time = 0; time < 2; ++time) {
        const uint64_t child = run_child();
        area = call(Call::MemoryMap, {2 * page, read_write | abi::MapPopulate, 0});
        put_transfer(abi::message_bytes);
        Status last = Status::Ok;
        EXPECT_GT(flood(last), 200U);
        EXPECT_TRUE(last == Status::NoMemory || last == Status::LimitReached)
            << abi::status_name(last);
        run_init();
        // The kernel goes on, and who did it can be ended.
        EXPECT_EQ(status_of(Call::SystemInfo, {buffer}), Status::Ok);
        EXPECT_EQ(status_of(Call::TaskKill, {right_to_task(child)}), Status::Ok);
        clean_up();
        EXPECT_EQ(counts(), before);
    }
}

// A full queue holds no one up but those who send to it, and each message has its place once.
TEST_F(FloodTest, OfAQueueIsRefusedAtItsLimit) {
    const std::vector<uint64_t> before = counts();
    const uint64_t port = call(Call::PortCreate, {abi::queue_limit});
    const uint64_t given = call(Call::PortCreate, {1});
    const uint64_t right = call(Call::RightCopy, {given, abi::RightSend | abi::right_common, 0, 0});
    area = buffer;
    put_transfer(16, right);
    for (uint64_t i = 0; i < abi::queue_limit; ++i) {
        ASSERT_EQ(status_of(Call::MessageSend, {port, i, transfer, 0}), Status::Ok) << i;
    }
    for (unsigned i = 0; i < 10; ++i) {
        EXPECT_EQ(status_of(Call::MessageSend, {port, 1, transfer, 0}), Status::WouldBlock);
    }
    // Copies of rights that were not delivered are none.
    EXPECT_EQ(call(Call::RightRevoke, {right}), abi::queue_limit);
    for (uint64_t i = 0; i < abi::queue_limit; ++i) {
        put_transfer(16);
        abi::MessageTransfer room{};
        room.data = buffer + 0x2000;
        room.size = 16;
        room.right_count = 1;
        poke_value(transfer, room);
        ASSERT_EQ(status_of(Call::MessageReceive, {port, 0, transfer, 0}), Status::Ok) << i;
        EXPECT_EQ(frame->x[1], i);
        EXPECT_EQ(peek<abi::MessageTransfer>(transfer).rights[0], abi::null_name);
    }
    for (const uint64_t name : {right, given, port}) {
        EXPECT_EQ(status_of(Call::RightClose, {name}), Status::Ok);
    }
    EXPECT_EQ(counts(), before);
}

TEST_F(FloodTest, OfNamesEndsAtTheTable) {
    (void)run_child();
    clean_up();
    const std::vector<uint64_t> before = counts();
    (void)run_child();
    const uint64_t port = call(Call::PortCreate, {4});
    int64_t last = 1;
    uint64_t names = 0;
    for (; last > 0; ++names) {
        last = static_cast<int64_t>(
            call(Call::RightCopy, {port, abi::RightSend | abi::right_common, 0, 0}));
    }
    EXPECT_GT(names, 500U);
    EXPECT_TRUE(last == static_cast<int64_t>(Status::LimitReached) ||
                last == static_cast<int64_t>(Status::NoMemory))
        << last;
    EXPECT_EQ(call(Call::RightRevoke, {port}), names - 1);
    EXPECT_GT(static_cast<int64_t>(call(Call::PortCreate, {4})), 0);
    clean_up();
    EXPECT_EQ(counts(), before);
}

}  // namespace
}  // namespace kernel
