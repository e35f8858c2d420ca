// SPDX-License-Identifier: Apache-2.0
// Rights of this task, by name (kernel/abi/right.hpp).
#pragma once

#include "kernel/abi/right.hpp"
#include "user/lib/system.hpp"

namespace user::system {

// A right with the same or less of one that allows it; `nanoseconds` 0: without an end.
[[nodiscard]] inline Result<uint32_t> copy_right(uint32_t name, uint32_t mask = ~0U,
                                                 uint64_t badge = 0, uint64_t nanoseconds = 0) {
    return to_result<uint32_t>(call(abi::SystemCall::RightCopy, name, mask, badge, nanoseconds));
}

inline Status close_right(uint32_t name) {
    return call(abi::SystemCall::RightClose, name).status();
}

// Takes back all that was derived from a right; how many that were.
[[nodiscard]] inline Result<uint64_t> revoke_right(uint32_t name) {
    return to_result<uint64_t>(call(abi::SystemCall::RightRevoke, name));
}

// Derives a right to a part of what a right is for, by its id: a task's thread or child, what is
// below a container; thread 0 is the calling one, or the oldest of another task.
[[nodiscard]] inline Result<uint32_t> open_right(uint32_t name, abi::ObjectType type,
                                                 uint32_t number) {
    return to_result<uint32_t>(
        call(abi::SystemCall::RightOpen, name, static_cast<uint64_t>(type), number));
}

[[nodiscard]] inline Result<abi::RightReport> read_right(uint32_t name) {
    abi::RightReport report{};
    const RawResult raw = call(abi::SystemCall::RightRead, name, address_of(&report));
    if (raw.value < 0) return raw.status();
    return report;
}

}  // namespace user::system
