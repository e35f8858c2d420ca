// SPDX-License-Identifier: Apache-2.0
// A kernel in which there is something of everything that a system call can be about.
#include "tests/kernel/bad_input/call_world.hpp"

#include "kernel/memory/frame_audit.hpp"

namespace kernel {
namespace {

// The tasks of the one CPU, none of which changes while it is looked at.
class AllTasks final : public TaskFrames {
  public:
    [[nodiscard]] bool in_use(uint32_t slot) const override {
        return kernel().tasks.at_slot(slot) != nullptr;
    }
    [[nodiscard]] uint64_t tables(uint32_t slot) const override {
        return kernel().tasks.at_slot(slot)->space.table_frames();
    }
};

}  // namespace

const CallWorld::Values CallWorld::pointers_not_0 = {8,
                                                     abi::user_base - 1,
                                                     buffer + 3 * page,      // behind the last page
                                                     buffer + 3 * page - 1,  // across its end
                                                     0x50'0000'0000,
                                                     abi::user_end - 1,
                                                     abi::user_end,
                                                     0xffff'0000'0000'0000,
                                                     ~uint64_t{0} - 7,
                                                     ~uint64_t{0}};

const CallWorld::Values CallWorld::pointers = [] {
    Values all = pointers_not_0;
    all.push_back(0);
    return all;
}();

CallWorld::CallWorld() : ContainerBench(usual("aslr=off")) {
    (void)settle();
    scratch = call(Call::MemoryMap, {scratch_pages * page, read_write | abi::MapPopulate, 0});
    next_ = scratch;
    area = call(Call::MemoryMap, {2 * page, read_write | abi::MapPopulate, 0});

    child = spawn("bin/child");
    child_thread = kernel().tasks.find(static_cast<uint32_t>(child))->threads.front()->id;
    ended = spawn("bin/child");
    EXPECT_EQ(call(Call::TaskKill, {ended}), 0U);
    const uint32_t main = thread().id;
    joinable = call(Call::ThreadCreate, {entry, 0, 0, 0});
    yield_to(static_cast<uint32_t>(joinable));
    start_call(Call::ThreadExit, {7});
    yield_to(main);
    box = create("box");

    port = call(Call::PortCreate, {4});
    sender = call(Call::RightCopy, {port, abi::RightSend | abi::right_common, 0, 0});
    weak = call(Call::RightCopy, {port, abi::RightSend, 0, 0});
    const uint64_t other = call(Call::PortCreate, {4});
    dead = call(Call::RightCopy, {other, abi::RightSend | abi::right_common, 0, 0});
    EXPECT_EQ(call(Call::RightClose, {other}), 0U);
    set = call(Call::PortSetCreate);
    memory = call(Call::MemoryObjectCreate, {0, 4 * page});
    interrupt = call(Call::InterruptCreate, {line});
    stale = call(Call::PortCreate, {4});
    EXPECT_EQ(call(Call::RightClose, {stale}), 0U);
}

CallWorld::Values CallWorld::no_names(uint64_t good) const {
    return {abi::null_name,     stale,
            good ^ 0x1'0000,     // of another generation
            good ^ 0x0080,       // of another place
            good | 1ULL << 32U,  // too long
            0xffff'ffff,        ~uint64_t{0}};
}

CallWorld::Values CallWorld::no_numbers(uint64_t good) {
    return {9999, 0xffff'ffff, good | 1ULL << 32U, ~uint64_t{0}};
}

Counts counts_of(const Task& task) {
    Kernel& k = kernel();
    Counts counts{};
    counts.heap_objects = k.heap->figures().objects;
    counts.tasks = k.tasks.task_count();
    counts.threads = k.tasks.thread_count();
    counts.containers = k.containers.count();
    counts.names = task.rights.size();
    abi::MemoryAuditReport report{};
    const LockGuard guard(k.scheduler.lock());
    audit_frames(k.frames, AllTasks(), 0, report);
    EXPECT_EQ(report.mismatch, abi::MemoryMismatch::None);
    for (uint32_t owner = 0; owner < abi::frame_owner_count; ++owner) {
        counts.owned[owner] = report.owners[owner];
    }
    EXPECT_TRUE(k.frames.consistent());
    EXPECT_TRUE(k.heap->consistent());
    return counts;
}

void CallWorld::yield_to(uint32_t thread_id) {
    for (unsigned i = 0; i < 100 && thread().id != thread_id; ++i) start_call(Call::ThreadYield);
    EXPECT_EQ(thread().id, thread_id);
}

}  // namespace kernel
