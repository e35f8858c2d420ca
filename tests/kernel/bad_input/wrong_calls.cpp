// SPDX-License-Identifier: Apache-2.0
// Every system call with good arguments, and what is wrong for each of them.
#include "kernel/memory/page_table.hpp"
#include "tests/kernel/bad_input/call_world.hpp"

namespace kernel {
namespace {

using Call = abi::SystemCall;
using Values = CallWorld::Values;
using Rows = std::vector<WrongCall>;

constexpr uint64_t page = hal::page_size;
constexpr uint64_t all_ones = ~uint64_t{0};
constexpr uint64_t read_write = CallWorld::read_write;
constexpr uint64_t write_and_execute = abi::ProtectionWrite | abi::ProtectionExecute;
constexpr auto bad_address = Status::BadAddress;
constexpr auto denied = Status::PermissionDenied;
constexpr auto invalid = Status::InvalidArgument;
constexpr auto not_found = Status::NotFound;

abi::SpawnArguments spawn_of(CallWorld& world) {
    abi::SpawnArguments arguments{};
    arguments.path = world.text("bin/child");
    arguments.path_length = 9;
    return arguments;
}

// Addresses of structures, each with one field that is wrong.
template <class T, class... Change>
Values spoilt(CallWorld& world, const T& good, Change... changes) {
    Values addresses;
    const auto add = [&](auto change) {
        T copy = good;
        change(copy);
        addresses.push_back(world.at(copy));
    };
    (add(changes), ...);
    return addresses;
}

void add_plain_calls(CallWorld& world, Rows& rows) {
    const Values& pointers = CallWorld::pointers;
    const uint64_t buffer = CallWorld::buffer;
    // Whatever their arguments are, they are right, or there are none.
    for (const Call call :
         {Call::Null, Call::ThreadYield, Call::ThreadSleep, Call::ClockNow, Call::CpuNumber,
          Call::ArchiveMap, Call::MemoryCompact, Call::PortSetCreate, Call::TaskExit,
          Call::ThreadExit, Call::PowerOff, Call::BalloonWait}) {
        const bool leaves = call == Call::TaskExit || call == Call::ThreadExit ||
                            call == Call::PowerOff || call == Call::BalloonWait ||
                            call == Call::ThreadYield || call == Call::ThreadSleep;
        rows.push_back({call, {}, {}, Status::Ok, !leaves});
    }
    rows.push_back({Call::ReplySave, {}, {}, not_found});
    rows.push_back({Call::SystemInfo, {buffer}, {{0, pointers, bad_address}}});
    rows.push_back({Call::MemoryAudit, {buffer}, {{0, pointers, bad_address}}});
    rows.push_back({Call::FramesRead, {buffer}, {{0, pointers, bad_address}}});
    rows.push_back({Call::ScheduleRead, {buffer}, {{0, pointers, bad_address}}});
    rows.push_back({Call::ConsoleWrite, {buffer, 16}, {{0, pointers, bad_address}}});
    rows.push_back({Call::ConsoleRead, {buffer, 16}, {{0, pointers, bad_address}}});
    // This machine sets no clocks.
    rows.push_back({Call::PerformanceRead, {0, buffer}, {{0, {1, all_ones}}}, not_found});
    rows.push_back({Call::PerformanceSet, {0, 1}, {{0, {1, all_ones}}}, not_found});
    rows.push_back({Call::FutexWait,
                    {world.at(uint64_t{0}), 0, 0},
                    {{0, pointers}, {0, {buffer + 1, buffer + 2}, invalid}, {1, {1, all_ones}}},
                    Status::TimedOut});
    rows.push_back({Call::FutexWake,
                    {buffer, all_ones},
                    {{0, pointers}, {0, {buffer + 1, buffer + 2}, invalid}}});
    rows.push_back({Call::CpuPlug, {0, 1}, {{0, {1, 8, all_ones}, not_found}}, Status::Busy});
}

void add_memory_calls(CallWorld& world, Rows& rows) {
    const Values& pointers = CallWorld::pointers;
    const uint64_t buffer = CallWorld::buffer;
    const Values bad_sizes{
        0, 1, page - 1, page + 1, abi::user_end + page, all_ones, uint64_t{1} << 63};
    const Values bad_places{1, world.area + 1, abi::user_end, all_ones - page + 1};
    const Values bad_protections{write_and_execute, 8, 1U << 16, uint64_t{1} << 32};
    rows.push_back({Call::MemoryMap,
                    {page, read_write, 0},
                    {{0, bad_sizes},
                     {1, bad_protections},
                     {2, {1, page, abi::user_base - page, abi::user_end, all_ones - page + 1}},
                     {2, {buffer, world.area}, Status::Busy}}});
    rows.push_back({Call::MemoryProtect,
                    {world.area, page, read_write},
                    {{0, bad_places}, {1, bad_sizes}, {2, bad_protections}}});
    rows.push_back({Call::MemoryAdvise,
                    {world.area, page, 1},
                    {{0, bad_places}, {1, bad_sizes}, {2, {5, all_ones}, invalid}}});
    rows.push_back({Call::MemoryCopy, {world.area, page}, {{0, bad_places}, {1, bad_sizes}}});
    rows.push_back({Call::MemoryUnmap, {world.area, page}, {{0, bad_places}, {1, bad_sizes}}});
    rows.push_back({Call::MemoryQuery,
                    {world.area, buffer},
                    {{0, {abi::user_end, all_ones, 0}}, {1, pointers, bad_address}}});
    rows.push_back({Call::FramesOperate,
                    {buffer, 1, 0},
                    {{0, pointers, bad_address},
                     {1, {1025, all_ones}, invalid},
                     {2, {2, all_ones}, invalid}}});
    rows.push_back({Call::FramesMap,
                    {buffer, 0, 1},
                    {{0, pointers, bad_address}, {2, {1025, all_ones}, invalid}}});
    rows.push_back({Call::PagePoolRegister, {0}, {{0, CallWorld::pointers_not_0}, {0, {buffer}}}});
    rows.push_back({Call::BalloonRequest,
                    {world.child, 1, 0},
                    {{0, CallWorld::no_numbers(world.child), not_found},
                     {0, {0, world.ended}, not_found},
                     {0, {CallWorld::init}, denied},
                     {1, {0}, invalid}}});
}

void add_memory_object_calls(CallWorld& world, Rows& rows) {
    const Values& pointers = CallWorld::pointers;
    const uint64_t path = world.text("bin/child");
    const uint64_t device = 0x0a00'0000;
    const Values others{world.port, world.sender, world.set, world.interrupt};
    const Values bad_sizes{0, 1, page + 1, all_ones};
    rows.push_back({Call::MemoryObjectCreate,
                    {0, page},
                    {{0, {3, all_ones}, invalid}, {1, bad_sizes, invalid}}});
    rows.push_back(
        {Call::MemoryObjectCreate,
         {1, path, 9},
         {{1, pointers, bad_address}, {2, {0, 129, all_ones}, invalid}, {2, {8}, not_found}}});
    rows.push_back({Call::MemoryObjectCreate,
                    {2, device, page},
                    {{1, {1, FakeMachine::memory_begin, physical_end, all_ones}, invalid},
                     {2, bad_sizes, invalid}}});
    rows.push_back({Call::MemoryObjectCopy,
                    {world.memory},
                    {{0, world.no_names(world.memory), not_found}, {0, others}}});
    abi::MapArguments good{};
    good.handle = static_cast<uint32_t>(world.memory);
    good.protection = read_write;
    using M = abi::MapArguments;
    Values wrong = spoilt(
        world, good, [](M& m) { m.handle = 0; },
        [&](M& m) { m.handle = static_cast<uint32_t>(world.stale); },
        [&](M& m) { m.handle = static_cast<uint32_t>(world.port); },
        [](M& m) { m.protection = write_and_execute; }, [](M& m) { m.protection = 8; },
        [](M& m) { m.flags = 1; }, [](M& m) { m.policy = abi::MemoryPolicy{3}; },
        [](M& m) { m.policy = abi::MemoryPolicy::Bound; }, [](M& m) { m.offset = 1; },
        [](M& m) { m.offset = 4 * page; }, [](M& m) { m.offset = all_ones - page + 1; },
        [](M& m) { m.size = 1; }, [](M& m) { m.size = 5 * page; },
        [](M& m) { m.size = all_ones - page + 1; }, [](M& m) { m.address = 1; },
        [](M& m) { m.address = CallWorld::buffer; }, [](M& m) { m.address = abi::user_end; },
        [](M& m) { m.task = 9999; }, [](M& m) { m.task = static_cast<uint32_t>(CallWorld::init); });
    rows.push_back(
        {Call::MemoryMapObject, {world.at(good)}, {{0, pointers, bad_address}, {0, wrong}}});
    rows.push_back(
        {Call::MemoryObjectClose, {world.memory}, {{0, world.no_names(world.memory), not_found}}});
}

void add_task_calls(CallWorld& world, Rows& rows) {
    const Values& pointers = CallWorld::pointers;
    const uint64_t buffer = CallWorld::buffer;
    using S = abi::SpawnArguments;
    S with_rights = spawn_of(world);
    with_rights.objects = world.at(static_cast<uint32_t>(world.memory));
    with_rights.object_count = 1;
    Values wrong = spoilt(
        world, with_rights, [](S& s) { s.path = 8; }, [](S& s) { s.path_length = 0; },
        [](S& s) { s.path_length = 8; }, [](S& s) { s.path_length = all_ones; },
        [](S& s) { s.arguments_length = 8; }, [](S& s) { s.arguments_length = all_ones; },
        [](S& s) { s.cpu_mask = 2; }, [](S& s) { s.objects = 8; },
        [](S& s) { s.object_count = 17; }, [](S& s) { s.object_count = all_ones; },
        [](S& s) { s.container = 9999; }, [](S& s) { s.container = all_ones; },
        [&](S& s) { s.container = world.box; },  // it does not run
        [&](S& s) { s.objects = world.at(static_cast<uint32_t>(world.stale)); },
        [&](S& s) { s.objects = world.at(static_cast<uint32_t>(world.weak)); });
    rows.push_back(
        {Call::TaskSpawn, {world.at(with_rights)}, {{0, pointers, bad_address}, {0, wrong}}});
    rows.push_back({Call::TaskWait,
                    {world.ended, buffer},
                    {{0, CallWorld::no_numbers(world.ended), not_found},
                     {0, {0}, not_found},
                     {0, {CallWorld::init}, denied},
                     {1, pointers, bad_address}}});
    rows.push_back({Call::TaskKill,
                    {world.child},
                    {{0, CallWorld::no_numbers(world.child), not_found},
                     {0, {0, world.ended}, not_found},
                     {0, {CallWorld::init}, denied}}});
}

void add_thread_calls(CallWorld& world, Rows& rows) {
    const Values& pointers = CallWorld::pointers;
    const uint64_t buffer = CallWorld::buffer;
    const Values no_tasks = CallWorld::no_numbers(world.child);
    const Values no_threads = CallWorld::no_numbers(world.child_thread);
    rows.push_back({Call::ThreadCreate,
                    {CallWorld::entry, 0, 0, 0},
                    {{0, {1, 2, abi::user_end, all_ones}, invalid},
                     {1, {8, abi::user_end + 16, all_ones}, invalid},
                     {3, {2, uint64_t{1} << 63}, invalid}}});
    rows.push_back({Call::ThreadJoin,
                    {world.joinable},
                    {{0, CallWorld::no_numbers(world.joinable), not_found},
                     {0, {0, world.child_thread}, not_found},
                     {0, {world.thread().id}, invalid}}});
    rows.push_back({Call::ThreadSuspend,
                    {world.child, 0},
                    {{0, no_tasks, not_found},
                     {0, {0, world.ended}, not_found},
                     {1, no_threads, not_found},
                     {1, {world.thread().id}, not_found}}});
    rows.push_back({Call::ThreadRead,
                    {world.child, world.child_thread, 0, buffer},
                    {{0, no_tasks, not_found},
                     {1, no_threads, not_found},
                     {1, {0, world.thread().id}, not_found},
                     {2, {2, all_ones}, invalid},
                     {3, pointers, bad_address}}});
    using G = abi::GeneralRegisters;
    Values wrong = spoilt(
        world, G{}, [](G& g) { g.pc = abi::user_end; }, [](G& g) { g.pstate = 1; },
        [](G& g) { g.pstate = 0x3c5; }, [](G& g) { g.pstate = uint64_t{1} << 32; },
        [](G& g) { g.reserved = 1; });
    // It was not suspended.
    rows.push_back({Call::ThreadWrite,
                    {world.child, world.child_thread, 0, world.at(G{})},
                    {{0, no_tasks, not_found},
                     {1, no_threads, not_found},
                     {2, {2, all_ones}, invalid},
                     {3, pointers, bad_address},
                     {3, wrong, invalid}},
                    Status::Busy});
    rows.push_back(
        {Call::ThreadResume,
         {world.child, 0},
         {{0, no_tasks, not_found}, {0, {0, world.ended}, not_found}, {1, no_threads, not_found}},
         invalid});
    rows.push_back({Call::ExceptionBind,
                    {world.child, 0, world.port},
                    {{0, no_tasks, not_found},
                     {1, no_threads, not_found},
                     {2, {world.stale, all_ones}, not_found},
                     {2, {world.sender}, denied},
                     {2, {world.memory, world.set}}}});
    using P = abi::ThreadParameters;
    const P good{.schedule_class = abi::ScheduleClass::Normal, .priority = 16, .weight = 100};
    Values wrong_parameters = spoilt(
        world, good, [](P& p) { p.schedule_class = abi::ScheduleClass{3}; },
        [](P& p) { p.priority = 32; }, [](P& p) { p.weight = 0; }, [](P& p) { p.weight = 10'001; },
        [](P& p) { p.schedule_class = abi::ScheduleClass::Deadline; },
        [](P& p) { p.cpu_mask = 2; });
    rows.push_back({Call::ThreadSchedule,
                    {0, world.at(good)},
                    {{0, {9999, world.child_thread, all_ones}, not_found},
                     {1, pointers, bad_address},
                     {1, wrong_parameters, invalid}}});
    rows.push_back(
        {Call::ThreadScheduleRead,
         {0, buffer},
         {{0, {9999, world.child_thread, all_ones}, not_found}, {1, pointers, bad_address}}});
}

void add_right_calls(CallWorld& world, Rows& rows) {
    const uint64_t buffer = CallWorld::buffer;
    const Values no_names = world.no_names(world.port);
    rows.push_back({Call::RightCopy,
                    {world.sender, abi::RightSend, 0, 0},
                    {{0, no_names, not_found},
                     {0, {world.weak, world.interrupt}, denied},
                     {1, {uint64_t{1} << 32, all_ones}, invalid}}});
    rows.push_back({Call::RightRead,
                    {world.port, buffer},
                    {{0, no_names, not_found}, {1, CallWorld::pointers, bad_address}}});
    rows.push_back(
        {Call::RightRevoke, {world.port}, {{0, no_names, not_found}, {0, {world.weak}, denied}}});
    rows.push_back({Call::RightClose, {world.port}, {{0, no_names, not_found}}});
}

void add_port_calls(CallWorld& world, Rows& rows) {
    const uint64_t buffer = CallWorld::buffer;
    const Values no_ports = world.no_names(world.port);
    const Values others{world.set, world.memory, world.interrupt};
    const Wrong no_receiver{0, {world.sender, world.weak}, denied};
    rows.push_back({Call::PortCreate, {4}, {{0, {257, all_ones}, invalid}}});
    rows.push_back({Call::PortSetChange,
                    {world.set, world.port, 1},
                    {{0, world.no_names(world.set), not_found},
                     {0, {world.port, world.memory}},
                     {1, no_ports, not_found},
                     {1, others},
                     {1, {world.sender}, denied},
                     {2, {2, all_ones}, invalid}}});
    rows.push_back(
        {Call::PortNotify,
         {world.port, 0},
         {{0, no_ports, not_found}, {0, others}, no_receiver, {1, {2, all_ones}, invalid}}});
    rows.push_back({Call::PortNotify,
                    {world.sender, 1, world.port},
                    {{0, no_ports, not_found},
                     {0, others},
                     {0, {world.dead}, Status::PortDead},
                     {2, no_ports, not_found},
                     {2, others},
                     {2, {world.sender}, denied}}});
    rows.push_back({Call::PortRead,
                    {world.port, buffer},
                    {{0, no_ports, not_found},
                     {0, others},
                     no_receiver,
                     {1, CallWorld::pointers, bad_address}}});
    // Lines of one CPU, the console's, no lines, and one that somebody has.
    rows.push_back({Call::InterruptCreate,
                    {CallWorld::line + 1},
                    {{0, {0, 27, 33}, denied},
                     {0, {96, 1024, all_ones}, invalid},
                     {0, {CallWorld::line}, Status::Busy}}});
    rows.push_back(
        {Call::InterruptAcknowledge,
         {world.interrupt},
         {{0, world.no_names(world.interrupt), not_found}, {0, {world.port, world.memory}}},
         not_found});  // it is bound to no port
    rows.push_back({Call::InterruptBind,
                    {world.interrupt, world.port},
                    {{0, world.no_names(world.interrupt), not_found},
                     {0, {world.port, world.memory}},
                     {1, no_ports, not_found},
                     {1, others},
                     {1, {world.sender}, denied}}});
}

void add_message_calls(CallWorld& world, Rows& rows) {
    const Values& pointers = CallWorld::pointers_not_0;
    const Values no_ports = world.no_names(world.sender);
    const Values others{world.set, world.memory, world.interrupt};
    const Values kernel_labels{abi::kernel_label, abi::label_interrupt, all_ones};
    using T = abi::MessageTransfer;
    T good{};
    good.data = CallWorld::buffer;
    good.size = 16;
    good.rights[0] = static_cast<uint32_t>(world.memory);
    good.disposals[0] = abi::RightDisposal::Copy;
    const Values wrong = spoilt(
        world, good, [](T& t) { t.data = 8; }, [](T& t) { t.size = abi::message_bytes + 1; },
        [](T& t) { t.size = UINT32_MAX; }, [](T& t) { t.right_count = 17; },
        [](T& t) { t.right_count = UINT32_MAX; },
        [](T& t) {
            t.right_count = 1;
            t.disposals[0] = abi::RightDisposal{3};
        },
        [](T& t) {
            t.right_count = 1;
            t.rights[0] = 0;
        },
        [&](T& t) {
            t.right_count = 1;
            t.rights[0] = static_cast<uint32_t>(world.stale);
        },
        [&](T& t) {  // it may not be given on
            t.right_count = 1;
            t.rights[0] = static_cast<uint32_t>(world.weak);
        },
        [&](T& t) {  // twice the same
            t.right_count = 2;
            t.rights[1] = t.rights[0];
            t.disposals[0] = abi::RightDisposal::Move;
        });
    const std::vector<Wrong> to_send{{0, no_ports, not_found},
                                     {0, others},
                                     {0, {world.dead}, Status::PortDead},
                                     {1, kernel_labels, invalid},
                                     {2, pointers, bad_address},
                                     {2, wrong}};
    rows.push_back({Call::MessageSend, {world.sender, 1, world.at(good), 0}, to_send});
    std::vector<Wrong> to_call = to_send;
    to_call.push_back({3, {abi::no_wait}, invalid});
    rows.push_back({Call::MessageCall,
                    {world.sender, 1, world.at(good), abi::wait_forever},
                    to_call,
                    Status::Ok,
                    false});
    rows.push_back({Call::MessageReply,
                    {0, 1, 0},
                    {{1, kernel_labels, invalid}, {2, pointers, bad_address}},
                    not_found});  // nobody asked
    const Wrong no_receiver{0, {world.sender, world.weak}, denied};
    rows.push_back({Call::MessageReceive,
                    {world.port, 0, 0, abi::no_wait},
                    {{0, no_ports, not_found},
                     {0, {world.memory, world.interrupt}, invalid},
                     no_receiver,
                     {2, pointers, bad_address}},
                    Status::WouldBlock});
    rows.push_back({Call::MessageReplyReceive,
                    {world.port, 0, 0, abi::no_wait},
                    {{0, no_ports, not_found},
                     {0, {world.memory, world.interrupt}, invalid},
                     no_receiver,
                     {1, kernel_labels, invalid},
                     {2, pointers, bad_address}},
                    Status::WouldBlock});
}

void add_container_calls(CallWorld& world, Rows& rows) {
    const Values& pointers = CallWorld::pointers;
    const uint64_t buffer = CallWorld::buffer;
    const Wrong no_box{0, CallWorld::no_numbers(world.box), not_found};
    const Wrong own{0, {0, world.task().container.id}, denied};
    using A = abi::ContainerArguments;
    A good{};
    good.name = world.text("new");
    good.name_length = 3;
    good.program = world.at(spawn_of(world));
    abi::SpawnArguments elsewhere = spawn_of(world);
    elsewhere.container = world.box;
    const uint64_t bad_program = world.at(elsewhere);
    const uint64_t taken = world.text("box");
    const Values wrong = spoilt(
        world, good, [](A& a) { a.name = 8; }, [](A& a) { a.name_length = 0; },
        [](A& a) { a.name_length = abi::container_name_size; }, [&](A& a) { a.name = taken; },
        [](A& a) { a.program = 8; }, [&](A& a) { a.program = bad_program; },
        [](A& a) { a.parent = 9999; }, [](A& a) { a.reserved = 1; },
        [](A& a) { a.limits[3] = 1; },          // cpu.max below 1000
        [](A& a) { a.limits[4] = 2'000'000; },  // of a period beyond 1 s
        [](A& a) { a.limits[5] = 10'001; });    // cpu.weight
    rows.push_back(
        {Call::ContainerCreate, {world.at(good)}, {{0, pointers, bad_address}, {0, wrong}}});
    rows.push_back({Call::ContainerPause, {world.box}, {no_box, own}, Status::Busy});
    rows.push_back({Call::ContainerResume, {world.box}, {no_box, own}, Status::Busy});
    rows.push_back({Call::ContainerDelete, {world.box}, {no_box, own}, Status::Busy});
    rows.push_back({Call::ContainerSet,
                    {world.box, 5, 200},
                    {no_box, own, {1, {8, all_ones}, invalid}, {2, {0, 10'001, all_ones}}}});
    const Wrong no_readable{0, CallWorld::no_numbers(world.box), not_found};
    rows.push_back({Call::ContainerStatistics,
                    {world.box, buffer},
                    {no_readable, {1, pointers, bad_address}}});
    rows.push_back({Call::ContainerNext, {0, 0}, {no_readable}});
    rows.push_back(
        {Call::ContainerEvent, {world.box, buffer, 0}, {no_box, own, {1, pointers, bad_address}}});
    rows.push_back({Call::AuditRead,
                    {world.box, buffer, 1},
                    {no_box, own, {1, pointers, bad_address}, {2, {0, 86, all_ones}, invalid}},
                    not_found});  // it has no log
    rows.push_back(
        {Call::AuditControl, {world.box, 1}, {no_box, own, {1, {4, all_ones}, invalid}}});
    rows.push_back({Call::ContainerStart, {world.box}, {no_box, own}});
    rows.push_back({Call::ContainerKill, {world.box}, {no_box, own}});
}

}  // namespace

std::vector<WrongCall> wrong_calls(CallWorld& world) {
    Rows rows;
    add_plain_calls(world, rows);
    add_memory_calls(world, rows);
    add_memory_object_calls(world, rows);
    add_task_calls(world, rows);
    add_thread_calls(world, rows);
    add_right_calls(world, rows);
    add_port_calls(world, rows);
    add_message_calls(world, rows);
    add_container_calls(world, rows);
    return rows;
}

}  // namespace kernel
