// SPDX-License-Identifier: Apache-2.0
// The audit of physical memory.
#include "kernel/memory/frame_audit.hpp"

namespace kernel {
namespace {

using abi::MemoryMismatch;

class Audit final {
  public:
    Audit(Frames& frames, const TaskFrames& tasks, uint32_t caller, abi::MemoryAuditReport& report)
        : frames_(frames), tasks_(tasks), caller_(caller), report_(report) {}

    void run() {
        report_ = {};
        report_.frames_total = frames_.total_frames();
        for (unsigned node = 0; node < frames_.node_count(); ++node) check_node(node);
        report_.frames_free = report_.owners[static_cast<uint32_t>(FrameOwner::Free)];
        for (uint32_t owner = 0; owner < abi::frame_owner_count; ++owner) {
            const uint64_t counted = frames_.frames_of(static_cast<FrameOwner>(owner));
            if (counted != report_.owners[owner]) note(MemoryMismatch::Counter, owner);
        }
        for (uint32_t slot = 0; slot < abi::max_tasks; ++slot) {
            const uint64_t tables = tasks_.in_use(slot) ? tasks_.tables(slot) : 0;
            if (tables != tables_[slot]) note(MemoryMismatch::Tables, slot);
        }
    }

  private:
    void note(MemoryMismatch what, uint64_t detail) {
        if (report_.mismatch != MemoryMismatch::None) return;
        report_.mismatch = what;
        report_.detail = detail;
    }

    void check_node(unsigned node) {
        const FrameStrategy& strategy = frames_.node(node);
        FrameRecords& records = frames_.records(node);
        uint64_t free = 0;
        for (unsigned run = 0; run < records.map().run_count(); ++run) {
            const FrameMap::Run range = records.map().run(run);
            for (uint32_t i = range.begin; i < range.end; ++i) {
                const FrameRecord& record = records.at(i);
                if (!check_record(record)) {
                    note(MemoryMismatch::Record, records.map().address_of(i));
                    continue;
                }
                ++report_.owners[record.owner];
                free += record.use().owner == FrameOwner::Free ? 1 : 0;
            }
        }
        if (!strategy.consistent()) note(MemoryMismatch::Strategy, node);
        if (strategy.free_frames() != free) note(MemoryMismatch::FreeFrames, node);
        if (frames_.free_frames(node) != free) note(MemoryMismatch::FreeFrames, node);
        if (strategy.free_histogram().frames() != free) note(MemoryMismatch::Histogram, node);
    }

    // False for a record that nobody can have written. Counts the frame for its task.
    bool check_record(const FrameRecord& record) {
        if (record.owner >= abi::frame_owner_count) return false;
        switch (record.use().owner) {
            case FrameOwner::Free:
                return record.object == nullptr && record.shares == 0 && record.task == 0;
            case FrameOwner::Tables:
            case FrameOwner::Anonymous:
            case FrameOwner::Held: break;
            default: return record.task == 0;
        }
        if (!tasks_.in_use(record.task)) return false;
        if (record.use().owner == FrameOwner::Tables) ++tables_[record.task];
        if (record.task == caller_) ++report_.caller[record.owner];
        return true;
    }

    Frames& frames_;
    const TaskFrames& tasks_;
    uint32_t caller_;
    abi::MemoryAuditReport& report_;
    uint32_t tables_[abi::max_tasks] = {};
};

}  // namespace

void audit_frames(Frames& frames, const TaskFrames& tasks, uint32_t caller,
                  abi::MemoryAuditReport& report) {
    Audit(frames, tasks, caller, report).run();
}

}  // namespace kernel
