// SPDX-License-Identifier: Apache-2.0
// Ends tasks in the middle of system calls: as another CPU would, at a preemption point of the
// call, or between two traps of those that a call takes.
#pragma once

#include <functional>

#include "tests/kernel/bad_input/call_world.hpp"

namespace kernel {

// From now on. What burying it waits for may be on the stack below: then it is buried by
// finish_burials().
class Killer final {
  public:
    // Ends a task, by its id; of one that runs, the thread stops on its way out of the kernel.
    void kill(uint64_t id);
    void kill_and_bury(uint64_t id);
    void finish_burials();

  private:
    [[nodiscard]] static Task* begin(uint64_t id);
    std::vector<Task*> to_bury_;
};

// Runs `call` with `at_step` at its n-th preemption point; false if it has none so far on.
bool interrupt_at(FakeMachine& machine, uint64_t n, const std::function<void()>& call,
                  const std::function<void()>& at_step);

struct DeathBench : testing::Test, ContainerBench {
    using Call = abi::SystemCall;
    static constexpr uint64_t page = hal::page_size;
    static constexpr uint64_t read_write = abi::ProtectionRead | abi::ProtectionWrite;
    static constexpr uint64_t entry = ElfBuilder::code_at + 0x100;

    explicit DeathBench(std::string_view options = "")
        : ContainerBench(usual("aslr=off task_memory=60 " + std::string(options))) {
        (void)settle();
    }

    // Init runs, without children; all else is ended, waited for and deleted.
    void clean_up();
    // Of all that tasks can have; frames that the heap keeps do not count.
    [[nodiscard]] std::vector<uint64_t> counts() const;
    // What a call returned is a name or an id, and no status.
    static void expect_made(uint64_t result) { EXPECT_GT(static_cast<int64_t>(result), 0); }
    // A child that runs now, with a thread of its own.
    uint64_t run_child();
    void run_init() { run_task(init); }
    // What a call leaves to be made again, is made again.
    void settle_call();

    // For each step of `call`, which a task makes that `prepare` leaves running: `at_step`
    // happens there, and when all is cleaned up the counts are as they were.
    void at_every_step(const std::function<void()>& prepare, const std::function<void()>& call,
                       const std::function<void()>& at_step, uint64_t least_steps);

    Killer killer;

  private:
    void close_names_of_the_gone();
};

}  // namespace kernel
