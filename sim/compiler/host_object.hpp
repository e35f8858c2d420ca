// SPDX-License-Identifier: Apache-2.0
// The host object of a module: the same code for x86-64, with counters.
//
// Every function adds the cost of the blocks that it executes to a local accumulator, which it adds
// to the counter's register (counter_register.hpp) before every call and return. Where kernel code
// is left, the register is written to hal::host::Clock (hal/host/clock.hpp), so that the clock is
// exact whenever anybody else can look at it. Loops compare what they have counted with the clock's
// limit: is it time to let the rest of the phone catch up?
#pragma once

#include <llvm/IR/Module.h>

#include <map>
#include <string>

#include "sim/compiler/attribution.hpp"
#include "sim/compiler/function_walks.hpp"

namespace orrery::compiler {

struct HostOptions {
    std::string machine_layer;  // bitcode of hal/host for inlining
    // Of each function that counts: report every load and store, and the machine code that is
    // executed, as well. Null: do not.
    const std::map<std::string, FunctionWalks>* walks = nullptr;
};

// The module carries probes. A function that would need the counter's register for itself keeps its
// accumulator in memory instead. Returns the ELF object. Throws std::runtime_error with
// one sentence.
[[nodiscard]] std::string make_host_object(const llvm::Module& module,
                                           const std::map<std::string, Attribution>& costs,
                                           const HostOptions& options);

}  // namespace orrery::compiler
