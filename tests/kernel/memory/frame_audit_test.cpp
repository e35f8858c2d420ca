// SPDX-License-Identifier: Apache-2.0
// The audit of physical memory: it finds nothing where nothing is wrong, and each thing that is.
#include "kernel/memory/frame_audit.hpp"

#include <gtest/gtest.h>

#include "tests/kernel/running_kernel.hpp"

namespace kernel {
namespace {

using abi::MemoryMismatch;

struct MemoryAuditTest : KernelTest {
    static constexpr uint64_t read_write = abi::ProtectionRead | abi::ProtectionWrite;

    abi::MemoryAuditReport audit() {
        EXPECT_EQ(call(Call::MemoryAudit, {buffer}), 0U);
        return peek<abi::MemoryAuditReport>(buffer);
    }
    void expect_mismatch(MemoryMismatch mismatch, uint64_t detail) {
        const abi::MemoryAuditReport report = audit();
        EXPECT_STREQ(memory_mismatch_name(report.mismatch), memory_mismatch_name(mismatch));
        EXPECT_EQ(report.detail, detail);
    }
    // Ends the child that runs; init waits for it.
    void end_child(uint64_t child) {
        start_call(Call::TaskExit, {0});
        run_task(1);
        EXPECT_EQ(call(Call::TaskWait, {right_to_task(child), buffer}), 0U);
    }
    static uint64_t of(const uint64_t (&owners)[abi::frame_owner_count], FrameOwner owner) {
        return owners[static_cast<uint32_t>(owner)];
    }
    // A record of an owner's, and the frame's address.
    FrameRecord& find(FrameOwner owner, PhysicalAddress& frame) {
        FrameRecords& records = kernel().frames.records(0);
        uint32_t i = records.map().run(0).begin;
        while (records.at(i).use().owner != owner) ++i;
        frame = records.map().address_of(i);
        return records.at(i);
    }
};

TEST_F(MemoryAuditTest, FindsNothingWhereNothingIsWrong) {
    const uint64_t at = call(Call::MemoryMap, {37 * page, read_write | abi::MapPopulate, 0});
    const abi::MemoryAuditReport report = audit();
    EXPECT_EQ(report.mismatch, MemoryMismatch::None);
    EXPECT_EQ(report.detail, 0U);
    EXPECT_EQ(report.frames_total, kernel().frames.total_frames());
    EXPECT_EQ(report.frames_free, kernel().frames.free_frames());
    uint64_t sum = 0;
    for (const uint64_t owner : report.owners) sum += owner;
    EXPECT_EQ(sum, report.frames_total);
    EXPECT_EQ(of(report.owners, FrameOwner::Kernel), kernel().heap->frames_used());
    // There is one task.
    EXPECT_EQ(of(report.caller, FrameOwner::Tables), space().table_frames());
    EXPECT_EQ(of(report.caller, FrameOwner::Anonymous),
              space().frames_owned() - space().table_frames());
    EXPECT_EQ(of(report.owners, FrameOwner::Tables), of(report.caller, FrameOwner::Tables));

    EXPECT_EQ(call(Call::MemoryUnmap, {at, 37 * page}), 0U);
    const abi::MemoryAuditReport after = audit();
    EXPECT_EQ(after.mismatch, MemoryMismatch::None);
    EXPECT_EQ(of(after.owners, FrameOwner::Anonymous),
              of(report.owners, FrameOwner::Anonymous) - 37);
    EXPECT_TRUE(HeldRanks::none());
}

TEST_F(MemoryAuditTest, ToldOfTheCallersTaskOnly) {
    const uint64_t init_frames = of(audit().caller, FrameOwner::Anonymous);
    const uint64_t child = spawn("bin/child");
    run_task(child);
    const abi::MemoryAuditReport report = audit();
    EXPECT_EQ(report.mismatch, MemoryMismatch::None);
    EXPECT_EQ(of(report.caller, FrameOwner::Anonymous),
              of(report.owners, FrameOwner::Anonymous) - init_frames);
    end_child(child);
}

TEST_F(MemoryAuditTest, ARecordThatNobodyCanHaveWritten) {
    PhysicalAddress frame = 0;
    FrameRecord& free = find(FrameOwner::Free, frame);
    for (const FrameRecord& broken :
         {FrameRecord{nullptr, 0, 0, abi::frame_owner_count, 0}, FrameRecord{nullptr, 0, 1, 0, 0},
          FrameRecord{nullptr, 0, 0, 0, 9},
          FrameRecord{reinterpret_cast<MemoryObject*>(16), 0, 0, 0, 0}}) {
        const FrameRecord good = free;
        free = broken;
        expect_mismatch(MemoryMismatch::Record, frame);
        free = good;
    }
    FrameRecord& anonymous = find(FrameOwner::Anonymous, frame);
    const FrameRecord good = anonymous;
    anonymous.task = 77;  // there is no such task
    expect_mismatch(MemoryMismatch::Record, frame);
    anonymous = good;
    expect_mismatch(MemoryMismatch::None, 0);
}

TEST_F(MemoryAuditTest, AFrameThatIsFreeInItsRecordOnly) {
    PhysicalAddress frame = 0;
    FrameRecord& record = find(FrameOwner::Anonymous, frame);
    const FrameRecord good = record;
    record = {};
    expect_mismatch(MemoryMismatch::FreeFrames, 0);
    record = good;
    expect_mismatch(MemoryMismatch::None, 0);
}

TEST_F(MemoryAuditTest, AFrameThatIsAnotherOwners) {
    PhysicalAddress frame = 0;
    FrameRecord& record = find(FrameOwner::Anonymous, frame);
    record.owner = static_cast<uint8_t>(FrameOwner::Held);
    expect_mismatch(MemoryMismatch::Counter, static_cast<uint64_t>(FrameOwner::Anonymous));
    record.owner = static_cast<uint8_t>(FrameOwner::Anonymous);
    expect_mismatch(MemoryMismatch::None, 0);
}

TEST_F(MemoryAuditTest, ACounterThatIsWrong) {
    for (uint32_t owner = 0; owner < abi::frame_owner_count; ++owner) {
        ++kernel().info.frame_counts[3].owners[owner];
        expect_mismatch(MemoryMismatch::Counter, owner);
        --kernel().info.frame_counts[3].owners[owner];
    }
    expect_mismatch(MemoryMismatch::None, 0);
}

TEST_F(MemoryAuditTest, ATableOfAnotherTask) {
    const uint64_t child = spawn("bin/child");
    PhysicalAddress frame = 0;
    FrameRecord& record = find(FrameOwner::Tables, frame);
    const uint8_t task = record.task;
    record.task = task == 0 ? 1 : 0;
    expect_mismatch(MemoryMismatch::Tables, 0);
    record.task = task;
    expect_mismatch(MemoryMismatch::None, 0);
    run_task(child);
    end_child(child);
}

// A strategy that says something else than it is.
class LyingStrategy final : public FrameStrategy {
  public:
    explicit LyingStrategy(FrameStrategy& honest) : honest_(honest) {}
    bool inconsistent = false;
    bool wrong_histogram = false;

    Result<PhysicalAddress> allocate(const FrameRequest& request) override {
        return honest_.allocate(request);
    }
    Status free(PhysicalAddress block, unsigned order, unsigned cpu) override {
        return honest_.free(block, order, cpu);
    }
    Status split(PhysicalAddress block, unsigned order, unsigned cpu) override {
        return honest_.split(block, order, cpu);
    }
    unsigned allocate_bulk(PhysicalAddress* frames, unsigned count, Mobility mobility,
                           unsigned cpu) override {
        return honest_.allocate_bulk(frames, count, mobility, cpu);
    }
    unsigned free_bulk(const PhysicalAddress* frames, unsigned count, unsigned cpu) override {
        return honest_.free_bulk(frames, count, cpu);
    }
    uint64_t free_frames() const override { return honest_.free_frames(); }
    FreeHistogram free_histogram() const override {
        FreeHistogram histogram = honest_.free_histogram();
        if (wrong_histogram) ++histogram.blocks[4];
        return histogram;
    }
    uint64_t total_frames() const override { return honest_.total_frames(); }
    uint64_t metadata_bytes() const override { return honest_.metadata_bytes(); }
    bool consistent() const override { return !inconsistent && honest_.consistent(); }
    const char* name() const override { return "lying"; }

  private:
    FrameStrategy& honest_;
};

TEST_F(MemoryAuditTest, AStrategyThatContradictsItself) {
    FrameStrategy& real = kernel().frames.node(0);
    LyingStrategy lying(real);
    kernel().frames.replace_strategy(0, lying);
    expect_mismatch(MemoryMismatch::None, 0);
    lying.inconsistent = true;
    expect_mismatch(MemoryMismatch::Strategy, 0);
    lying.inconsistent = false;
    lying.wrong_histogram = true;
    expect_mismatch(MemoryMismatch::Histogram, 0);
    kernel().frames.replace_strategy(0, real);
}

}  // namespace
}  // namespace kernel
