// SPDX-License-Identifier: Apache-2.0
// What the arguments of system calls mean.
#include "tests/fuzz/call_table.hpp"

#include <cstddef>
#include <string_view>

#include "kernel/abi/container.hpp"
#include "kernel/abi/message.hpp"
#include "kernel/abi/page_pool.hpp"
#include "kernel/abi/schedule.hpp"

namespace fuzz {
namespace {

using kernel::abi::ContainerArguments;
using kernel::abi::FrameOperation;
using kernel::abi::GeneralRegisters;
using kernel::abi::MapArguments;
using kernel::abi::MessageTransfer;
using kernel::abi::PagePoolState;
using kernel::abi::SpawnArguments;
using kernel::abi::SystemCall;
using kernel::abi::ThreadParameters;

enum StructureIndex : uint8_t {
    spawn_arguments,
    map_arguments,
    frame_operations,
    page_pool,
    message_transfer,
    container_arguments,
    thread_parameters,
    general_registers
};

#define FIELD(type, name, ...) \
    { offsetof(type, name), sizeof(type::name), __VA_ARGS__ }

constexpr StructureDescription structure_rows[] = {
    {"SpawnArguments",
     sizeof(SpawnArguments),
     1,
     {FIELD(SpawnArguments, path, Kind::Text), FIELD(SpawnArguments, path_length, Kind::TextLength),
      FIELD(SpawnArguments, arguments, Kind::Text),
      FIELD(SpawnArguments, arguments_length, Kind::TextLength),
      FIELD(SpawnArguments, cpu_mask, Kind::Bits), FIELD(SpawnArguments, objects, Kind::Words),
      FIELD(SpawnArguments, object_count, Kind::Few),
      FIELD(SpawnArguments, system, Kind::RightMask),
      FIELD(SpawnArguments, container, Kind::Container),
      FIELD(SpawnArguments, container_mask, Kind::RightMask)}},
    {"MapArguments",
     sizeof(MapArguments),
     1,
     {FIELD(MapArguments, handle, Kind::Handle), FIELD(MapArguments, protection, Kind::Choice),
      FIELD(MapArguments, flags, Kind::MapFlags), FIELD(MapArguments, policy, Kind::Few),
      FIELD(MapArguments, offset, Kind::PageSize), FIELD(MapArguments, size, Kind::PageSize),
      FIELD(MapArguments, address, Kind::PageAddress), FIELD(MapArguments, nodes, Kind::Bits),
      FIELD(MapArguments, task, Kind::Task)}},
    {"FrameOperation",
     sizeof(FrameOperation),
     4,
     {FIELD(FrameOperation, slot, Kind::Choice), FIELD(FrameOperation, kind, Kind::Few),
      FIELD(FrameOperation, order, Kind::Choice), FIELD(FrameOperation, mobility, Kind::Few),
      FIELD(FrameOperation, policy, Kind::Few), FIELD(FrameOperation, nodes, Kind::Bits)}},
    {"PagePoolState",
     sizeof(PagePoolState) + 16,
     1,
     {FIELD(PagePoolState, magic, Kind::Any),
      FIELD(PagePoolState, begin, Kind::PageAddress),
      FIELD(PagePoolState, pages, Kind::Count),
      FIELD(PagePoolState, wanted, Kind::Count),
      {sizeof(PagePoolState), 8, Kind::Any},
      {sizeof(PagePoolState) + 8, 8, Kind::Any}}},
    // One to send and one to receive with.
    {"MessageTransfer",
     sizeof(MessageTransfer),
     2,
     {FIELD(MessageTransfer, data, Kind::Out),
      FIELD(MessageTransfer, size, Kind::Size),
      FIELD(MessageTransfer, right_count, Kind::Few),
      {offsetof(MessageTransfer, rights), 4, Kind::Handle},
      {offsetof(MessageTransfer, rights) + 4, 4, Kind::Handle},
      {offsetof(MessageTransfer, rights) + 8, 4, Kind::Handle},
      {offsetof(MessageTransfer, disposals), 1, Kind::Few},
      {offsetof(MessageTransfer, disposals) + 1, 1, Kind::Few}}},
    {"ContainerArguments",
     sizeof(ContainerArguments),
     1,
     {FIELD(ContainerArguments, name, Kind::Text),
      FIELD(ContainerArguments, name_length, Kind::TextLength),
      FIELD(ContainerArguments, program, Kind::Transfer, spawn_arguments),
      FIELD(ContainerArguments, parent, Kind::Container),
      FIELD(ContainerArguments, events, Kind::Port),
      {offsetof(ContainerArguments, limits), 8, Kind::PageSize},
      {offsetof(ContainerArguments, limits) + 8, 8, Kind::PageSize},
      {offsetof(ContainerArguments, limits) + 16, 8, Kind::PageSize},
      {offsetof(ContainerArguments, limits) + 24, 8, Kind::Size},
      {offsetof(ContainerArguments, limits) + 32, 8, Kind::Size},
      {offsetof(ContainerArguments, limits) + 40, 8, Kind::Count},
      {offsetof(ContainerArguments, limits) + 48, 8, Kind::Choice},
      {offsetof(ContainerArguments, limits) + 56, 8, Kind::Choice}}},
    {"ThreadParameters",
     sizeof(ThreadParameters),
     1,
     {FIELD(ThreadParameters, schedule_class, Kind::Few),
      FIELD(ThreadParameters, priority, Kind::Count), FIELD(ThreadParameters, weight, Kind::Size),
      FIELD(ThreadParameters, runtime, Kind::Nanoseconds),
      FIELD(ThreadParameters, deadline, Kind::Nanoseconds),
      FIELD(ThreadParameters, period, Kind::Nanoseconds),
      FIELD(ThreadParameters, cpu_mask, Kind::Bits)}},
    {"GeneralRegisters",
     sizeof(GeneralRegisters),
     1,
     {{offsetof(GeneralRegisters, x), 8, Kind::Any},
      {offsetof(GeneralRegisters, x) + 8 * 8, 8, Kind::Count},  // the number of a call
      FIELD(GeneralRegisters, sp, Kind::Stack),
      FIELD(GeneralRegisters, pc, Kind::Entry),
      FIELD(GeneralRegisters, pstate, Kind::Any),
      FIELD(GeneralRegisters, tpidr, Kind::Address),
      FIELD(GeneralRegisters, reserved, Kind::Choice)}},
};

#undef FIELD

// What all calls that send begin with.
#define MESSAGE                                                                             \
    {                                                                                       \
        {Kind::Handle}, {Kind::Any}, {Kind::Transfer, message_transfer}, {Kind::Timeout}, { \
            Kind::Any                                                                       \
        }                                                                                   \
    }

constexpr CallDescription rows[] = {
    {SystemCall::Null, {}},
    {SystemCall::TaskExit, {{Kind::Choice}}, Kind::Any, true},
    {SystemCall::ThreadExit, {{Kind::Any}}, Kind::Any, true},
    {SystemCall::ThreadYield, {}},
    {SystemCall::ThreadSleep, {{Kind::Nanoseconds}}},
    {SystemCall::ClockNow, {}},
    {SystemCall::ThreadCreate,
     {{Kind::Entry}, {Kind::Stack}, {Kind::Any}, {Kind::Bits}},
     Kind::Thread},
    {SystemCall::ThreadJoin, {{Kind::Thread}}},
    {SystemCall::MemoryMap,
     {{Kind::PageSize}, {Kind::Protection}, {Kind::PageAddress}},
     Kind::Address},
    {SystemCall::MemoryUnmap, {{Kind::PageAddress}, {Kind::PageSize}}},
    {SystemCall::ConsoleWrite, {{Kind::Address}, {Kind::Size}}},
    {SystemCall::ConsoleRead, {{Kind::Address}, {Kind::Size}}},
    {SystemCall::TaskSpawn, {{Kind::Structure, spawn_arguments}}, Kind::Task},
    {SystemCall::TaskWait, {{Kind::Task}, {Kind::Out}}},
    {SystemCall::TaskKill, {{Kind::Task}}},
    {SystemCall::ArchiveMap, {}, Kind::Address},
    {SystemCall::SystemInfo, {{Kind::Out}}},
    {SystemCall::CpuNumber, {}},
    {SystemCall::PowerOff, {{Kind::Choice}}, Kind::Any, true},
    {SystemCall::MemoryProtect, {{Kind::PageAddress}, {Kind::PageSize}, {Kind::Protection}}},
    {SystemCall::PerformanceRead, {{Kind::Choice}, {Kind::Out}}},
    {SystemCall::PerformanceSet, {{Kind::Choice}, {Kind::Any}}},
    {SystemCall::MemoryAudit, {{Kind::Out}}},
    {SystemCall::MemoryObjectCreate, {{Kind::Zero}, {Kind::PageSize}}, Kind::Handle},
    {SystemCall::MemoryObjectCreate, {{Kind::Few}, {Kind::Text}, {Kind::TextLength}}, Kind::Handle},
    {SystemCall::MemoryObjectCreate, {{Kind::Few}, {Kind::Any}, {Kind::PageSize}}, Kind::Handle},
    {SystemCall::MemoryObjectCopy, {{Kind::Handle}}, Kind::Handle},
    {SystemCall::MemoryObjectClose, {{Kind::Handle}}},
    {SystemCall::MemoryMapObject, {{Kind::Structure, map_arguments}}, Kind::Address},
    {SystemCall::MemoryCopy, {{Kind::PageAddress}, {Kind::PageSize}}, Kind::Address},
    {SystemCall::MemoryAdvise, {{Kind::PageAddress}, {Kind::PageSize}, {Kind::Choice}}},
    {SystemCall::MemoryQuery, {{Kind::Address}, {Kind::Out}}},
    {SystemCall::FramesOperate,
     {{Kind::Structure, frame_operations}, {Kind::Choice}, {Kind::Choice}}},
    {SystemCall::FramesRead, {{Kind::Out}}},
    {SystemCall::FramesMap, {{Kind::Out}, {Kind::Choice}, {Kind::Count}}},
    {SystemCall::MemoryCompact, {{Kind::Choice}}},
    {SystemCall::PagePoolRegister, {{Kind::Structure, page_pool}}},
    {SystemCall::BalloonRequest, {{Kind::Task}, {Kind::Count}, {Kind::Nanoseconds}}},
    {SystemCall::BalloonWait, {{Kind::Nanoseconds}}},
    {SystemCall::RightCopy,
     {{Kind::Handle}, {Kind::RightMask}, {Kind::Count}, {Kind::Timeout}},
     Kind::Port},
    {SystemCall::RightClose, {{Kind::Handle}}},
    {SystemCall::RightRevoke, {{Kind::Handle}}},
    {SystemCall::RightRead, {{Kind::Handle}, {Kind::Out}}},
    {SystemCall::RightOpen, {{Kind::Task}, {Kind::Few}, {Kind::Choice}}, Kind::Thread},
    {SystemCall::RightOpen, {{Kind::Container}, {Kind::Choice}, {Kind::Choice}}, Kind::Container},
    {SystemCall::PortCreate, {{Kind::Few}}, Kind::Port},
    {SystemCall::MessageSend, MESSAGE},
    {SystemCall::MessageCall, MESSAGE},
    {SystemCall::MessageReceive,
     {{Kind::Port}, {Kind::Zero}, {Kind::Transfer, message_transfer}, {Kind::Timeout}}},
    {SystemCall::MessageReply, MESSAGE},
    {SystemCall::MessageReplyReceive, MESSAGE},
    {SystemCall::ReplySave, {}, Kind::Handle},
    {SystemCall::PortSetCreate, {}, Kind::Port},
    {SystemCall::PortSetChange, {{Kind::Port}, {Kind::Port}, {Kind::Few}}},
    {SystemCall::PortNotify, {{Kind::Port}, {Kind::Few}, {Kind::Port}}},
    {SystemCall::PortRead, {{Kind::Port}, {Kind::Out}}},
    {SystemCall::InterruptCreate, {{Kind::Interrupt}}, Kind::Handle},
    {SystemCall::InterruptBind, {{Kind::Handle}, {Kind::Port}, {Kind::Choice}}},
    {SystemCall::InterruptAcknowledge, {{Kind::Handle}}},
    {SystemCall::ThreadSchedule, {{Kind::Thread}, {Kind::Structure, thread_parameters}}},
    {SystemCall::ThreadScheduleRead, {{Kind::Thread}, {Kind::Out}}},
    {SystemCall::CpuPlug, {{Kind::Few}, {Kind::Few}}},
    {SystemCall::ScheduleRead, {{Kind::Out}}},
    {SystemCall::FutexWait, {{Kind::Address}, {Kind::Few}, {Kind::Timeout}}},
    {SystemCall::FutexWake, {{Kind::Address}, {Kind::Count}}},
    {SystemCall::LockWait, {{Kind::Address}, {Kind::Few}, {Kind::Timeout}}},
    {SystemCall::LockWake, {{Kind::Address}}},
    {SystemCall::ThreadNumber, {}},
    {SystemCall::ContainerCreate, {{Kind::Structure, container_arguments}}, Kind::Container},
    {SystemCall::ContainerStart, {{Kind::Container}}},
    {SystemCall::ContainerKill, {{Kind::Container}}},
    {SystemCall::ContainerDelete, {{Kind::Container}}},
    {SystemCall::ContainerPause, {{Kind::Container}}},
    {SystemCall::ContainerResume, {{Kind::Container}}},
    {SystemCall::ContainerSet, {{Kind::Container}, {Kind::Choice}, {Kind::PageSize}}},
    {SystemCall::ContainerStatistics, {{Kind::Container}, {Kind::Out}}},
    {SystemCall::ContainerNext, {{Kind::Container}, {Kind::Choice}}},
    {SystemCall::ContainerBind, {{Kind::Container}, {Kind::Port}}},
    {SystemCall::ExceptionBind, {{Kind::Task}, {Kind::Port}}},
    {SystemCall::ExceptionBind, {{Kind::Thread}, {Kind::Port}}},
    {SystemCall::ThreadSuspend, {{Kind::Task}}},
    {SystemCall::ThreadSuspend, {{Kind::Thread}}},
    {SystemCall::ThreadResume, {{Kind::Task}}},
    {SystemCall::ThreadResume, {{Kind::Thread}}},
    {SystemCall::ThreadRead, {{Kind::Thread}, {Kind::Few}, {Kind::Out}}},
    {SystemCall::ThreadWrite, {{Kind::Thread}, {Kind::Zero}, {Kind::Structure, general_registers}}},
    {SystemCall::ThreadWrite, {{Kind::Thread}, {Kind::Few}, {Kind::Out}}},
    {SystemCall::AuditControl, {{Kind::Container}, {Kind::Bits}}},
    {SystemCall::AuditRead, {{Kind::Container}, {Kind::Out}, {Kind::Count}}},
};

constexpr bool has_row(SystemCall call) {
    for (const CallDescription& row : rows) {
        if (row.call == call) return true;
    }
    return false;
}

constexpr bool every_call_has_a_row() {
    for (uint32_t number = 0; number < static_cast<uint32_t>(SystemCall::Limit); ++number) {
        const auto call = static_cast<SystemCall>(number);
        const bool is_call = std::string_view(system_call_name(call)) != "unknown";
        if (is_call != has_row(call)) return false;
    }
    return true;
}
static_assert(every_call_has_a_row(), "describe the new call in `rows`");

}  // namespace

uint64_t next_described(uint64_t number) {
    constexpr auto limit = static_cast<uint64_t>(SystemCall::Limit);
    for (uint64_t i = 0; i < limit; ++i) {
        const uint64_t tried = (number + i) % limit;
        if (find_description(tried, 0) != nullptr) return tried;
    }
    return number;
}

const StructureDescription& structure(uint8_t index) {
    return structure_rows[index];
}

const CallDescription* find_description(uint64_t number, uint8_t variant) {
    unsigned count = 0;
    for (const CallDescription& row : rows) {
        if (static_cast<uint64_t>(row.call) == number) ++count;
    }
    if (count == 0) return nullptr;
    unsigned skip = variant % count;
    for (const CallDescription& row : rows) {
        if (static_cast<uint64_t>(row.call) == number && skip-- == 0) return &row;
    }
    return nullptr;
}

}  // namespace fuzz
