// SPDX-License-Identifier: Apache-2.0
// Memory objects of device registers: who may have them, how they are mapped, what nobody does with
// them.
#include <gtest/gtest.h>

#include "tests/kernel/elf_builder.hpp"
#include "tests/kernel/running_kernel.hpp"

namespace kernel {
namespace {

constexpr uint32_t read_only = abi::ProtectionRead;
constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;
constexpr uint32_t read_execute = abi::ProtectionRead | abi::ProtectionExecute;

struct DeviceObjectTest : KernelTest {
    static constexpr uint64_t physical = static_cast<uint64_t>(abi::ObjectKind::Physical);
    static constexpr uint64_t clock = 0x0901'0000;
    static constexpr uint64_t pages = 3;
    static constexpr uint32_t load_translation = 0x24U << 26 | 1U << 25 | 0x07;

    uint64_t create(uint64_t address, uint64_t size) {
        return call(Call::MemoryObjectCreate, {physical, address, size});
    }
    uint64_t map(uint64_t handle, uint32_t protection, uint32_t flags = 0) {
        const auto number = static_cast<uint32_t>(handle);
        poke_value(buffer, abi::MapArguments{number, protection, flags, abi::MemoryPolicy::Local, 0,
                                             0, 0, 0, 0});
        return call(Call::MemoryMapObject, {buffer});
    }
    uint64_t spawn_with_object(uint64_t handle) {
        const auto number = static_cast<uint32_t>(handle);
        poke(buffer + 0x100, "bin/child");
        poke_value(buffer + 0x200, number);
        poke_value(buffer, abi::SpawnArguments{.path = buffer + 0x100,
                                               .path_length = 9,
                                               .arguments = buffer + 0x100,
                                               .arguments_length = 0,
                                               .cpu_mask = 0,
                                               .objects = buffer + 0x200,
                                               .object_count = 1,
                                               .system = abi::right_usual_system});
        return spawn_from(buffer);
    }
    // The page descriptor as hardware finds it; 0 where there is none.
    [[nodiscard]] uint64_t descriptor_of(uint64_t address) const {
        uint64_t entry = machine.user_root | 3;
        for (const unsigned shift : {39U, 30U, 21U, 12U}) {
            if ((entry & 3) != 3) return 0;
            const auto* table = reinterpret_cast<const uint64_t*>(
                FakeMachine::memory(entry & 0x0000'ffff'ffff'f000));
            entry = table[address >> shift & 511];
        }
        return entry;
    }
};

TEST_F(DeviceObjectTest, OnlyWholePagesWithoutMemoryAreDevices) {
    constexpr uint64_t begin = FakeMachine::memory_begin;
    constexpr uint64_t end = FakeMachine::memory_end;
    constexpr uint64_t last = (uint64_t{1} << 48) - page;
    const struct {
        uint64_t address;
        uint64_t size;
    } refused[] = {
        {begin, page},  // RAM, its last page, and ranges that reach into it
        {end - page, page},
        {begin - page, 2 * page},
        {end - page, 2 * page},
        {begin - page, end - begin + 2 * page},
        {RunningKernel::tree_at, page},  // RAM that nobody manages is RAM too
        {clock + 4, page},               // no whole pages
        {clock, page + 4},
        {clock, 0},
        {last, 2 * page},  // beyond what a descriptor can hold
        {last + page, page},
        {begin | uint64_t{1} << 48, page},
        {clock, ~uint64_t{0} & ~(page - 1)},
        {~uint64_t{0} & ~(page - 1), page},
    };
    for (const auto& range : refused) {
        EXPECT_EQ(create(range.address, range.size), failure(Status::InvalidArgument))
            << std::hex << range.address << ' ' << range.size;
    }
    for (const uint64_t good : {uint64_t{0}, begin - page, end, last}) {
        const uint64_t name = create(good, page);
        EXPECT_LT(name, abi::user_end) << std::hex << good;
        EXPECT_EQ(call(Call::MemoryObjectClose, {name}), 0U);
    }
    expect_no_loss();
}

TEST_F(DeviceObjectTest, RegistersAreMappedAsADevice) {
    const uint64_t handle = create(clock, pages * page);
    const uint64_t at = map(handle, read_write);
    ASSERT_LT(at, abi::user_end);
    EXPECT_EQ(descriptor_of(at + page), 0U);
    trap(hal::TrapKind::Synchronous, load_translation, at + page);
    EXPECT_EQ(kernel().info.fault_count, 0U);
    // UXN, PXN, nG, AF, inner shareable, EL0 may write, MAIR index 1, a page.
    EXPECT_EQ(descriptor_of(at + page), (clock + page) | 0x0060'0000'0000'0f47);

    const uint64_t constant = map(handle, read_only | abi::MapPopulate);
    EXPECT_EQ(constant, failure(Status::InvalidArgument)) << "a flag is no protection";
    const uint64_t second = map(handle, read_only, abi::MapPopulate);
    EXPECT_EQ(descriptor_of(second + 2 * page), (clock + 2 * page) | 0x0060'0000'0000'0fc7);
    EXPECT_EQ(space().fault(second, abi::ProtectionWrite), Status::BadAddress);
    EXPECT_EQ(space().fault(at, abi::ProtectionExecute), Status::BadAddress);

    EXPECT_EQ(call(Call::MemoryUnmap, {at + page, page}), 0U);
    EXPECT_EQ(descriptor_of(at + page), 0U);
    EXPECT_EQ(call(Call::MemoryUnmap, {at, page}), 0U);
    EXPECT_EQ(call(Call::MemoryUnmap, {at + 2 * page, page}), 0U);
    EXPECT_EQ(call(Call::MemoryUnmap, {second, pages * page}), 0U);
    EXPECT_EQ(call(Call::MemoryObjectClose, {handle}), 0U);
    expect_no_loss();
}

TEST_F(DeviceObjectTest, RegistersAreNeitherExecutedNorCopied) {
    const uint64_t handle = create(clock, page);
    EXPECT_EQ(map(handle, read_execute), failure(Status::PermissionDenied));
    EXPECT_EQ(map(handle, read_write, abi::MapPrivate), failure(Status::Unsupported));
    EXPECT_EQ(call(Call::MemoryObjectCopy, {handle}), failure(Status::Unsupported));
    const uint64_t at = map(handle, read_write, abi::MapPopulate);
    EXPECT_EQ(call(Call::MemoryCopy, {at, page}), failure(Status::Unsupported));
    for (const uint32_t protection : {read_only, read_write, read_execute}) {
        EXPECT_EQ(call(Call::MemoryProtect, {at, page, protection}),
                  failure(Status::PermissionDenied));
    }
    EXPECT_EQ(call(Call::MemoryUnmap, {at, page}), 0U);
    EXPECT_EQ(call(Call::MemoryObjectClose, {handle}), 0U);
    expect_no_loss();
}

// There is nothing behind the direct map there: on the host, looking would be a crash.
TEST_F(DeviceObjectTest, TheKernelKeepsItsHandsOffRegisters) {
    const uint64_t handle = create(clock, page);
    for (const uint32_t flags : {uint32_t{0}, uint32_t{abi::MapPopulate}}) {
        const uint64_t at = map(handle, read_write, flags);
        EXPECT_EQ(call(Call::ConsoleWrite, {at, 4}), failure(Status::BadAddress));
        EXPECT_EQ(call(Call::SystemInfo, {at}), failure(Status::BadAddress));
        EXPECT_EQ(space().load(at, "code", 4), Status::BadAddress);
        EXPECT_EQ(call(Call::PagePoolRegister, {at}), failure(Status::BadAddress));
        EXPECT_EQ(call(Call::MemoryUnmap, {at, page}), 0U);
    }
}

TEST_F(DeviceObjectTest, RegistersAreNoFrames) {
    const uint64_t handle = create(clock, pages * page);
    const uint64_t frames = space().frames_owned();
    const uint64_t at = map(handle, read_write, abi::MapPopulate);
    // At most a table of the last level came, and the root's way to it was there.
    EXPECT_LE(space().frames_owned(), frames + 3);
    ASSERT_EQ(call(Call::MemoryQuery, {at, buffer}), 0U);
    const auto info = peek<abi::PageInfo>(buffer);
    EXPECT_EQ(info.kind, 2U);
    EXPECT_EQ(info.resident, 1U);
    EXPECT_EQ(info.mapped, read_write);
    EXPECT_EQ(info.shares, 0U);
    const auto advise = [&](abi::MemoryAdvice advice) {
        return call(Call::MemoryAdvise, {at, pages * page, static_cast<uint64_t>(advice)});
    };
    EXPECT_EQ(advise(abi::MemoryAdvice::WillNeed), 0U);
    EXPECT_EQ(advise(abi::MemoryAdvice::PageOut), 0U);
    EXPECT_EQ(advise(abi::MemoryAdvice::Discard), failure(Status::PermissionDenied));
    EXPECT_NE(descriptor_of(at), 0U);
    ASSERT_EQ(call(Call::MemoryAudit, {buffer}), 0U);
    EXPECT_EQ(peek<abi::MemoryAuditReport>(buffer).mismatch, abi::MemoryMismatch::None);
    EXPECT_EQ(call(Call::MemoryUnmap, {at, pages * page}), 0U);
    EXPECT_EQ(call(Call::MemoryObjectClose, {handle}), 0U);
    expect_no_loss();
}

TEST_F(DeviceObjectTest, WhatIsMappedOutlivesTheHandle) {
    const uint64_t handle = create(clock, page);
    const uint64_t at = map(handle, read_write);
    EXPECT_EQ(call(Call::MemoryObjectClose, {handle}), 0U);
    EXPECT_EQ(map(handle, read_write), failure(Status::NotFound));
    trap(hal::TrapKind::Synchronous, load_translation, at);
    EXPECT_EQ(descriptor_of(at) & 0x0000'ffff'ffff'f000, clock);
    EXPECT_EQ(call(Call::MemoryUnmap, {at, page}), 0U);
    EXPECT_EQ(descriptor_of(at), 0U);
    expect_no_loss();
}

TEST_F(DeviceObjectTest, AChildHasOnlyWhatItIsGiven) {
    const uint64_t handle = create(clock, page);
    const uint64_t child = spawn_with_object(handle);
    const uint64_t stranger = spawn("bin/child");
    run_task(child);
    EXPECT_EQ(create(clock, page), failure(Status::PermissionDenied));
    EXPECT_EQ(create(FakeMachine::memory_begin, page), failure(Status::PermissionDenied));
    const uint64_t at = map(abi::given_name(0), read_write, abi::MapPopulate);
    ASSERT_LT(at, abi::user_end);
    EXPECT_EQ(descriptor_of(at), clock | 0x0060'0000'0000'0f47);
    // It ends with the registers mapped.
    start_call(Call::TaskExit, {0});
    run_task(stranger);
    EXPECT_EQ(create(clock, page), failure(Status::PermissionDenied));
    EXPECT_EQ(map(abi::given_name(0), read_write), failure(Status::NotFound));
    start_call(Call::TaskExit, {0});
    run_task(Tasks::init_id);
    EXPECT_EQ(call(Call::TaskWait, {right_to_task(child), buffer}), 0U);
    EXPECT_EQ(call(Call::TaskWait, {right_to_task(stranger), buffer}), 0U);
    EXPECT_LT(map(handle, read_write), abi::user_end);
}

}  // namespace
}  // namespace kernel
