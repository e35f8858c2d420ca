// SPDX-License-Identifier: Apache-2.0
// The host object of a module: the same code for x86-64, with counters.
//
// Every function adds the cost of the blocks that it executes to a local accumulator, which it
// flushes into hal::host::Clock (hal/host/clock.hpp) before every call and return, so that the
// clock is exact whenever anybody else can look at it. Loops ask there whether it is time to let
// the rest of the phone catch up.
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

// Consumes the module, which carries probes. Returns the ELF object. Throws std::runtime_error with
// one sentence.
[[nodiscard]] std::string make_host_object(llvm::Module& module,
                                           const std::map<std::string, Attribution>& costs,
                                           const HostOptions& options);

}  // namespace orrery::compiler
