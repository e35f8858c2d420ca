// SPDX-License-Identifier: Apache-2.0
// A kernel that lives through what the bytes of an input say.
#include "tests/fuzz/fuzzed_kernel.hpp"

#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "tests/fuzz/checks.hpp"

namespace fuzz {

using kernel::FakeMachine;
using kernel::Task;
using kernel::TaskState;
using kernel::Thread;
using kernel::ThreadState;
namespace abi = kernel::abi;

namespace {

// Little memory, so that it runs out; each mechanism by its turn. Addresses are fixed, so that the
// input alone decides.
constexpr const char* command_lines[] = {
    "aslr=off memory_limit=12M scheduler=fair",
    "aslr=off memory_limit=6M task_memory=90",
    "aslr=off memory_limit=8M task_memory=90 reclaim=off",
    "aslr=off memory_limit=16M huge_pages=always task_memory=60",
    "aslr=off memory_limit=16M huge_pages=promote task_memory=60 page_allocator=bitset",
    "aslr=off memory_limit=8M swap_disk=2M swap_memory=0 task_memory=90",
    "aslr=off memory_limit=8M swap_memory=50 swap_disk=1M task_memory=90 page_allocator=tree",
    "aslr=off memory_limit=8M heap_debug=on trace=on record_allocations=on trace_records=1024",
    "aslr=off memory_limit=8M kernel_heap=slab heap_debug=on swap_disk=1M task_memory=80",
    "aslr=off memory_limit=8M kernel_heap=tlsf huge_pages=always task_memory=80",
};

// Exception classes and fault status of ESR_EL1 (Arm ARM DDI 0487, D17.2.37).
constexpr uint32_t supervisor_call = 0x15U << 26 | 1U << 25;
constexpr uint32_t instruction_abort = 0x20U << 26 | 1U << 25;
constexpr uint32_t data_abort = 0x24U << 26 | 1U << 25;
constexpr uint32_t pc_alignment = 0x22U << 26 | 1U << 25;
constexpr uint32_t translation_fault = 0x07;
constexpr uint32_t permission_fault = 0x0f;
constexpr uint32_t write_not_read = 1U << 6;

constexpr uint64_t millisecond = FakeMachine::frequency / 1000;

kernel::BootOptions options_for(uint8_t choice) {
    return kernel::RunningKernel::usual(command_lines[choice % std::size(command_lines)]);
}

}  // namespace

FuzzedKernel::FuzzedKernel(ByteSource& source)
    : source_(source), machine_(options_for(source.byte())) {
    machine_.machine.on_end = [this](int code) {
        if (code != FakeMachine::halted) throw MachineEnded{code};
        std::fprintf(stderr, "%s%s\nthe kernel panicked\n", machine_.machine.emergency.c_str(),
                     machine_.machine.take_output().c_str());
        std::abort();
    };
    // Those above go on with the input's steps as well.
    machine_.on_above = [this] {
        if (source_.empty() || ending_) {
            machine_.sleep_above();
        } else {
            step();
        }
    };
    strategy_ = std::make_unique<kernel::RefusingStrategy>(kernel::kernel().frames.node(0));
    kernel::kernel().frames.replace_strategy(0, *strategy_);
}

FuzzedKernel::~FuzzedKernel() = default;

const unsigned FuzzedKernel::variants = std::size(command_lines);

uint64_t FuzzedKernel::objects() const {
    return kernel::kernel().heap->figures().objects;
}

uint64_t FuzzedKernel::run(uint64_t objects) {
    try {
        try {
            for (unsigned steps = 1; steps <= most_steps && !source_.empty(); ++steps) {
                step();
                check_objects();
                if (steps % audit_interval == 0) check_frames();
            }
        } catch (const MachineEnded& end) {
            // Where all threads wait for ever, the tasks still end as they should.
            if (end.code != FakeMachine::stuck) throw;
        }
        end_tasks();
    } catch (const MachineEnded&) {
        // Switched off: by the end of init, with all that was before it, or by a call.
        if (ending_) check_nothing_left(objects);
    }
    kernel::HeldRanks::forget();
    return calls_;
}

void FuzzedKernel::step() {
    const uint8_t choice = source_.byte();
    if (choice >= 208) return event(static_cast<uint8_t>(choice - 208));
    if (machine_.thread().repeats) return repeat_call();
    const uint8_t variant = source_.byte();
    uint64_t number = choice % 128;
    // A number that no call has, now and then, is a call as well.
    if (variant < 0xf0) number = next_described(number);
    call(number, find_description(number, variant));
}

// The thread is at the instruction of a call that only waited so far.
void FuzzedKernel::repeat_call() {
    ++calls_;
    machine_.frame->pc += 4;
    machine_.trap(hal::TrapKind::Synchronous, supervisor_call);
}

void FuzzedKernel::call(uint64_t number, const CallDescription* row) {
    static constexpr CallDescription nothing{};
    if (row == nullptr) row = &nothing;
    if (row->ends_much && source_.byte() < 0xe0) return;
    uint64_t values[6];
    for (unsigned i = 0; i < 6; ++i) {
        const bool none = row != &nothing && row->arguments[i].kind == Kind::Any &&
                          (i == 0 || values[i - 1] == 0);
        values[i] = none ? 0 : arguments_.make(row->arguments[i], source_);
    }
    for (unsigned i = 0; i < 6; ++i) machine_.frame->x[i] = values[i];
    machine_.frame->x[8] = number;
    machine_.frame->pc += 4;
    ++calls_;
    const Thread* caller = &machine_.thread();
    const uint32_t id = caller->id;
    machine_.trap(hal::TrapKind::Synchronous, supervisor_call);
    const bool returned = machine_.frame != nullptr && &machine_.thread() == caller &&
                          caller->id == id && !caller->repeats;
    if (returned && static_cast<int64_t>(machine_.frame->x[0]) > 0) {
        arguments_.remember(row->result, machine_.frame->x[0]);
    }
}

void FuzzedKernel::page_fault() {
    const uint8_t how = source_.byte();
    const uint64_t at = arguments_.make({Kind::Address}, source_);
    uint32_t syndrome = (how & 1) != 0 ? translation_fault : permission_fault;
    switch (how >> 1 & 3) {
        case 0: syndrome |= instruction_abort; break;
        case 1: syndrome |= data_abort; break;
        default: syndrome |= data_abort | write_not_read;
    }
    // A fault at what nobody has would end the task: seldom wanted.
    abi::PageInfo info{};
    const bool hit = machine_.space().query(at, info) == kernel::Status::Ok;
    if (!hit && how < 0xe0) return;
    machine_.trap(hal::TrapKind::Synchronous, syndrome, at);
}

void FuzzedKernel::event(uint8_t choice) {
    FakeMachine& machine = machine_.machine;
    if (choice < 8) {
        machine.advance(uint64_t{choice} * millisecond);
        machine_.trap(hal::TrapKind::Interrupt);
    } else if (choice < 12) {
        machine.advance(uint64_t{1} << (choice * 3));
        machine_.trap(hal::TrapKind::Interrupt);
    } else if (choice < 15) {
        machine.type("input of some length\r\n");
        machine_.trap(hal::TrapKind::Interrupt);
    } else if (choice < 18) {
        machine.raise(source_.byte() % 96U);
        machine_.trap(hal::TrapKind::Interrupt);
    } else if (choice < 19) {
        machine.raise(source_.byte() % 96U);  // for whoever lets interrupts in
    } else if (choice < 20) {
        machine.advance(source_.byte() % 8U * millisecond);  // likewise, where a timer is due
    } else if (choice < 36) {
        page_fault();
    } else if (choice < 38) {
        if (source_.byte() >= 0xf0) machine_.trap(hal::TrapKind::Synchronous, pc_alignment, 3);
    } else if (choice < 42) {
        strategy_->refuse_only(1U + source_.byte() % 32U);
    } else if (choice < 44) {
        strategy_->refuse_from(1U + source_.byte() % 32U);
    } else {
        strategy_->refuse_from(0);
    }
}

void FuzzedKernel::end_task(uint32_t slot) {
    kernel::Kernel& k = kernel::kernel();
    abi::TaskResult result{};
    result.reason = abi::EndReason::Killed;
    Task* to_bury = nullptr;
    {
        const kernel::LockGuard guard(k.scheduler.lock());
        Task* task = k.tasks.at_slot(slot);
        if (task == nullptr || task->state != TaskState::Alive) return;
        to_bury = k.tasks.begin_end(*task, result);
    }
    if (to_bury != nullptr) return k.tasks.bury(*to_bury);
    // Its thread runs, and ends on its way out of the kernel.
    try {
        machine_.trap(hal::TrapKind::Interrupt);
    } catch (const MachineEnded& end) {
        if (end.code != FakeMachine::stuck) throw;
    }
}

// Init last, as the machine ends with it.
void FuzzedKernel::end_tasks() {
    ending_ = true;
    strategy_->refuse_from(0);
    check_frames();
    for (uint32_t slot = abi::max_tasks; slot-- != 0;) end_task(slot);
}

}  // namespace fuzz
