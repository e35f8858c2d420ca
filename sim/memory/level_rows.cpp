// SPDX-License-Identifier: Apache-2.0
// The rows of the memory models' benchmark: what is measured, beside what is published.
#include <array>
#include <memory>

#include "sim/memory/levels.hpp"
#include "sim/memory/parameters.hpp"

namespace orrery::memory {
namespace {

constexpr uint64_t kibi = 1024;
constexpr uint64_t mebi = 1024 * kibi;

constexpr const char* ramlat = "sbc-bench results/1Xuf1O1.txt (RK3588), ramlat 1x64";
constexpr const char* tinymembench =
    "sbc-bench results/1Xuf1O1.txt and 4a5U.txt (RK3588), tinymembench single random read, mean";

struct ChaseRow {
    const char* name;
    MeasuredCore core;
    uint64_t bytes;
    double published;
    bool calibrated;
};

constexpr std::array cyclic_rows{
    ChaseRow{"Cortex-A76, 32 KiB: L1", MeasuredCore::cortex_a76, 32 * kibi, 1.754, false},
    ChaseRow{"Cortex-A76, 1 MiB: L3", MeasuredCore::cortex_a76, 1 * mebi, 17.56, true},
    ChaseRow{"Cortex-A76, 16 MiB: mostly DRAM", MeasuredCore::cortex_a76, 16 * mebi, 110.9, false},
    ChaseRow{"Cortex-A76, 64 MiB: DRAM", MeasuredCore::cortex_a76, 64 * mebi, 125.2, true},
    ChaseRow{"Cortex-A55, 16 KiB: L1", MeasuredCore::cortex_a55, 16 * kibi, 1.657, false},
    ChaseRow{"Cortex-A55, 1 MiB: L3", MeasuredCore::cortex_a55, 1 * mebi, 16.64, true},
    ChaseRow{"Cortex-A55, 16 MiB: mostly DRAM", MeasuredCore::cortex_a55, 16 * mebi, 110.0, false},
    ChaseRow{"Cortex-A55, 64 MiB: DRAM", MeasuredCore::cortex_a55, 64 * mebi, 127.0, false},
};

// What a random read takes more than one that hits level 1.
constexpr std::array random_rows{
    ChaseRow{"Cortex-A76, 128 KiB, beyond L1: L2", MeasuredCore::cortex_a76, 128 * kibi, 1.2,
             false},
    ChaseRow{"Cortex-A55, 64 KiB, beyond L1: L2", MeasuredCore::cortex_a55, 64 * kibi, 1.55, false},
};

void add_chases(std::vector<LevelRow>& rows) {
    for (const ChaseRow& row : cyclic_rows) {
        const double model = chase({.core = row.core, .bytes = row.bytes});
        rows.push_back({row.name, "ns", model, row.published, ramlat, row.calibrated});
    }
    for (const ChaseRow& row : random_rows) {
        const double level1 = chase({.core = row.core, .bytes = 4 * kibi});
        const double model = chase({.core = row.core, .bytes = row.bytes, .cyclic = false});
        rows.push_back({row.name, "ns", model - level1, row.published, tinymembench, false});
    }
    const double far = chase({.bytes = 64 * mebi, .node = Node::far});
    rows.push_back({"Cortex-A76, 64 MiB, far node: DRAM", "ns", far, 0, "modelled", false});
}

// Reads of one bank of an idle channel, in nanoseconds.
void add_dram(std::vector<LevelRow>& rows) {
    const SharedParameters shared = shared_parameters(data::Parameters::open("memory/phone8"));
    const DramParameters& dram = shared.memory.dram;
    DramChannel channel(dram.timing, dram.queue, 1, 8);
    const auto read = [&](uint32_t row, uint64_t now) {
        return static_cast<double>(channel.read({.row = row}, now) - now) / 1000;
    };
    // Refreshes are 3.9 microseconds apart.
    const double miss = read(1, 0);
    const double hit = read(1, 1'000'000);
    const double conflict = read(2, 2'000'000);
    const char* const source = "JESD209-4, LPDDR4-4266: RL + tDQSCK + burst, + tRCD, + tRPpb";
    rows.push_back({"DRAM row hit", "ns", hit, 27.875, source, false});
    rows.push_back({"DRAM row miss", "ns", miss, 45.875, source, false});
    rows.push_back({"DRAM row conflict", "ns", conflict, 63.875, source, false});
}

// What one CPU with a quiet memory system sees, in cycles of its own.
class Quiet final {
  public:
    explicit Quiet(const char* core) {
        const CoreParameters parameters = core_parameters(core);
        const MemorySystem::Cpu cpu{parameters, 2'000'000'000};
        system_ = std::make_unique<MemorySystem>(
            shared_parameters(data::Parameters::open("memory/phone8")), std::array{cpu, cpu});
        level1_ = parameters.l1d.latency_cycles;
    }

    // A load that hits level 2, from start to use.
    double level2() {
        CpuMemory& cpu = system_->cpu(0);
        for (uint64_t i = 0; i < 64; ++i) load(cpu, i * 16 * kibi);
        // The first ones have left level 1 by now; level 2 still has them.
        return level1_ + cycles(load(cpu, 48 * 16 * kibi));
    }
    // A translation that hits the level 2 TLB, beyond one that hits level 1.
    double level2_tlb() {
        CpuMemory& cpu = system_->cpu(0);
        uint32_t parts = 0;
        for (uint64_t page = 0; page < 2 * 64; ++page) parts = translate(cpu, page % 64);
        return cycles(parts);
    }
    // A line that another CPU has just written, and that this one wants to write.
    double ping_pong() {
        uint32_t parts = 0;
        for (uint64_t i = 0; i < 10; ++i) parts = system_->cpu(i % 2).atomic(base, i * 1'000'000);
        return cycles(parts);
    }

  private:
    static constexpr uint64_t base = 0x8000'0000;
    static double cycles(uint32_t parts) {
        return static_cast<double>(parts) / stall_parts_per_cycle;
    }
    uint32_t load(CpuMemory& cpu, uint64_t offset) {
        now_ += 1'000'000;
        return cpu.load(base + offset, 8, now_, Dependence::dependent);
    }
    uint32_t translate(CpuMemory& cpu, uint64_t page) {
        now_ += 1'000'000;
        const uint32_t parts =
            cpu.translate(Side::data, page << page_4k, 1, now_, Dependence::dependent);
        if (parts != CpuMemory::needs_walk) return parts;
        const std::array descriptors{base + page * 8};
        return cpu.walk({.address = page << page_4k, .asid = 1, .descriptors = descriptors}, now_);
    }

    std::unique_ptr<MemorySystem> system_;
    uint32_t level1_ = 0;
    uint64_t now_ = 0;
};

void add_quiet(std::vector<LevelRow>& rows) {
    Quiet a76("cortex-a76");
    Quiet a55("cortex-a55");
    rows.push_back({"Cortex-A76: L2 load to use", "cycles", a76.level2(), 9,
                    "WikiChip, Cortex-A76: 9 cycles at the least", false});
    rows.push_back({"Cortex-A76: L2 TLB hit", "cycles", a76.level2_tlb(), 3,
                    "TRM 100798, A5.2.3: usually three cycles", false});
    rows.push_back({"Cortex-A55: L2 TLB hit", "cycles", a55.level2_tlb(), 0, "modelled", false});
    rows.push_back(
        {"Cortex-A76: line of another CPU", "cycles", a76.ping_pong(), 0, "modelled", false});
    rows.push_back(
        {"Cortex-A55: line of another CPU", "cycles", a55.ping_pong(), 0, "modelled", false});
}

// A conditional branch whose direction is random: how often it is mispredicted, in percent, and
// what it costs then, in cycles.
struct RandomBranch {
    double mispredicted = 0;
    double cycles = 0;
};

RandomBranch random_branch(const char* core) {
    const MemorySystem::Cpu parameters{core_parameters(core), 2'000'000'000};
    MemorySystem system(shared_parameters(data::Parameters::open("memory/phone8")),
                        std::array{parameters});
    CpuMemory& cpu = system.cpu(0);
    // A linear feedback shift register of 32 bits: no history of a few bits foretells it.
    uint32_t state = 1;
    constexpr uint64_t warm = 1'000;
    constexpr uint64_t measured = 100'000;
    uint64_t parts = 0;
    for (uint64_t i = 0; i < warm + measured; ++i) {
        if (i == warm) {
            cpu.reset_counts();
            parts = 0;
        }
        state = state >> 1 ^ (0 - (state & 1) & 0xa300'0000u);
        const bool taken = state * 0x9e37'79b9u >> 31 != 0;
        parts += cpu.branch({0x1000, 0x2000, BranchKind::conditional, taken});
    }
    const auto wrong = static_cast<double>(cpu.counts().branches.mispredicted);
    return {100 * wrong / measured, static_cast<double>(parts) / stall_parts_per_cycle / wrong};
}

void add_branches(std::vector<LevelRow>& rows) {
    const RandomBranch a76 = random_branch("cortex-a76");
    const RandomBranch a55 = random_branch("cortex-a55");
    rows.push_back({"Cortex-A76: random branches mispredicted", "%", a76.mispredicted, 50,
                    "by definition", false});
    rows.push_back({"Cortex-A76: mispredicted branch", "cycles", a76.cycles, 11,
                    "LLVM, AArch64SchedNeoverseN1.td, MispredictPenalty", false});
    rows.push_back({"Cortex-A55: mispredicted branch", "cycles", a55.cycles, 8,
                    "LLVM, AArch64SchedA55.td, MispredictPenalty", false});
}

}  // namespace

std::vector<LevelRow> level_rows() {
    std::vector<LevelRow> rows;
    add_chases(rows);
    add_dram(rows);
    add_quiet(rows);
    add_branches(rows);
    return rows;
}

}  // namespace orrery::memory
