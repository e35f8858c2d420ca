// SPDX-License-Identifier: Apache-2.0
// How a task ended, in words.
#include "user/lib/task.hpp"

namespace user {

void print_end(std::string_view prefix, std::string_view path, const abi::TaskResult& result) {
    if (result.reason == abi::EndReason::Exited) {
        print("{}{} exited with code {}\n", prefix, path, result.exit_code);
    } else if (result.reason == abi::EndReason::Faulted) {
        print("{}{} faulted at pc=0x{:x} address=0x{:x} syndrome=0x{:x}\n", prefix, path, result.pc,
              result.address, result.syndrome);
    } else {
        print("{}{} {}\n", prefix, path, reason_name(result.reason));
    }
}

std::string_view reason_name(abi::EndReason reason) {
    return abi::end_reason_name(reason);
}

}  // namespace user
