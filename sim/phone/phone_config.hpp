// SPDX-License-Identifier: Apache-2.0
// PhoneConfig: what a phone is to be built as.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace orrery::phone {

// How the CPUs execute the kernel.
enum class CpuKind : uint8_t {
    Native,          // its host build, linked into the simulator
    InstructionSet,  // its AArch64 image, instruction by instruction
};

// What is modelled of time: see docs/time.md.
enum class Fidelity : uint8_t {
    Functional,  // a cycle an instruction, a fixed time a trap of the native kernel
    Cycle,       // what code costs in the pipeline of its core
    Memory,      // and in caches, translation and DRAM
};

struct PhoneConfig {
    std::string machine = "phone8";
    CpuKind cpu = CpuKind::Native;
    Fidelity fidelity = Fidelity::Cycle;
    uint64_t seed = 0;
    std::filesystem::path image;  // of the kernel; only for CpuKind::InstructionSet
    std::filesystem::path archive;
    std::string command_line;
    std::optional<std::filesystem::path> trace;
    std::optional<std::filesystem::path> allocations;  // recording of page frames
    std::optional<std::filesystem::path> device_tree;  // instead of the generated one, as it is
    bool huge_pages = false;                           // of the host, for the phone's memory
};

}  // namespace orrery::phone
