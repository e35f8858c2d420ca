// SPDX-License-Identifier: Apache-2.0
// CoreType: the reader of a core type's file.
#include "sim/timing/core_type.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <stdexcept>

#include "sim/data/parameters.hpp"

namespace orrery::timing {

namespace {

using data::Parameters;

constexpr uint64_t most_cycles = 1000;
constexpr uint64_t most_entries = 1 << 20;

[[noreturn]] void refuse(const Parameters& table, std::string_view key, std::string_view why) {
    throw std::runtime_error(fmt::format("{}: {} {}", table.place(), key, why));
}

uint32_t count(const Parameters& table, std::string_view key, uint64_t least, uint64_t most) {
    return static_cast<uint32_t>(table.integer(key, least, most));
}

uint32_t count_or(const Parameters& table, std::string_view key, uint32_t otherwise) {
    return table.has(key) ? count(table, key, 0, most_cycles) : otherwise;
}

// One of a few words, given in the order of an enumeration.
template <typename Enumeration, size_t number>
Enumeration choice(const Parameters& table, std::string_view key,
                   const std::array<std::string_view, number>& words) {
    const std::string value = table.text(key);
    const auto found = std::find(words.begin(), words.end(), value);
    if (found == words.end()) {
        refuse(table, key, fmt::format("is \"{}\", it must be {}", value, fmt::join(words, ", ")));
    }
    return static_cast<Enumeration>(found - words.begin());
}

uint32_t group_named(const std::vector<PipeGroup>& groups, const Parameters& table,
                     std::string_view key, std::string_view name) {
    const auto found = std::find_if(groups.begin(), groups.end(),
                                    [&](const PipeGroup& group) { return group.name == name; });
    if (found == groups.end()) {
        refuse(table, key,
               fmt::format("names the pipe \"{}\", which is not above it under pipes", name));
    }
    return static_cast<uint32_t>(found - groups.begin());
}

std::vector<PipeGroup> read_pipes(const Parameters& file) {
    std::vector<PipeGroup> groups;
    for (const Parameters& table : file.tables("pipes")) {
        table.expect_only({"name", "count", "part_of"});
        PipeGroup group;
        group.name = table.text("name");
        group.count = count(table, "count", 1, 16);
        if (table.has("part_of")) {
            const std::string whole = table.text("part_of");
            group.part_of = static_cast<int32_t>(group_named(groups, table, "part_of", whole));
        }
        groups.push_back(std::move(group));
    }
    if (groups.empty()) refuse(file, "pipes", "is missing");
    return groups;
}

PipelineParameters read_pipeline(const Parameters& file) {
    constexpr std::array<std::string_view, 2> kinds{"in-order", "out-of-order"};
    const Parameters table = file.table("pipeline");
    PipelineParameters pipeline;
    pipeline.kind = choice<PipelineKind>(table, "kind", kinds);
    pipeline.vector_pipe_bits = count(table, "vector_pipe_bits", 64, 128);
    if (!std::has_single_bit(pipeline.vector_pipe_bits)) {
        refuse(table, "vector_pipe_bits", "must be 64 or 128");
    }
    if (pipeline.kind == PipelineKind::in_order) {
        table.expect_only(
            {"kind", "width", "vector_pipe_bits", "late_operand_cycles", "skewed_integer"});
        pipeline.width = count(table, "width", 2, 2);
        pipeline.late_operand_cycles = count(table, "late_operand_cycles", 0, 16);
        pipeline.skewed_integer = table.flag("skewed_integer");
    } else {
        table.expect_only({"kind", "width", "vector_pipe_bits", "window", "spare_pipe_percent"});
        pipeline.width = count(table, "width", 1, 16);
        pipeline.window = count(table, "window", 1, 4096);
        pipeline.spare_pipe_percent = count(table, "spare_pipe_percent", 0, 100);
    }
    pipeline.pipes = read_pipes(file);
    for (const PipeGroup& group : pipeline.pipes) {
        if (group.part_of >= 0 && pipeline.kind == PipelineKind::in_order) {
            refuse(file, "pipes",
                   fmt::format("makes \"{}\" part_of another one, which an in-order "
                               "core's cannot be",
                               group.name));
        }
    }
    return pipeline;
}

OperationTiming read_operation(const Parameters& table, const PipelineParameters& pipeline) {
    constexpr std::array<std::string_view, 4> slots{"both", "first", "second", "alone"};
    std::vector<std::string_view> known{"latency", "to_address", "to_accumulator",
                                        "busy",    "pipes",      "serializes"};
    if (pipeline.kind == PipelineKind::in_order) known.insert(known.end(), {"slots", "holds"});
    table.expect_only(known);
    OperationTiming timing;
    timing.latency = count(table, "latency", 0, most_cycles);
    timing.to_address = count_or(table, "to_address", timing.latency);
    timing.to_accumulator = count_or(table, "to_accumulator", timing.latency);
    timing.busy = count_or(table, "busy", 1);
    for (const std::string& name : table.texts("pipes")) {
        timing.pipes.push_back(group_named(pipeline.pipes, table, "pipes", name));
    }
    if (table.has("slots")) timing.slots = choice<IssueSlots>(table, "slots", slots);
    if (table.has("holds")) timing.holds = table.flag("holds");
    if (table.has("serializes")) timing.serializes = table.flag("serializes");
    return timing;
}

void read_operations(const Parameters& file, CoreType& core) {
    const Parameters table = file.table("operations");
    table.expect_only({operation_names.begin(), operation_names.end()});
    for (size_t i = 0; i < operation_count; ++i) {
        core.operations[i] = read_operation(table.table(operation_names[i]), core.pipeline);
    }
    const bool has_pipes = !core.timing(Operation::address_update).pipes.empty();
    if (core.pipeline.kind == PipelineKind::in_order && has_pipes) {
        refuse(table, "address_update", "must take no pipes in an in-order core");
    }
}

BranchParameters read_branches(const Parameters& table) {
    table.expect_only({"taken_bubble_cycles", "misprediction_cycles", "predictor_entries",
                       "return_stack_entries", "target_buffer_entries"});
    return {count(table, "taken_bubble_cycles", 0, most_cycles),
            count(table, "misprediction_cycles", 0, most_cycles),
            count(table, "predictor_entries", 1, most_entries),
            count(table, "return_stack_entries", 1, most_entries),
            count(table, "target_buffer_entries", 1, most_entries)};
}

CacheGeometry read_cache(const Parameters& table) {
    table.expect_only({"size", "ways", "line", "latency_cycles"});
    const CacheGeometry cache{count(table, "size", 1024, 64 << 20), count(table, "ways", 1, 64),
                              count(table, "line", 16, 256),
                              count(table, "latency_cycles", 1, most_cycles)};
    if (!std::has_single_bit(cache.line)) refuse(table, "line", "must be a power of two");
    if (cache.size % (cache.ways * cache.line) != 0) {
        refuse(table, "size", "must be a multiple of ways times line");
    }
    if (!std::has_single_bit(cache.size / cache.ways / cache.line)) {
        refuse(table, "size", "must give a number of sets that is a power of two");
    }
    return cache;
}

TlbGeometry read_tlb(const Parameters& table) {
    table.expect_only({"entries", "ways", "latency_cycles"});
    const TlbGeometry tlb{count(table, "entries", 1, most_entries),
                          count(table, "ways", 1, most_entries),
                          count(table, "latency_cycles", 0, most_cycles)};
    if (tlb.entries % tlb.ways != 0) refuse(table, "entries", "must be a multiple of ways");
    return tlb;
}

MemoryParameters read_memory(const Parameters& table) {
    table.expect_only({"l1_instruction", "l1_data", "l2", "l1_instruction_tlb", "l1_data_tlb",
                       "l2_tlb", "outstanding_misses"});
    return {read_cache(table.table("l1_instruction")),
            read_cache(table.table("l1_data")),
            read_cache(table.table("l2")),
            read_tlb(table.table("l1_instruction_tlb")),
            read_tlb(table.table("l1_data_tlb")),
            read_tlb(table.table("l2_tlb")),
            count(table, "outstanding_misses", 1, 256)};
}

}  // namespace

CoreType CoreType::load(std::string_view name) {
    return read(name, Parameters::open(fmt::format("cores/{}", name)));
}

CoreType CoreType::read(std::string_view name, const Parameters& file) {
    file.expect_only({"name", "pipeline", "pipes", "operations", "branches", "memory"});
    CoreType core;
    core.name = name;
    core.title = file.text("name");
    core.pipeline = read_pipeline(file);
    read_operations(file, core);
    core.branches = read_branches(file.table("branches"));
    core.memory = read_memory(file.table("memory"));
    return core;
}

std::vector<std::string> CoreType::list() {
    constexpr std::string_view folder = "cores/";
    std::vector<std::string> names = Parameters::list("cores");
    for (std::string& name : names) name.erase(0, folder.size());
    return names;
}

}  // namespace orrery::timing
