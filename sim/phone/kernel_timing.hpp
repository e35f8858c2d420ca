// SPDX-License-Identifier: Apache-2.0
// KernelTiming: what native kernel code costs on one CPU.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sim/engine/meter.hpp"
#include "sim/phone/phone_config.hpp"
#include "sim/timing/cost_model.hpp"

namespace orrery::phone {

// Code of the image that has no counterpart on the host: assembly, and instructions that only the
// machine has.
enum class KernelPath {
    TrapEntry,        // from the exception at EL0 to the kernel's C++
    TrapExit,         // and back, to the exception return
    TrapReturn,       // the same to the thread that has trapped (hal::Resume::same)
    RunAbove,         // from kernel code to a thread above it, beside TrapExit
    LeaveAbove,       // and back, beside TrapEntry
    KernelInterrupt,  // in and out of an interrupt that the kernel lets in
    VectorSave,
    VectorRestore,
    ClearUserSpace,
    SynchroniseCode,
    SynchroniseLine,  // and this much for each line of code
    StartCpu,
};
constexpr size_t kernel_path_count = 12;

class KernelTiming {
  public:
    virtual ~KernelTiming() = default;
    // What kernel code has taken since the last call, on whichever CPU: it is asked each time
    // before another CPU's code may run.
    [[nodiscard]] virtual engine::Work taken() = 0;
    // Parts of a cycle that taken() would tell of now.
    [[nodiscard]] virtual uint64_t waiting() const = 0;
    [[nodiscard]] virtual engine::Work path(KernelPath path) const = 0;
    // Parts of a cycle between two looks of a waiting loop, beyond what the loop's code takes.
    [[nodiscard]] virtual uint64_t relax() const = 0;
};

// For Fidelity::Functional: one figure for every trap, whatever the kernel does. 600 cycles are
// about a null system call of a small kernel on an in-order core with its two register-file
// transfers; a waiting loop looks again after some 100 ns, as one with a back-off does. Both are
// modelled, not measured.
[[nodiscard]] std::unique_ptr<KernelTiming> make_flat_timing();

// What the image's code costs on a core type, as "cortex-a55". Throws std::runtime_error when this
// build does not count for it.
[[nodiscard]] std::unique_ptr<KernelTiming> make_counted_timing(const std::string& core);

// Whether the kernel in this process tells of its loads and stores and of the code that it stands
// for: whether the program is linked to orrery_kernel_memory.
[[nodiscard]] bool kernel_tells_of_memory();

}  // namespace orrery::phone
