// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/main_memory.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "sim/memory/geometry.hpp"

namespace orrery::memory {

MainMemory::MainMemory(const MainMemoryParameters& parameters) : dram_(parameters.dram) {
    const DramMapping& mapping = dram_.mapping;
    const uint32_t ranks = 1u << mapping.bits(DramMapping::Field::rank);
    const uint32_t banks = 1u << mapping.bits(DramMapping::Field::bank);
    const uint32_t channels = 1u << mapping.bits(DramMapping::Field::channel);
    for (const NodeParameters& node : parameters.nodes) {
        nodes_.push_back({node, {}});
        for (uint32_t channel = 0; channel < channels; ++channel) {
            nodes_.back().channels.emplace_back(dram_.timing, dram_.queue, ranks, banks);
        }
    }
}

MainMemory::Node& MainMemory::node_of(uint64_t line) {
    const uint64_t address = line << line_shift;
    for (Node& node : nodes_) {
        if (address - node.parameters.base < node.parameters.size) return node;
    }
    throw std::runtime_error(
        fmt::format("{:#x} is in no memory node, keep device accesses out of the caches", address));
}

uint64_t MainMemory::read(uint64_t line, uint64_t now) {
    Node& node = node_of(line);
    const DramPlace place = dram_.mapping.place(line - (node.parameters.base >> line_shift));
    const uint64_t there = node.parameters.distance / 2;
    const uint64_t back = node.parameters.distance - there + dram_.controller;
    return node.channels[place.channel].read(place, now + there) + back;
}

void MainMemory::write(uint64_t line, uint64_t now) {
    Node& node = node_of(line);
    const DramPlace place = dram_.mapping.place(line - (node.parameters.base >> line_shift));
    node.channels[place.channel].write(place, now + node.parameters.distance / 2);
}

DramCounts MainMemory::counts(size_t node) const {
    DramCounts sum;
    for (const DramChannel& channel : nodes_.at(node).channels) {
        const DramCounts& counts = channel.counts();
        sum.reads += counts.reads;
        sum.writes += counts.writes;
        sum.row_hits += counts.row_hits;
        sum.row_misses += counts.row_misses;
        sum.row_conflicts += counts.row_conflicts;
        sum.activates += counts.activates;
        sum.refreshes += counts.refreshes;
        sum.forwarded += counts.forwarded;
    }
    return sum;
}

void MainMemory::reset_counts() {
    for (Node& node : nodes_) {
        for (DramChannel& channel : node.channels) channel.reset_counts();
    }
}

}  // namespace orrery::memory
