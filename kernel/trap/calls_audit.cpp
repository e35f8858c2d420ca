// SPDX-License-Identifier: Apache-2.0
// The system call that proves the kernel's books on page frames.
#include "kernel/kernel.hpp"
#include "kernel/memory/frame_audit.hpp"
#include "kernel/trap/system_calls.hpp"

namespace kernel::calls {
namespace {

// Tasks as the audit sees them. Precondition: the Objects lock is held.
class AuditedTasks final : public TaskFrames {
  public:
    [[nodiscard]] bool in_use(uint32_t slot) const override {
        return kernel().tasks.at_slot(slot) != nullptr;
    }
    [[nodiscard]] uint64_t tables(uint32_t slot) const override {
        return kernel().tasks.at_slot(slot)->space.table_frames();
    }
};

}  // namespace

void memory_audit(Call& call) {
    Kernel& k = kernel();
    abi::MemoryAuditReport report;
    const Status writable = call.task().space.check_writable(call.argument(0), sizeof report);
    if (writable != Status::Ok) return call.finish(writable);
    k.scheduler.call_others_in();
    {
        const LockGuard guard(k.scheduler.lock());
        audit_frames(k.frames, AuditedTasks(), call.task().slot, report);
    }
    k.rendezvous.resume();
    call.finish(call.task().space.write(call.argument(0), &report, sizeof report));
}

}  // namespace kernel::calls
