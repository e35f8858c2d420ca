// SPDX-License-Identifier: Apache-2.0
// CoreType: everything that a core type's file, sim/data/cores/NAME.toml, says.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/timing/operation.hpp"

namespace orrery::data {
class Parameters;
}

namespace orrery::timing {

struct CacheGeometry {
    uint32_t size = 0;  // bytes
    uint32_t ways = 0;
    uint32_t line = 0;            // bytes
    uint32_t latency_cycles = 0;  // from a load to the use of what it hits here
};

// Fully associative when there are as many ways as entries.
struct TlbGeometry {
    uint32_t entries = 0;
    uint32_t ways = 0;
    uint32_t latency_cycles = 0;  // beyond the access itself
};

enum class PipelineKind : uint8_t { in_order, out_of_order };

// Which of the two issue slots of an in-order core an operation may take.
enum class IssueSlots : uint8_t { both, first, second, alone };

// Pipes of one kind. A group may be part of a larger one: what only "multi" can do is work for
// "integer" as well.
struct PipeGroup {
    std::string name;
    uint32_t count = 1;
    int32_t part_of = -1;  // index of the larger group, or -1
};

// What one operation costs. Latencies are cycles from issue until a dependent can issue.
struct OperationTiming {
    uint32_t latency = 1;         // to an operand of any instruction
    uint32_t to_address = 1;      // to the base address of a load or store
    uint32_t to_accumulator = 1;  // to the accumulated operand of the same operation
    uint32_t busy = 1;            // cycles that each of its pipes is taken
    std::vector<uint32_t> pipes;  // index of the group of each pipe that it takes
    IssueSlots slots = IssueSlots::both;
    // In order only: nothing younger issues while its pipes are busy.
    bool holds = false;
    // Waits for all that is older, and nothing younger starts until its latency is over.
    bool serializes = false;
};

struct PipelineParameters {
    PipelineKind kind = PipelineKind::in_order;
    uint32_t width = 2;   // instructions a cycle
    uint32_t window = 0;  // instructions in flight; out of order only
    // Out of order only: what share of the pipes' time other code around a block leaves unused.
    uint32_t spare_pipe_percent = 0;
    uint32_t vector_pipe_bits = 0;  // a 128-bit operation takes two pipes of 64 bits
    // In order only: by how many cycles a store's data and what a branch tests may be later than
    // other operands.
    uint32_t late_operand_cycles = 0;
    // In order only: an integer operation may issue together with the one that it depends on.
    bool skewed_integer = false;
    std::vector<PipeGroup> pipes;
};

struct BranchParameters {
    uint32_t taken_bubble_cycles = 0;
    uint32_t misprediction_cycles = 0;
    uint32_t predictor_entries = 0;      // of each table of the predictor
    uint32_t return_stack_entries = 0;   // return addresses
    uint32_t target_buffer_entries = 0;  // targets of indirect branches
};

struct MemoryParameters {
    CacheGeometry l1_instruction;
    CacheGeometry l1_data;
    CacheGeometry l2;
    TlbGeometry l1_instruction_tlb;
    TlbGeometry l1_data_tlb;
    TlbGeometry l2_tlb;
    uint32_t outstanding_misses = 1;  // of the L1 data cache
};

class CoreType final {
  public:
    // The core type `name`, as "cortex-a55". Throws std::runtime_error with one sentence when there
    // is none or when a key of its file is missing, misspelt or out of range.
    [[nodiscard]] static CoreType load(std::string_view name);
    // From an open file, for tests.
    [[nodiscard]] static CoreType read(std::string_view name, const data::Parameters& file);
    // The names of all core types, in order.
    [[nodiscard]] static std::vector<std::string> list();

    [[nodiscard]] const OperationTiming& timing(Operation operation) const {
        return operations[static_cast<size_t>(operation)];
    }

    std::string name;   // "cortex-a55"
    std::string title;  // "Cortex-A55"
    PipelineParameters pipeline;
    BranchParameters branches;
    MemoryParameters memory;
    std::array<OperationTiming, operation_count> operations;
};

}  // namespace orrery::timing
