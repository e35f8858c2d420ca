// SPDX-License-Identifier: Apache-2.0
// Audit logs: what is recorded of a container's calls, and what a reader gets of it.
#include "kernel/container/audit_log.hpp"

#include <gtest/gtest.h>

#include "tests/kernel/container/container_bench.hpp"

namespace kernel {
namespace {

using Call = abi::SystemCall;

struct AuditLogTest : ContainerTest {
    // The records that wait in the container's log, at most as many as a log has.
    std::vector<abi::AuditRecord> records(uint64_t id) {
        const uint64_t at = buffer + 0x1000;
        const uint64_t count =
            call(Call::AuditRead, {right_to_container(id), at, abi::audit_capacity});
        lost = frame->x[1];
        std::vector<abi::AuditRecord> result;
        for (uint64_t i = 0; i < count && count <= abi::audit_capacity; ++i) {
            result.push_back(peek<abi::AuditRecord>(at + i * sizeof(abi::AuditRecord)));
        }
        return result;
    }
    Status control(uint64_t id, uint64_t mode) {
        return status_of(Call::AuditControl, {right_to_container(id), mode});
    }
    uint64_t lost = 0;
};

TEST_F(AuditLogTest, TheLogHasEveryCallWithItsResult) {
    const uint64_t id = running("one");
    const uint64_t process = process_of(id);
    run_task(process);
    run_task(init);
    EXPECT_EQ(call(Call::AuditRead, {right_to_container(id), buffer, 1}),
              failure(Status::NotFound));
    EXPECT_EQ(control(id, abi::AuditCalls), Status::Ok);
    EXPECT_TRUE(records(id).empty());
    run_task(process);
    EXPECT_EQ(call(Call::Null, {5}), 0U);
    EXPECT_EQ(call(Call::TaskKill, {77}), failure(Status::NotFound));
    EXPECT_EQ(call(static_cast<Call>(999), {3}), failure(Status::UnknownCall));
    start_call(Call::ThreadSleep, {1'000'000'000});
    run_task(init);
    const std::vector<abi::AuditRecord> log = records(id);
    ASSERT_EQ(log.size(), 4U);
    EXPECT_EQ(lost, 0U);
    for (size_t i = 0; i < log.size(); ++i) {
        EXPECT_EQ(log[i].number, i + 1);
        EXPECT_EQ(log[i].task, process);
    }
    EXPECT_EQ(log[0].call, static_cast<uint32_t>(Call::Null));
    EXPECT_EQ(log[0].argument, 5U);
    EXPECT_EQ(log[0].status, 0);
    EXPECT_EQ(log[1].status, static_cast<int>(Status::NotFound));
    EXPECT_EQ(log[2].call, 999U);
    EXPECT_EQ(log[3].call, static_cast<uint32_t>(Call::ThreadSleep));
    EXPECT_TRUE(records(id).empty());
    EXPECT_EQ(kill(id), Status::Ok);
    EXPECT_EQ(remove(id), Status::Ok);
}

TEST_F(AuditLogTest, OperationsOnRightsCanBeAllThatIsWanted) {
    const uint64_t id = running("one");
    const uint64_t inner = running("inner", {}, id);
    const uint64_t process = process_of(inner);
    EXPECT_EQ(control(id, abi::AuditCapabilities), Status::Ok);
    run_task(process);
    EXPECT_EQ(call(Call::Null), 0U);
    const uint64_t object = call(Call::MemoryObjectCreate, {0, 4096, 0});
    EXPECT_EQ(call(Call::MemoryObjectClose, {object}), 0U);
    run_task(init);
    const std::vector<abi::AuditRecord> log = records(id);
    ASSERT_EQ(log.size(), 2U);
    EXPECT_EQ(log[0].call, static_cast<uint32_t>(Call::MemoryObjectCreate));
    EXPECT_EQ(log[1].call, static_cast<uint32_t>(Call::MemoryObjectClose));
    // Off, and a log of the inner one's own.
    EXPECT_EQ(control(id, 0), Status::Ok);
    EXPECT_EQ(control(inner, abi::AuditCalls), Status::Ok);
    run_task(process);
    run_task(init);
    EXPECT_TRUE(records(id).empty());
    EXPECT_FALSE(records(inner).empty());
    EXPECT_EQ(control(id, 4), Status::InvalidArgument);
    EXPECT_EQ(control(0, 0), Status::PermissionDenied);
    EXPECT_EQ(control(99, 0), Status::NotFound);
    EXPECT_EQ(call(Call::AuditRead, {right_to_container(id), buffer, 0}),
              failure(Status::InvalidArgument));
    EXPECT_EQ(call(Call::AuditRead, {right_to_container(id), 8, 1}), failure(Status::BadAddress));
    EXPECT_EQ(kill(id), Status::Ok);
    EXPECT_EQ(remove(id), Status::Ok);
}

TEST_F(AuditLogTest, TheOldestAreForgottenAndCounted) {
    const Result<AuditLog*> made = AuditLog::create(kernel().heap);
    ASSERT_TRUE(made.ok());
    AuditLog& log = *made.value();
    abi::AuditRecord record{};
    uint64_t missed = 0;
    EXPECT_FALSE(log.take(record, missed));
    for (uint64_t i = 1; i <= 3 * AuditLog::capacity + 7; ++i) {
        abi::AuditRecord next{};
        next.argument = i;
        log.put(next);
    }
    ASSERT_TRUE(log.take(record, missed));
    EXPECT_EQ(missed, 2 * AuditLog::capacity + 7);
    EXPECT_EQ(record.argument, 2 * AuditLog::capacity + 8);
    for (uint64_t i = 1; i < AuditLog::capacity; ++i) {
        ASSERT_TRUE(log.take(record, missed));
        EXPECT_EQ(missed, 0U);
        EXPECT_EQ(record.number, record.argument);
    }
    EXPECT_FALSE(log.take(record, missed));
    AuditLog::destroy(kernel().heap, &log);
}

}  // namespace
}  // namespace kernel
