// SPDX-License-Identifier: Apache-2.0
// Every system call with good arguments, and what is wrong for each of them.
#include "tests/kernel/bad_input/wrong_calls.hpp"

namespace kernel {
namespace {

using namespace wrong;

void add_plain_calls(CallWorld& world, Rows& rows) {
    const Values& pointers = CallWorld::pointers;
    const uint64_t buffer = CallWorld::buffer;
    // Whatever their arguments are, they are right, or there are none.
    for (const Call call :
         {Call::Null, Call::ThreadYield, Call::ThreadSleep, Call::ClockNow, Call::CpuNumber,
          Call::ThreadNumber, Call::ArchiveMap, Call::MemoryCompact, Call::PortSetCreate,
          Call::TaskExit, Call::ThreadExit, Call::PowerOff, Call::BalloonWait}) {
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
    for (const Call call : {Call::FutexWait, Call::LockWait}) {
        rows.push_back({call,
                        {world.at(uint64_t{0}), 0, 0},
                        {{0, pointers},
                         {0, {buffer + 1, buffer + 2}, invalid},
                         {1, {1, all_ones}, Status::WouldBlock}},
                        Status::TimedOut});
    }
    for (const Call call : {Call::FutexWake, Call::LockWake}) {
        rows.push_back(
            {call, {buffer, all_ones}, {{0, pointers}, {0, {buffer + 1, buffer + 2}, invalid}}});
    }
    rows.push_back({Call::CpuPlug, {0, 1}, {{0, {1, 8, all_ones}, not_found}}, Status::Busy});
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

// What is in a task, and what is in a container.
void add_openings(CallWorld& world, Rows& rows) {
    constexpr auto type_of = [](abi::ObjectType type) { return static_cast<uint64_t>(type); };
    constexpr uint64_t task = type_of(abi::ObjectType::Task);
    constexpr uint64_t thread = type_of(abi::ObjectType::Thread);
    constexpr uint64_t container = type_of(abi::ObjectType::Container);
    constexpr uint64_t port = type_of(abi::ObjectType::Port);
    // Objects without parts, whatever the bits of their masks mean.
    const Wrong no_whole{
        0,
        {world.port, world.sender, world.memory, world.child_thread, world.blind_thread},
        invalid};
    const Wrong no_type{1, {0, port, abi::object_type_count, all_ones}, invalid};
    rows.push_back({Call::RightOpen,
                    {world.child, thread, 0},
                    {{0, world.no_names(world.child), not_found},
                     {0, {world.gone}, not_found},
                     {0, {world.seen, world.blind, world.set}, denied},
                     no_whole,
                     no_type,
                     {1, {container}, invalid},
                     {2, {9999, world.thread().id, all_ones}, not_found}}});
    rows.push_back({Call::RightOpen,
                    {abi::task_name, task, world.child_id},
                    {{0, {world.child, world.gone}, not_found},
                     no_whole,
                     no_type,
                     {2, {0, 9999, CallWorld::init, world.child_id | 1ULL << 32U}, not_found}}});
    rows.push_back({Call::RightOpen,
                    {abi::container_name, container, world.box_id},
                    {{0, world.forged(world.box), not_found},
                     {0, {0, world.box, world.gone_box}, not_found},
                     {0, {world.seen_box, world.blind_box}, denied},
                     no_whole,
                     no_type,
                     {1, {thread}, invalid},
                     {2, {0, 9999, world.task().container.id, all_ones}, not_found},
                     {2, {world.box_id | 1ULL << 32U}, not_found}}});
    rows.push_back({Call::RightOpen,
                    {abi::container_name, task, world.child_id},
                    {{0, {world.box, world.gone_box}, not_found},
                     {2, {0, 9999, world.child_id | 1ULL << 32U, all_ones}, not_found}}});
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
                    {world.interrupt, world.port, 0},
                    {{0, world.no_names(world.interrupt), not_found},
                     {0, {world.port, world.memory}},
                     {1, no_ports, not_found},
                     {1, others},
                     {1, {world.sender}, denied},
                     {2, {2, 3, all_ones}}}});
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
    good.rights[0] = short_name(world.memory);
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
            t.rights[0] = short_name(world.stale);
        },
        [&](T& t) {  // it may not be given on
            t.right_count = 1;
            t.rights[0] = short_name(world.weak);
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

}  // namespace

std::vector<WrongCall> wrong_calls(CallWorld& world) {
    Rows rows;
    add_plain_calls(world, rows);
    add_memory_calls(world, rows);
    add_memory_object_calls(world, rows);
    add_task_calls(world, rows);
    add_thread_calls(world, rows);
    add_right_calls(world, rows);
    add_openings(world, rows);
    add_port_calls(world, rows);
    add_message_calls(world, rows);
    add_container_calls(world, rows);
    return rows;
}

}  // namespace kernel
