// SPDX-License-Identifier: Apache-2.0
// Wrong calls on memory and memory objects.
#include "kernel/memory/page_table.hpp"
#include "tests/kernel/bad_input/wrong_calls.hpp"

namespace kernel {

using namespace wrong;

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
                    {{0, world.no_names(world.child), not_found},
                     {0, {world.gone, world.ended}, not_found},
                     {0, {world.port, world.child_thread, world.box}, invalid},
                     {0, {world.seen}, denied},
                     {0, {abi::task_name}, invalid},
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
    good.handle = short_name(world.memory);
    good.protection = read_write;
    using M = abi::MapArguments;
    Values wrong = spoilt(
        world, good, [](M& m) { m.handle = 0; }, [&](M& m) { m.handle = short_name(world.stale); },
        [&](M& m) { m.handle = short_name(world.port); },
        [](M& m) { m.protection = write_and_execute; }, [](M& m) { m.protection = 8; },
        [](M& m) { m.flags = 1; }, [](M& m) { m.policy = abi::MemoryPolicy{3}; },
        [](M& m) { m.policy = abi::MemoryPolicy::Bound; }, [](M& m) { m.offset = 1; },
        [](M& m) { m.offset = 4 * page; }, [](M& m) { m.offset = all_ones - page + 1; },
        [](M& m) { m.size = 1; }, [](M& m) { m.size = 5 * page; },
        [](M& m) { m.size = all_ones - page + 1; }, [](M& m) { m.address = 1; },
        [](M& m) { m.address = CallWorld::buffer; }, [](M& m) { m.address = abi::user_end; },
        [](M& m) { m.task = 9999; }, [](M& m) { m.task = abi::task_name; },
        [&](M& m) { m.task = short_name(world.gone); },
        [&](M& m) { m.task = short_name(world.ended); },
        [&](M& m) { m.task = short_name(world.seen); },
        [&](M& m) { m.task = short_name(world.box); });
    rows.push_back(
        {Call::MemoryMapObject, {world.at(good)}, {{0, pointers, bad_address}, {0, wrong}}});
    rows.push_back(
        {Call::MemoryObjectClose, {world.memory}, {{0, world.no_names(world.memory), not_found}}});
}

}  // namespace kernel
