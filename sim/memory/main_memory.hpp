// SPDX-License-Identifier: Apache-2.0
// MainMemory: the memory nodes, each with its DRAM channels and its distance from the CPUs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/memory/dram.hpp"

namespace orrery::memory {

struct NodeParameters {
    std::string name;
    uint64_t base = 0;
    uint64_t size = 0;
    uint64_t distance = 0;  // picoseconds from the shared cache to the controller and back
};

struct DramParameters {
    DramTiming timing;
    DramMapping mapping;
    DramQueue queue;
    uint64_t controller = 0;  // picoseconds in controller and PHY, for each read
};

struct MainMemoryParameters {
    std::vector<NodeParameters> nodes;
    DramParameters dram;
};

class MainMemory final {
  public:
    explicit MainMemory(const MainMemoryParameters& parameters);

    // When the data of a line that the shared cache asks for now is back there. Both throw
    // std::runtime_error for a line that is in no node.
    uint64_t read(uint64_t line, uint64_t now);
    void write(uint64_t line, uint64_t now);

    [[nodiscard]] size_t nodes() const { return nodes_.size(); }
    // Of all channels of a node together.
    [[nodiscard]] DramCounts counts(size_t node) const;
    void reset_counts();

  private:
    struct Node {
        NodeParameters parameters;
        std::vector<DramChannel> channels;
    };
    Node& node_of(uint64_t line);

    DramParameters dram_;
    std::vector<Node> nodes_;
};

}  // namespace orrery::memory
