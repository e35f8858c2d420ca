// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/parameters.hpp"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

namespace orrery::memory {
namespace {

using data::Parameters;

uint32_t small(const Parameters& table, std::string_view key, uint64_t least, uint64_t most) {
    return static_cast<uint32_t>(table.integer(key, least, most));
}

// Times are written in nanoseconds.
uint64_t picoseconds(const Parameters& table, std::string_view key) {
    return static_cast<uint64_t>(std::llround(table.number(key, 0, 1e6) * 1000));
}

CacheGeometry cache(const Parameters& file, std::string_view key) {
    const Parameters table = file.table(key);
    table.expect_only({"size", "ways", "line", "latency_cycles"});
    return {.size = small(table, "size", line_size, 1u << 30),
            .ways = small(table, "ways", 1, 32),
            .line = small(table, "line", line_size, line_size),
            .latency_cycles = small(table, "latency_cycles", 0, 1000)};
}

Replacement replacement(const Parameters& cluster) {
    const std::string text = cluster.text("l3_replacement");
    if (text == "lru") return Replacement::lru;
    if (text == "random") return Replacement::random;
    throw std::runtime_error(fmt::format("{}: l3_replacement is \"{}\", it must be lru or random",
                                         cluster.place(), text));
}

TlbGeometry tlb(const Parameters& file, std::string_view key, uint64_t least_entries) {
    const Parameters table = file.table(key);
    table.expect_only({"entries", "ways", "latency_cycles"});
    return {.entries = small(table, "entries", least_entries, 0xffff),
            .ways = small(table, "ways", least_entries, 0xffff),
            .latency_cycles = small(table, "latency_cycles", 0, 1000)};
}

DramTiming timing(const Parameters& dram) {
    const Parameters table = dram.table("timing");
    table.expect_only({"tRCD", "tRPpb", "tRPab", "tRAS", "RL", "tDQSCK", "WL", "burst", "tRTP",
                       "tWR", "tWTR", "tRRD", "tFAW", "tRFCab", "tREFI", "read_to_write",
                       "rank_switch"});
    return {.rcd = picoseconds(table, "tRCD"),
            .rp = picoseconds(table, "tRPpb"),
            .rp_all = picoseconds(table, "tRPab"),
            .ras = picoseconds(table, "tRAS"),
            .read_latency = picoseconds(table, "RL") + picoseconds(table, "tDQSCK"),
            .write_latency = picoseconds(table, "WL"),
            .burst = picoseconds(table, "burst"),
            .rtp = picoseconds(table, "tRTP"),
            .wr = picoseconds(table, "tWR"),
            .wtr = picoseconds(table, "tWTR"),
            .rrd = picoseconds(table, "tRRD"),
            .faw = picoseconds(table, "tFAW"),
            .rfc = picoseconds(table, "tRFCab"),
            .refi = static_cast<uint64_t>(std::llround(table.number("tREFI", 1, 1e6) * 1000)),
            .read_to_write = picoseconds(table, "read_to_write"),
            .rank_switch = picoseconds(table, "rank_switch")};
}

DramMapping mapping(const Parameters& dram) {
    DramMapping mapping;
    for (const std::string& part : dram.texts("mapping")) {
        mapping.parts.push_back(DramMapping::parse(dram.place() + ": mapping", part));
    }
    mapping.bank_permutation = dram.flag("bank_permutation");
    return mapping;
}

NodeParameters node(const Parameters& table, const DramMapping& mapping) {
    table.expect_only({"name", "base", "size", "distance"});
    NodeParameters node{.name = table.text("name"),
                        .base = table.integer("base"),
                        .size = table.integer("size", line_size),
                        .distance = picoseconds(table, "distance")};
    uint32_t bits = line_shift;
    for (const DramMapping::Part& part : mapping.parts) bits += part.bits;
    if (node.size != uint64_t{1} << bits) {
        throw std::runtime_error(
            fmt::format("{}: size is {:#x}, the mapping's parts make {:#x}, change one of them",
                        table.place(), node.size, uint64_t{1} << bits));
    }
    if (node.base % line_size != 0) {
        throw std::runtime_error(fmt::format("{}: base is {:#x}, it must be a multiple of {}",
                                             table.place(), node.base, line_size));
    }
    return node;
}

BranchPredictorGeometry branches(const timing::BranchParameters& core, const Parameters& table) {
    table.expect_only({"history_bits", "btb_ways", "indirect_entries", "late_target_cycles"});
    return {.direction_entries = core.predictor_entries,
            .history_bits = small(table, "history_bits", 0, 32),
            .btb_entries = core.target_buffer_entries,
            .btb_ways = small(table, "btb_ways", 1, 64),
            .indirect_entries = small(table, "indirect_entries", 1, 1u << 20),
            .return_entries = core.return_stack_entries};
}

}  // namespace

SharedParameters shared_parameters(const Parameters& file) {
    file.expect_only({"l3", "cluster", "dram", "node"});
    const Parameters cluster = file.table("cluster");
    cluster.expect_only({"megahertz", "snoop_cycles", "l3_replacement"});
    const Parameters dram = file.table("dram");
    dram.expect_only(
        {"controller", "writes_high", "writes_low", "mapping", "bank_permutation", "timing"});

    SharedParameters shared;
    shared.cluster.l3 = cache(file, "l3");
    shared.cluster.replacement = replacement(cluster);
    shared.cluster.hertz = cluster.integer("megahertz", 1, 10'000) * 1'000'000;
    shared.cluster.snoop_cycles = small(cluster, "snoop_cycles", 0, 1000);
    DramParameters& parameters = shared.memory.dram;
    parameters.timing = timing(dram);
    parameters.mapping = mapping(dram);
    parameters.queue.writes_high = small(dram, "writes_high", 1, 256);
    parameters.queue.writes_low = small(dram, "writes_low", 0, parameters.queue.writes_high - 1);
    parameters.controller = picoseconds(dram, "controller");
    for (const Parameters& table : file.tables("node")) {
        shared.memory.nodes.push_back(node(table, parameters.mapping));
    }
    if (shared.memory.nodes.empty()) {
        throw std::runtime_error(file.place() + ": there is no [[node]], give one a memory");
    }
    return shared;
}

CoreParameters core_parameters(const timing::CoreType& core, const Parameters& behaviour) {
    behaviour.expect_only({"walk_cache", "l1_tlb_lost_by_invalidation", "branches",
                           "reorder_cycles", "dependent_percent", "prefetcher", "store_buffer",
                           "fetch_ahead_cycles"});
    const Parameters prefetcher = behaviour.table("prefetcher");
    prefetcher.expect_only({"streams", "ahead"});
    const Parameters branch = behaviour.table("branches");
    const timing::MemoryParameters& memory = core.memory;
    return {
        .l1i = memory.l1_instruction,
        .l1d = memory.l1_data,
        .l2 = memory.l2,
        .translation = {.l1i = memory.l1_instruction_tlb,
                        .l1d = memory.l1_data_tlb,
                        .l2 = memory.l2_tlb,
                        .walk_cache = tlb(behaviour, "walk_cache", 0),
                        .l1_lost_by_invalidation = behaviour.flag("l1_tlb_lost_by_invalidation")},
        .branches = branches(core.branches, branch),
        .misprediction_cycles = core.branches.misprediction_cycles,
        .late_target_cycles = small(branch, "late_target_cycles", 0, 100),
        .exposure = {.reorder_cycles = small(behaviour, "reorder_cycles", 0, 1000),
                     .outstanding_misses = memory.outstanding_misses,
                     .dependent_percent = small(behaviour, "dependent_percent", 0, 100)},
        .prefetcher = {.streams = small(prefetcher, "streams", 0, 64),
                       .ahead = small(prefetcher, "ahead", 0, 32)},
        .store_buffer = small(behaviour, "store_buffer", 1, 256),
        .fetch_ahead_cycles = small(behaviour, "fetch_ahead_cycles", 0, 1000)};
}

CoreParameters core_parameters(std::string_view name) {
    return core_parameters(timing::CoreType::load(name),
                           Parameters::open(fmt::format("memory/{}", name)));
}

}  // namespace orrery::memory
