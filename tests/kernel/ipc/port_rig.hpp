// SPDX-License-Identifier: Apache-2.0
// Ports on the running kernel: threads of init, and of children that are given rights.
#pragma once

#include "kernel/abi/message.hpp"
#include "kernel/capability/capabilities.hpp"
#include "kernel/ipc/port.hpp"
#include "tests/kernel/elf_builder.hpp"
#include "tests/kernel/running_kernel.hpp"

namespace kernel {

struct PortRig : KernelTest {
    static constexpr uint64_t code = ElfBuilder::code_at + 0x100;
    static constexpr uint64_t forever = abi::wait_forever;
    static constexpr uint64_t transfers = buffer + 0x1000;  // what is sent, then what is received
    static constexpr uint64_t out_data = buffer + 0x1800;
    static constexpr uint64_t in_data = buffer + 0x2000;
    static constexpr uint64_t in_transfer = transfers + sizeof(abi::MessageTransfer);

    uint32_t main_thread = thread().id;

    uint64_t create_port(uint64_t limit = 4) { return call(Call::PortCreate, {limit}); }
    uint64_t send_right(uint64_t port, uint64_t badge = 0,
                        uint32_t mask = abi::RightSend | abi::right_common) {
        return call(Call::RightCopy, {port, mask, badge, 0});
    }
    Status send(uint64_t name, uint64_t label, uint64_t word = 0, uint64_t timeout = abi::no_wait,
                uint64_t transfer = 0) {
        return status_of(Call::MessageSend,
                         {name, label, transfer, timeout, word, word + 1, word + 2, word + 3});
    }
    Status receive(uint64_t name, uint64_t timeout = abi::no_wait, uint64_t transfer = 0) {
        return status_of(Call::MessageReceive, {name, 0, transfer, timeout});
    }
    Status close(uint64_t name) { return status_of(Call::RightClose, {name}); }

    // Another thread of the running task; it starts when it is its turn.
    uint32_t add_thread() { return static_cast<uint32_t>(create_thread({code, 0, 0, 0})); }
    // Yields until that thread runs, and has made again what it is to make again.
    void run(uint32_t id) {
        for (unsigned i = 0; i < 600 && thread().id != id; ++i) {
            settle_call();
            if (thread().id != id) start_call(Call::ThreadYield);
        }
        EXPECT_EQ(thread().id, id);
        settle_call();
    }
    void settle_call() {
        while (thread().repeats) {
            frame->pc += 4;
            trap(hal::TrapKind::Synchronous, 0x15U << 26 | 1U << 25);
        }
    }
    void expect_message(uint64_t label, uint64_t word, uint64_t badge = 0) const {
        EXPECT_EQ(frame->x[0], 0U);
        EXPECT_EQ(frame->x[1], label);
        EXPECT_EQ(frame->x[3], badge);
        for (unsigned i = 0; i < 4; ++i) EXPECT_EQ(frame->x[4 + i], word + i) << i;
    }
    [[nodiscard]] Status result() const {
        return static_cast<Status>(static_cast<int64_t>(frame->x[0]));
    }
    [[nodiscard]] Port& port_object(uint64_t name) const {
        return *static_cast<Port*>(task().rights.find(name)->object);
    }
    void put_transfer(uint64_t at, uint64_t data, uint32_t size,
                      std::initializer_list<uint64_t> rights = {},
                      abi::RightDisposal disposal = abi::RightDisposal::Move) {
        abi::MessageTransfer transfer{};
        transfer.data = data;
        transfer.size = size;
        for (const uint64_t right : rights) {
            transfer.disposals[transfer.right_count] = disposal;
            transfer.rights[transfer.right_count++] = static_cast<uint32_t>(right);
        }
        poke_value(at, transfer);
    }
    void put_room(uint64_t at, uint32_t size = abi::message_bytes / 4,
                  uint32_t rights = abi::message_rights) {
        abi::MessageTransfer transfer{};
        transfer.data = in_data;
        transfer.size = size;
        transfer.right_count = rights;
        poke_value(at, transfer);
    }
    // Gives the child a right derived from one of the running task.
    uint64_t give(uint64_t name, uint64_t child, uint32_t mask = ~0U, uint64_t badge = 0) {
        Derivation what;
        what.mask = mask;
        what.badge = badge;
        Task* to = kernel().tasks.find(static_cast<uint32_t>(child));
        const Result<uint32_t> given = derive(task(), name, what, *to);
        EXPECT_EQ(given.status(), Status::Ok);
        return given.value();
    }
    [[nodiscard]] uint64_t objects_in_heap() const { return kernel().heap->figures().objects; }
};

}  // namespace kernel
