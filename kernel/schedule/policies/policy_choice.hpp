// SPDX-License-Identifier: Apache-2.0
// The policies of the normal class, by the names that the kernel command line uses. A new one is a
// row in the .cpp file.
#pragma once

#include <new>
#include <string_view>

#include "kernel/schedule/policies/policy.hpp"

namespace kernel {

struct PolicyKind {
    std::string_view name;
    // Makes one at `room`, aligned to 64 and of policy_room bytes.
    Policy* (*create)(void* room, const TickRate& rate);
};

// Room for the object of any policy.
constexpr size_t policy_room = 1536;

template <class Chosen>
Policy* create_policy(void* room, const TickRate& rate) {
    static_assert(sizeof(Chosen) <= policy_room && alignof(Chosen) <= 64);
    return new (room) Chosen(rate);
}

template <class Chosen>
constexpr PolicyKind policy_kind(std::string_view name) {
    return {name, create_policy<Chosen>};
}

// Null for a name that no policy has.
[[nodiscard]] const PolicyKind* find_policy(std::string_view name);
[[nodiscard]] unsigned policy_count();
[[nodiscard]] const PolicyKind& policy_at(unsigned index);

}  // namespace kernel
