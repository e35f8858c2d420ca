// SPDX-License-Identifier: Apache-2.0
// What the parts of the table of wrong calls have in common.
#pragma once

#include "tests/kernel/bad_input/call_world.hpp"

namespace kernel {

using Rows = std::vector<WrongCall>;

// Values that are wrong in many calls, and their statuses.
namespace wrong {

using Call = abi::SystemCall;
using Values = CallWorld::Values;

constexpr uint64_t page = hal::page_size;
constexpr uint64_t all_ones = ~uint64_t{0};
constexpr uint64_t read_write = CallWorld::read_write;
constexpr uint64_t write_and_execute = abi::ProtectionWrite | abi::ProtectionExecute;
constexpr auto bad_address = Status::BadAddress;
constexpr auto denied = Status::PermissionDenied;
constexpr auto invalid = Status::InvalidArgument;
constexpr auto not_found = Status::NotFound;

// Structures have names in 32 bits.
constexpr uint32_t short_name(uint64_t name) {
    return static_cast<uint32_t>(name);
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

// To start the child's program.
inline abi::SpawnArguments spawn_of(CallWorld& world) {
    abi::SpawnArguments arguments{};
    arguments.path = world.text("bin/child");
    arguments.path_length = 9;
    return arguments;
}

}  // namespace wrong

void add_memory_calls(CallWorld& world, Rows& rows);
void add_memory_object_calls(CallWorld& world, Rows& rows);
void add_task_calls(CallWorld& world, Rows& rows);
void add_thread_calls(CallWorld& world, Rows& rows);
void add_container_calls(CallWorld& world, Rows& rows);

}  // namespace kernel
