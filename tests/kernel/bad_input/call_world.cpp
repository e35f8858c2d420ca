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
    // No call has to make the table larger.
    EXPECT_EQ(make_names(task(), 100), Status::Ok);
    scratch = call(Call::MemoryMap, {scratch_pages * page, read_write | abi::MapPopulate, 0});
    next_ = scratch;
    area = call(Call::MemoryMap, {2 * page, read_write | abi::MapPopulate, 0});
    make_tasks();
    make_threads();
    make_containers();
    make_ports();
}

void CallWorld::make_tasks() {
    child_id = spawn("bin/child");
    child = right_to_task(child_id);
    seen = copy(child, abi::RightInspect);
    blind = copy(child, abi::right_all_task & ~abi::RightInspect);
    ended = right_to_task(spawn("bin/child"));
    const uint64_t other = right_to_task(spawn("bin/child"));
    gone = copy(other, abi::right_all_task);
    for (const uint64_t name : {ended, other}) EXPECT_EQ(call(Call::TaskKill, {name}), 0U);
    EXPECT_EQ(call(Call::TaskWait, {other, buffer}), 0U);
}

void CallWorld::make_threads() {
    constexpr auto type = static_cast<uint64_t>(abi::ObjectType::Thread);
    own_thread = call(Call::RightOpen, {abi::task_name, type, 0});
    child_thread = call(Call::RightOpen, {child, type, 0});
    seen_thread = copy(child_thread, abi::RightInspect);
    blind_thread = copy(child_thread, abi::right_all_task & ~abi::RightInspect);
    joinable = end_thread();
    const uint64_t other = end_thread();
    gone_thread = copy(other, abi::right_all_task);
    EXPECT_EQ(call(Call::ThreadJoin, {other}), 0U);
}

// A name for a thread that has ended.
uint64_t CallWorld::end_thread() {
    const uint32_t main = thread().id;
    const uint64_t other = create_thread({entry, 0, 0, 0});
    yield_to(static_cast<uint32_t>(other));
    start_call(Call::ThreadExit, {7});
    yield_to(main);
    return right_to_thread(other);
}

void CallWorld::make_containers() {
    box_id = create("box");
    box = right_to_container(box_id);
    seen_box = copy(box, abi::RightInspect);
    blind_box = copy(box, abi::right_all_container & ~abi::RightInspect);
    const uint64_t other = create("other");
    const uint64_t name = right_to_container(other);
    gone_box = copy(name, abi::right_all_container);
    EXPECT_EQ(call(Call::ContainerKill, {name}), 0U);
    EXPECT_EQ(call(Call::ContainerDelete, {name}), 0U);
}

void CallWorld::make_ports() {
    port = call(Call::PortCreate, {4});
    sender = copy(port, abi::RightSend | abi::right_common);
    weak = copy(port, abi::RightSend);
    const uint64_t other = call(Call::PortCreate, {4});
    dead = copy(other, abi::RightSend | abi::right_common);
    EXPECT_EQ(call(Call::RightClose, {other}), 0U);
    set = call(Call::PortSetCreate);
    memory = call(Call::MemoryObjectCreate, {0, 4 * page});
    interrupt = call(Call::InterruptCreate, {line});
    stale = call(Call::PortCreate, {4});
    EXPECT_EQ(call(Call::RightClose, {stale}), 0U);
}

uint64_t CallWorld::copy(uint64_t name, uint32_t mask) {
    const uint64_t copied = call(Call::RightCopy, {name, mask, 0, 0});
    EXPECT_GT(static_cast<int64_t>(copied), 0);
    return copied;
}

CallWorld::Values CallWorld::forged(uint64_t good) const {
    return {stale,
            good ^ 0x1'0000,     // of another generation
            good ^ 0x0080,       // of another place
            good | 1ULL << 32U,  // too long
            0xffff'ffff,
            ~uint64_t{0}};
}

CallWorld::Values CallWorld::no_names(uint64_t good) const {
    Values all = forged(good);
    all.push_back(abi::null_name);
    return all;
}

Counts counts_of(const Task& task) {
    Kernel& k = kernel();
    Counts counts{};
    counts.heap_objects = k.heap->figures().objects;
    counts.tasks = k.tasks.task_count();
    counts.threads = k.tasks.thread_count();
    counts.containers = k.containers.count();
    counts.names = task.rights.size();
    for (uint32_t owner = 0; owner < abi::frame_owner_count; ++owner) {
        counts.owned[owner] = k.frames.frames_of(static_cast<FrameOwner>(owner));
    }
    return counts;
}

void expect_books_agree() {
    Kernel& k = kernel();
    abi::MemoryAuditReport report{};
    const LockGuard guard(k.scheduler.lock());
    audit_frames(k.frames, AllTasks(), 0, report);
    EXPECT_EQ(report.mismatch, abi::MemoryMismatch::None);
    EXPECT_TRUE(k.frames.consistent());
    EXPECT_TRUE(k.heap->consistent());
}

void CallWorld::yield_to(uint32_t thread_id) {
    for (unsigned i = 0; i < 100 && thread().id != thread_id; ++i) start_call(Call::ThreadYield);
    EXPECT_EQ(thread().id, thread_id);
}

}  // namespace kernel
