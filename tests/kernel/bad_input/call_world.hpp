// SPDX-License-Identifier: Apache-2.0
// A kernel in which there is something of everything that a system call can be about, and what of
// it a call may not be about: names that are stale, forged or of other objects, bad addresses.
#pragma once

#include <cstdint>
#include <vector>

#include "kernel/abi/message.hpp"
#include "kernel/abi/right.hpp"
#include "tests/kernel/container/container_bench.hpp"
#include "tests/kernel/elf_builder.hpp"

namespace kernel {

// What must be the same before and after a call that is refused.
struct Counts {
    uint64_t heap_objects;
    uint64_t tasks;
    uint64_t threads;
    uint64_t containers;
    uint64_t names;  // of one task
    uint64_t owned[abi::frame_owner_count];

    bool operator==(const Counts&) const = default;
};

// As the kernel's own counters have it.
[[nodiscard]] Counts counts_of(const Task& task);
// That the counters are right: every page frame and the heap's structures are looked at.
void expect_books_agree();

struct CallWorld : ContainerBench {
    using Call = abi::SystemCall;
    using Values = std::vector<uint64_t>;
    static constexpr uint64_t page = hal::page_size;
    static constexpr uint64_t entry = ElfBuilder::code_at + 0x100;
    static constexpr uint64_t scratch_pages = 8;
    static constexpr uint64_t read_write = abi::ProtectionRead | abi::ProtectionWrite;
    static constexpr uint32_t line = 40;  // of an interrupt

    // Init runs, and has all of it.
    CallWorld();

    // A structure in memory of init, and its address.
    template <class T>
    uint64_t at(const T& value) {
        const uint64_t address = next_;
        next_ += (sizeof value + 15) / 16 * 16;
        EXPECT_LE(next_, scratch + scratch_pages * page);
        poke_value(address, value);
        return address;
    }
    uint64_t text(std::string_view value) {
        const uint64_t address = next_;
        next_ += (value.size() + 16) / 16 * 16;
        poke(address, value);
        return address;
    }

    // Names that nothing has, some of them close to one that something has.
    [[nodiscard]] Values forged(uint64_t good) const;
    // These and 0, for calls to which it has no meaning.
    [[nodiscard]] Values no_names(uint64_t good) const;
    static const Values pointers;        // none that can be read or written
    static const Values pointers_not_0;  // the same, where 0 has a meaning

    [[nodiscard]] Counts counts() const { return counts_of(task()); }
    void yield_to(uint32_t thread_id);

    uint64_t scratch;
    uint64_t area;  // two pages of memory, for calls to change
    uint64_t child_id;
    uint64_t box_id;
    // Names of rights.
    uint64_t child;
    uint64_t ended;  // a child that waits to be waited for
    uint64_t child_thread;
    uint64_t own_thread;
    uint64_t joinable;  // a thread that has ended
    uint64_t box;       // a container that was created
    // To look at the child, its thread and the box, and nothing else.
    uint64_t seen;
    uint64_t seen_thread;
    uint64_t seen_box;
    // To do all with them but to look.
    uint64_t blind;
    uint64_t blind_thread;
    uint64_t blind_box;
    // Of a task, a thread and a container that are no more.
    uint64_t gone;
    uint64_t gone_thread;
    uint64_t gone_box;
    uint64_t port;
    uint64_t sender;
    uint64_t weak;  // to send, and nothing else
    uint64_t dead;  // of a port that nobody receives from
    uint64_t set;
    uint64_t memory;
    uint64_t interrupt;
    uint64_t stale;

  private:
    void make_tasks();
    void make_threads();
    void make_containers();
    void make_ports();
    uint64_t end_thread();
    uint64_t copy(uint64_t name, uint32_t mask);

    uint64_t next_ = 0;
};

// One way for a call to be wrong: its other arguments are good.
struct Wrong {
    unsigned argument;
    CallWorld::Values values;
    Status expected = Status::Ok;  // Ok: any failure
};

struct WrongCall {
    abi::SystemCall call;
    CallWorld::Values good;
    std::vector<Wrong> wrong;
    Status outcome = Status::Ok;  // of the good call
    bool returns = true;          // the good call does, and is made
};

// A row a call, or several where its arguments mean several things.
std::vector<WrongCall> wrong_calls(CallWorld& world);

}  // namespace kernel
