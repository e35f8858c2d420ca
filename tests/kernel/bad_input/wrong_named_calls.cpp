// SPDX-License-Identifier: Apache-2.0
// Wrong calls on tasks, threads and containers.
#include "tests/kernel/bad_input/wrong_calls.hpp"

namespace kernel {

using namespace wrong;

namespace {

// The ways in which a first argument names no task, or none that lives or that may be changed.
std::vector<Wrong> no_live_task(const CallWorld& world) {
    return {{0, world.no_names(world.child), not_found},
            {0, {world.gone, world.ended}, not_found},
            {0, {world.port, world.memory, world.box}, invalid},
            {0, {world.seen}, denied}};
}

// The same of threads; `weaker` lacks what the call needs.
std::vector<Wrong> no_live_thread(const CallWorld& world, uint64_t weaker) {
    return {{0, world.forged(world.child_thread), not_found},
            {0, {world.gone_thread, world.joinable}, not_found},
            {0, {world.port, world.memory, world.box}, invalid},
            {0, {weaker}, denied}};
}

// And of containers.
std::vector<Wrong> no_box(const CallWorld& world, uint64_t weaker) {
    return {{0, world.forged(world.box), not_found},
            {0, {world.gone_box}, not_found},
            {0, {world.port, world.memory, world.child}, invalid},
            {0, {weaker}, denied}};
}

std::vector<Wrong> operator+(std::vector<Wrong> all, const std::vector<Wrong>& more) {
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

void add_register_calls(CallWorld& world, Rows& rows) {
    const Values& pointers = CallWorld::pointers;
    const std::vector<Wrong> arguments{
        {0, {0, world.child}}, {1, {2, all_ones}, invalid}, {2, pointers, bad_address}};
    rows.push_back({Call::ThreadRead,
                    {world.child_thread, 0, CallWorld::buffer},
                    no_live_thread(world, world.blind_thread) + arguments +
                        std::vector<Wrong>{{0, {world.own_thread}, Status::Busy}}});
    using G = abi::GeneralRegisters;
    const Values wrong = spoilt(
        world, G{}, [](G& g) { g.pc = abi::user_end; }, [](G& g) { g.pstate = 1; },
        [](G& g) { g.pstate = 0x3c5; }, [](G& g) { g.pstate = uint64_t{1} << 32; },
        [](G& g) { g.reserved = 1; });
    // It was not suspended.
    rows.push_back({Call::ThreadWrite,
                    {world.child_thread, 0, world.at(G{})},
                    no_live_thread(world, world.seen_thread) + arguments +
                        std::vector<Wrong>{{2, wrong, invalid}},
                    Status::Busy});
}

void add_schedule_calls(CallWorld& world, Rows& rows) {
    const Values& pointers = CallWorld::pointers;
    using P = abi::ThreadParameters;
    const P good{.schedule_class = abi::ScheduleClass::Normal, .priority = 16, .weight = 100};
    const Values wrong = spoilt(
        world, good, [](P& p) { p.schedule_class = abi::ScheduleClass{3}; },
        [](P& p) { p.priority = 32; }, [](P& p) { p.weight = 0; }, [](P& p) { p.weight = 10'001; },
        [](P& p) { p.schedule_class = abi::ScheduleClass::Deadline; },
        [](P& p) { p.cpu_mask = 2; });
    const std::vector<Wrong> arguments{{0, {world.child}, invalid}, {1, pointers, bad_address}};
    rows.push_back({Call::ThreadSchedule,
                    {0, world.at(good)},
                    no_live_thread(world, world.seen_thread) + arguments +
                        std::vector<Wrong>{{1, wrong, invalid}}});
    rows.push_back({Call::ThreadScheduleRead,
                    {0, CallWorld::buffer},
                    no_live_thread(world, world.blind_thread) + arguments});
}

void add_container_creation(CallWorld& world, Rows& rows) {
    using A = abi::ContainerArguments;
    A good{};
    good.name = world.text("new");
    good.name_length = 3;
    good.program = world.at(spawn_of(world));
    good.events = short_name(world.port);
    abi::SpawnArguments elsewhere = spawn_of(world);
    elsewhere.container = short_name(world.box);
    const uint64_t bad_program = world.at(elsewhere);
    abi::SpawnArguments with_rights = spawn_of(world);
    with_rights.objects = world.at(short_name(world.stale));
    with_rights.object_count = 1;
    const uint64_t bad_rights = world.at(with_rights);
    const uint64_t taken = world.text("box");
    const Values wrong = spoilt(
        world, good, [](A& a) { a.name = 8; }, [](A& a) { a.name_length = 0; },
        [](A& a) { a.name_length = abi::container_name_size; }, [&](A& a) { a.name = taken; },
        [](A& a) { a.program = 8; }, [&](A& a) { a.program = bad_program; },
        [&](A& a) { a.program = bad_rights; }, [](A& a) { a.parent = 9999; },
        [&](A& a) { a.parent = short_name(world.seen_box); },
        [&](A& a) { a.parent = short_name(world.gone_box); },
        [&](A& a) { a.parent = short_name(world.child); }, [](A& a) { a.events = 9999; },
        [&](A& a) { a.events = short_name(world.sender); },
        [&](A& a) { a.events = short_name(world.memory); },
        [](A& a) { a.limits[3] = 1; },          // cpu.max below 1000
        [](A& a) { a.limits[4] = 2'000'000; },  // of a period beyond 1 s
        [](A& a) { a.limits[5] = 10'001; });    // cpu.weight
    rows.push_back({Call::ContainerCreate,
                    {world.at(good)},
                    {{0, CallWorld::pointers, bad_address}, {0, wrong}}});
}

}  // namespace

void add_task_calls(CallWorld& world, Rows& rows) {
    const Values& pointers = CallWorld::pointers;
    using S = abi::SpawnArguments;
    S with_rights = spawn_of(world);
    with_rights.objects = world.at(short_name(world.memory));
    with_rights.object_count = 1;
    const Values wrong = spoilt(
        world, with_rights, [](S& s) { s.path = 8; }, [](S& s) { s.path_length = 0; },
        [](S& s) { s.path_length = 8; }, [](S& s) { s.path_length = all_ones; },
        [](S& s) { s.arguments_length = 8; }, [](S& s) { s.arguments_length = all_ones; },
        [](S& s) { s.cpu_mask = 2; }, [](S& s) { s.objects = 8; },
        [](S& s) { s.object_count = 17; }, [](S& s) { s.object_count = all_ones; },
        [](S& s) { s.container = 9999; }, [](S& s) { s.container = UINT32_MAX; },
        [&](S& s) { s.container = short_name(world.box); },  // it does not run
        [&](S& s) { s.container = short_name(world.seen_box); },
        [&](S& s) { s.container = short_name(world.gone_box); },
        [&](S& s) { s.container = short_name(world.child); },
        [&](S& s) { s.objects = world.at(short_name(world.stale)); },
        [&](S& s) { s.objects = world.at(short_name(world.weak)); });
    rows.push_back(
        {Call::TaskSpawn, {world.at(with_rights)}, {{0, pointers, bad_address}, {0, wrong}}});
    rows.push_back({Call::TaskWait,
                    {world.ended, CallWorld::buffer},
                    {{0, world.no_names(world.ended), not_found},
                     {0, {world.gone}, not_found},
                     {0, {world.port, world.child_thread, world.box}, invalid},
                     {0, {abi::task_name}, invalid},
                     {0, {world.seen}, denied},
                     {1, pointers, bad_address}}});
    rows.push_back({Call::TaskKill,
                    {world.child},
                    no_live_task(world) + std::vector<Wrong>{{0, {world.child_thread}, invalid}}});
}

void add_thread_calls(CallWorld& world, Rows& rows) {
    rows.push_back({Call::ThreadCreate,
                    {CallWorld::entry, 0, 0, 0},
                    {{0, {1, 2, abi::user_end, all_ones}, invalid},
                     {1, {8, abi::user_end + 16, all_ones}, invalid},
                     {3, {2, uint64_t{1} << 63}, invalid}}});
    rows.push_back({Call::ThreadJoin,
                    {world.joinable},
                    {{0, world.no_names(world.joinable), not_found},
                     {0, {world.gone_thread}, not_found},
                     {0, {world.port, world.child, world.box}, invalid},
                     {0, {world.own_thread}, invalid},
                     {0, {world.seen_thread}, denied},
                     {0, {world.child_thread}, denied}}});  // of another task
    const std::vector<Wrong> no_task = no_live_task(world);
    const std::vector<Wrong> no_thread = no_live_thread(world, world.seen_thread);
    rows.push_back({Call::ThreadSuspend, {world.child}, no_task});
    rows.push_back({Call::ThreadSuspend, {world.child_thread}, no_thread});
    // It was not suspended.
    rows.push_back({Call::ThreadResume, {world.child}, no_task, invalid});
    rows.push_back({Call::ThreadResume, {world.child_thread}, no_thread, invalid});
    const std::vector<Wrong> no_receiver{{1, world.forged(world.port), not_found},
                                         {1, {world.sender}, denied},
                                         {1, {world.memory, world.set, world.child}, invalid}};
    rows.push_back({Call::ExceptionBind, {world.child, world.port}, no_task + no_receiver});
    rows.push_back(
        {Call::ExceptionBind, {world.child_thread, world.port}, no_thread + no_receiver});
    add_register_calls(world, rows);
    add_schedule_calls(world, rows);
}

void add_container_calls(CallWorld& world, Rows& rows) {
    const Values& pointers = CallWorld::pointers;
    const uint64_t buffer = CallWorld::buffer;
    add_container_creation(world, rows);
    // Its own is not the caller's to change.
    const std::vector<Wrong> no_other =
        no_box(world, world.seen_box) + std::vector<Wrong>{{0, {0, abi::container_name}, denied}};
    const std::vector<Wrong> none_to_see = no_box(world, world.blind_box);
    for (const Call call : {Call::ContainerPause, Call::ContainerResume, Call::ContainerDelete}) {
        rows.push_back({call, {world.box}, no_other, Status::Busy});
    }
    rows.push_back({Call::ContainerSet,
                    {world.box, 5, 200},
                    no_other + std::vector<Wrong>{{1, {8, all_ones}, invalid},
                                                  {2, {0, 10'001, all_ones}, invalid}}});
    rows.push_back({Call::ContainerStatistics,
                    {world.box, buffer},
                    none_to_see + std::vector<Wrong>{{1, pointers, bad_address}}});
    rows.push_back({Call::ContainerNext, {0, 0}, none_to_see});
    rows.push_back({Call::ContainerBind,
                    {world.box, world.port},
                    no_box(world, world.seen_box) +
                        std::vector<Wrong>{{1, world.forged(world.port), not_found},
                                           {1, {world.sender}, denied},
                                           {1, {world.memory, world.set, world.child}, invalid}}});
    rows.push_back(
        {Call::AuditRead,
         {world.box, buffer, 1},
         no_other + std::vector<Wrong>{{1, pointers, bad_address}, {2, {0, 86, all_ones}, invalid}},
         not_found});  // it has no log
    rows.push_back({Call::AuditControl,
                    {world.box, 1},
                    no_other + std::vector<Wrong>{{1, {4, all_ones}, invalid}}});
    rows.push_back({Call::ContainerStart, {world.box}, no_other});
    rows.push_back({Call::ContainerKill, {world.box}, no_other});
}

}  // namespace kernel
