// SPDX-License-Identifier: Apache-2.0
// How a task ended, in words.
#pragma once

#include "user/lib/console.hpp"

namespace user {

// "PREFIXPATH exited with code N", "… faulted at pc=… address=… syndrome=…" or "… killed".
void print_end(std::string_view prefix, std::string_view path, const abi::TaskResult& result);

// "exited", "faulted", "killed".
std::string_view reason_name(abi::EndReason reason);

}  // namespace user
