// SPDX-License-Identifier: Apache-2.0
// A kernel that lives through what the bytes of an input say: system calls of whichever thread
// runs, faults, interrupts, time that passes, memory that is refused. Its books are checked on the
// way and at its end, when every task is ended and nothing may be left of them.
#pragma once

#include <memory>

#include "tests/fuzz/argument_maker.hpp"
#include "tests/fuzz/byte_source.hpp"
#include "tests/kernel/frames_bench.hpp"
#include "tests/kernel/running_kernel.hpp"

namespace fuzz {

class FuzzedKernel final {
  public:
    // The first byte chooses the command line.
    explicit FuzzedKernel(ByteSource& source);
    ~FuzzedKernel();
    FuzzedKernel(const FuzzedKernel&) = delete;
    FuzzedKernel& operator=(const FuzzedKernel&) = delete;

    // How many command lines the first byte chooses among.
    static const unsigned variants;

    // Until the input ends or the machine does, then ends all tasks. Returns the calls made.
    // `objects` as for check_nothing_left().
    uint64_t run(uint64_t objects);
    // Of the kernel's heap.
    [[nodiscard]] uint64_t objects() const;

  private:
    static constexpr unsigned most_steps = 512;
    static constexpr unsigned audit_interval = 64;  // steps

    // The machine was switched off, or waits for what cannot come.
    struct MachineEnded {
        int code;
    };

    void step();
    void call(uint64_t number, const CallDescription* row);
    void repeat_call();
    void event(uint8_t choice);
    void page_fault();
    void end_task(uint32_t slot);
    void end_tasks();

    ByteSource& source_;
    kernel::RunningKernel machine_;
    std::unique_ptr<kernel::RefusingStrategy> strategy_;
    ArgumentMaker arguments_{machine_};
    bool ending_ = false;
    uint64_t calls_ = 0;
};

}  // namespace fuzz
