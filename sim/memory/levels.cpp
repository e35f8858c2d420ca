// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/levels.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "sim/memory/parameters.hpp"

namespace orrery::memory {
namespace {

constexpr uint64_t mebi = 1024 * 1024;
constexpr uint64_t page_size = 4096;
constexpr uint64_t lines_of_page = page_size / line_size;
constexpr uint64_t tables = 4 * mebi;  // at the start of a node
constexpr uint16_t asid = 1;

// The clocks of the measurement: level 1 loads of 4 cycles took 1.754 ns, of 3 cycles 1.646 ns.
constexpr uint64_t a76_hertz = 2'280'000'000;
constexpr uint64_t a55_hertz = 1'823'000'000;

// S. Vigna's splitmix64.
class Random final {
  public:
    uint64_t below(uint64_t limit) {
        state_ += 0x9e37'79b9'7f4a'7c15;
        uint64_t value = state_;
        value = (value ^ value >> 30) * 0xbf58'476d'1ce4'e5b9;
        value = (value ^ value >> 27) * 0x94d0'49bb'1331'11eb;
        return (value ^ value >> 31) % limit;
    }

  private:
    uint64_t state_ = 1;
};

struct Clocked {
    CoreParameters core;
    uint64_t hertz = 0;
};

Clocked clocked(MeasuredCore core) {
    const bool big = core == MeasuredCore::cortex_a76;
    return {core_parameters(big ? "cortex-a76" : "cortex-a55"), big ? a76_hertz : a55_hertz};
}

SharedParameters shared() {
    return shared_parameters(data::Parameters::open("memory/phone8"));
}

// One CPU that chases pointers through a working set.
class Chaser final {
  public:
    explicit Chaser(const Chase& chase) : Chaser(chase, clocked(chase.core), shared()) {}

    double run() {
        // Several times around, or so much of it that the caches are full, to get warm.
        const uint64_t warm = std::clamp<uint64_t>(lines_ * 6, 20'000, 500'000);
        for (uint64_t i = 0; i < warm; ++i) step();
        const uint64_t start = now_;
        const uint64_t measured = std::clamp<uint64_t>(lines_, 50'000, 200'000);
        for (uint64_t i = 0; i < measured; ++i) step();
        return static_cast<double>(now_ - start) / static_cast<double>(measured) / 1000;
    }

  private:
    Chaser(const Chase& chase, const Clocked& clocked, const SharedParameters& shared)
        : clock_(clocked.hertz),
          system_(shared, std::array{MemorySystem::Cpu{clocked.core, clocked.hertz}}),
          cpu_(system_.cpu(0)),
          base_(shared.memory.nodes.at(chase.node == Node::near ? 0 : 1).base),
          lines_(chase.bytes / line_size),
          l1_time_(clock_.picoseconds(clocked.core.l1d.latency_cycles)) {
        const uint64_t frames = shared.memory.nodes[0].size / page_size - tables / page_size;
        pages_ = shuffled(frames, (lines_ + lines_of_page - 1) / lines_of_page);
        if (chase.cyclic) make_cycle();
    }

    // The first so many of a random order of numbers.
    std::vector<uint64_t> shuffled(uint64_t numbers, uint64_t wanted) {
        std::vector<uint64_t> order(numbers);
        std::iota(order.begin(), order.end(), 0);
        for (uint64_t i = 0; i < wanted; ++i) {
            std::swap(order[i], order[i + random_.below(numbers - i)]);
        }
        order.resize(wanted);
        return order;
    }

    // S. Sattolo's algorithm: one cycle through all lines.
    void make_cycle() {
        next_.resize(lines_);
        std::iota(next_.begin(), next_.end(), 0);
        for (uint64_t i = lines_ - 1; i > 0; --i) std::swap(next_[i], next_[random_.below(i)]);
    }

    void step() {
        line_ = next_.empty() ? random_.below(lines_) : next_[line_];
        const uint64_t page = line_ / lines_of_page;
        translate(page * page_size);
        const uint64_t frame = tables / page_size + pages_[page];
        const uint64_t address = base_ + frame * page_size + line_ % lines_of_page * line_size;
        wait(cpu_.load(address, 8, now_, Dependence::dependent));
        now_ += l1_time_;
    }

    void wait(uint32_t parts) { now_ += clock_.picoseconds_of_parts(parts); }

    void translate(uint64_t address) {
        const uint32_t parts =
            cpu_.translate(Side::data, address, asid, now_, Dependence::dependent);
        if (parts != CpuMemory::needs_walk) return wait(parts);
        // Four levels of tables, one after the other in memory.
        std::array<uint64_t, 4> descriptors{};
        for (uint32_t level = 0; level < 4; ++level) {
            const uint64_t index = address >> (39 - 9 * level);
            descriptors[level] = base_ + level * mebi + index * 8;
        }
        wait(cpu_.walk({.address = address, .asid = asid, .descriptors = descriptors}, now_));
    }

    Random random_;
    Clock clock_;
    MemorySystem system_;
    CpuMemory& cpu_;
    uint64_t base_;
    uint64_t lines_;
    uint64_t l1_time_;
    std::vector<uint64_t> pages_;
    std::vector<uint64_t> next_;
    uint64_t line_ = 0;
    uint64_t now_ = 0;
};

}  // namespace

double chase(const Chase& chase) {
    return Chaser(chase).run();
}

}  // namespace orrery::memory
