// SPDX-License-Identifier: Apache-2.0
// The whole kernel on the fake machine, booted from a device tree and an archive. The test is the
// processor: it takes the frame that the kernel returns and traps with its registers.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "kernel/abi/right.hpp"
#include "kernel/abi/syscall.hpp"
#include "kernel/capability/capabilities.hpp"
#include "kernel/capability/named_objects.hpp"
#include "kernel/kernel.hpp"
#include "kernel/task/elf.hpp"
#include "tests/kernel/fake_machine.hpp"

namespace kernel {

struct BootOptions {
    std::string command_line;
    std::vector<std::pair<std::string, std::string>> files;  // of the archive
    std::string without;                                     // a node that the device tree lacks
    bool archive_in_memory = true;
    bool whole_tree = true;
    bool scmi = false;             // the tree describes an SCMI platform
    bool two_nodes = false;        // of memory
    unsigned cpus = 1;             // in the tree; who wants others to run enters them by itself
    FakeDevice* device = nullptr;  // and this is at its addresses
};

class RunningKernel {
  public:
    // Two good programs and one that is none.
    [[nodiscard]] static BootOptions usual(std::string command_line = "");

    explicit RunningKernel(const BootOptions& options = usual());

    static constexpr hal::PhysicalAddress tree_at = FakeMachine::memory_begin + (48 << 20);
    static constexpr hal::PhysicalAddress archive_at = FakeMachine::memory_begin + (50 << 20) + 16;
    static constexpr uint64_t buffer = 0x41'0000;  // three pages that each program may write

    // Of the thread that runs.
    [[nodiscard]] Thread& thread() const { return *kernel().scheduler.current(); }
    [[nodiscard]] Task& task() const { return *thread().task; }
    [[nodiscard]] AddressSpace& space() const { return task().space; }

    // One trap; another thread may run afterwards.
    void trap(hal::TrapKind kind, uint32_t syndrome = 0, uint64_t address = 0);
    void start_call(abi::SystemCall call, std::initializer_list<uint64_t> arguments = {});
    // A system call of the running thread that returns to it, made again as often as the kernel
    // asks for that.
    uint64_t call(abi::SystemCall call, std::initializer_list<uint64_t> arguments = {});
    [[nodiscard]] Status status_of(abi::SystemCall what,
                                   std::initializer_list<uint64_t> arguments = {}) {
        return static_cast<Status>(static_cast<int64_t>(call(what, arguments)));
    }

    // Starts a program of the archive from the running one, with its arguments in `buffer`. Its id.
    uint64_t spawn(std::string_view path, std::string_view arguments = "");
    // ThreadCreate, or TaskSpawn. The id of what was made, or a status.
    uint64_t create_thread(std::initializer_list<uint64_t> arguments);
    uint64_t spawn_from(uint64_t arguments_at);
    // A name that the running task has for a task, or a thread, of that id; 0 if it has none.
    [[nodiscard]] uint64_t right_to(abi::ObjectType type, uint64_t id) const;
    [[nodiscard]] uint64_t right_to_task(uint64_t id) const {
        return right_to(abi::ObjectType::Task, id);
    }
    [[nodiscard]] uint64_t right_to_thread(uint64_t id) const {
        return right_to(abi::ObjectType::Thread, id);
    }
    // Yields until the task runs.
    void run_task(uint64_t id);
    [[nodiscard]] const abi::TaskInfo* info_of(uint64_t task_id) const;

    // What threads do that run above kernel code; it is called until they have left it the CPU.
    // sleep_above() if there is none.
    std::function<void()> on_above;
    void sleep_above();

    // Memory of the running program.
    void poke(uint64_t address, std::string_view bytes);
    [[nodiscard]] std::string peek(uint64_t address, uint64_t size);
    template <class T>
    [[nodiscard]] T peek(uint64_t address) {
        T value{};
        EXPECT_EQ(space().read(&value, address, sizeof value), Status::Ok);
        return value;
    }
    template <class T>
    requires std::is_trivially_copyable_v<T>
    void poke_value(uint64_t address, const T& value) {
        EXPECT_EQ(space().load(address, &value, sizeof value), Status::Ok);
    }

    // All of init is touched, its data as the file has it before it is its own, so that what
    // programs touch later is theirs alone.
    uint64_t settle() {
        (void)peek(buffer, 1);
        (void)peek(frame->pc, 4);
        EXPECT_EQ(space().populate(buffer, 3 * hal::page_size), Status::Ok);
        EXPECT_EQ(space().populate(stack_begin, abi::user_stack_size), Status::Ok);
        kernel().info.tasks[task().slot].frames = space().frames_owned();
        return kernel().frames.free_frames();
    }

    FakeMachine machine;
    // Of the thread that runs; null where those above kernel code have left.
    hal::UserFrame* frame = nullptr;
};

// Tests on a kernel that runs init; nothing may be lost between their start and their end.
struct KernelTest : testing::Test, RunningKernel {
    using Call = abi::SystemCall;
    static constexpr uint64_t page = hal::page_size;
    // Frames that the heap keeps for threads and tasks included.
    uint64_t frames_free = settle();

    static uint64_t failure(Status status) {
        return static_cast<uint64_t>(static_cast<int64_t>(status));
    }
    // More names for rights than a table has of its own, before the test counts frames.
    void make_room_for_names() {
        ASSERT_EQ(make_names(task(), 100), Status::Ok);
        frames_free = settle();
    }
    void expect_no_loss() {
        EXPECT_EQ(kernel().frames.free_frames(), frames_free);
        uint64_t in_strategies = 0;
        for (unsigned node = 0; node < kernel().frames.node_count(); ++node) {
            in_strategies += kernel().frames.node(node).free_frames();
        }
        EXPECT_EQ(in_strategies, frames_free);
        EXPECT_TRUE(kernel().frames.consistent());
        EXPECT_TRUE(HeldRanks::none());
    }
};

}  // namespace kernel
