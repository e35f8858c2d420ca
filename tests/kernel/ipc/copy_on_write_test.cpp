// SPDX-License-Identifier: Apache-2.0
// Memory objects that go with a message as copies on write.
#include <gtest/gtest.h>

#include "tests/kernel/ipc/port_rig.hpp"

namespace kernel {
namespace {

using abi::RightDisposal;

struct CopyOnWriteTest : PortRig {
    static constexpr uint64_t read_write = abi::ProtectionRead | abi::ProtectionWrite;

    uint64_t port = create_port();
    uint64_t object = call(Call::MemoryObjectCreate, {0, 2 * page});

    uint64_t map(uint64_t name, uint64_t protection = read_write) {
        poke_value(buffer, abi::MapArguments{.handle = static_cast<uint32_t>(name),
                                             .protection = static_cast<uint32_t>(protection),
                                             .flags = 0,
                                             .policy = abi::MemoryPolicy::Local,
                                             .offset = 0,
                                             .size = 0,
                                             .address = 0,
                                             .nodes = 0,
                                             .task = 0});
        return call(Call::MemoryMapObject, {buffer});
    }
    // Into memory that may be another's, too.
    void put(uint64_t address, std::string_view text) {
        EXPECT_EQ(space().write(address, text.data(), text.size()), Status::Ok);
    }
    Status send_copy(uint64_t name) {
        put_transfer(transfers, out_data, 0, {name}, RightDisposal::CopyOnWrite);
        return send(port, 1, 0, 0, transfers);
    }
    uint64_t receive_name() {
        put_room(in_transfer);
        EXPECT_EQ(receive(port, 0, in_transfer), Status::Ok);
        return peek<abi::MessageTransfer>(in_transfer).rights[0];
    }
};

TEST_F(CopyOnWriteTest, TheReceiverHasWhatWasThereWhenItWasSent) {
    const uint64_t mine = map(object);
    put(mine + page, "before");
    EXPECT_EQ(send_copy(object), Status::Ok);
    put(mine + page, "after.");
    const uint64_t name = receive_name();
    EXPECT_NE(name, object);
    const uint64_t theirs = map(name);
    EXPECT_EQ(peek(theirs + page, 6), "before");
    put(theirs + page, "theirs");
    EXPECT_EQ(peek(mine + page, 6), "after.");
    // The sender keeps its right, and has no way to take the copy back.
    EXPECT_EQ(call(Call::RightRevoke, {object}), 0U);
    EXPECT_EQ(peek(theirs + page, 6), "theirs");
}

TEST_F(CopyOnWriteTest, WhatIsNoMemoryOrMayNotBeReadIsNotCopied) {
    const uint64_t objects = objects_in_heap();
    EXPECT_EQ(send_copy(port), Status::InvalidArgument);
    EXPECT_EQ(send_copy(0), Status::NotFound);
    const uint64_t unreadable =
        call(Call::RightCopy, {object, abi::RightWrite | abi::right_common, 0, 0});
    EXPECT_EQ(send_copy(unreadable), Status::PermissionDenied);
    EXPECT_EQ(close(unreadable), Status::Ok);
    EXPECT_EQ(objects_in_heap(), objects);
    EXPECT_EQ(receive(port), Status::WouldBlock);
}

TEST_F(CopyOnWriteTest, ACopyThatNobodyReceivesIsFreed) {
    const uint64_t mine = map(object);
    put(mine, "touched");
    const uint64_t objects = objects_in_heap();
    const uint64_t free = kernel().frames.free_frames();
    EXPECT_EQ(send_copy(object), Status::Ok);
    put_room(in_transfer);
    const uint64_t other = create_port();
    EXPECT_EQ(close(other), Status::Ok);
    EXPECT_EQ(close(port), Status::Ok);
    // The port is gone too.
    EXPECT_LT(objects_in_heap(), objects);
    EXPECT_EQ(kernel().frames.free_frames(), free);
    port = create_port();
    EXPECT_EQ(objects_in_heap(), objects);
}

}  // namespace
}  // namespace kernel
