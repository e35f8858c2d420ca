// SPDX-License-Identifier: Apache-2.0
// The rows of the memory models' benchmark: what is measured, beside what is published.
#include <fmt/format.h>

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
    uint64_t bytes;
    double a76;  // published, in nanoseconds; 0: no row
    double a55;
    const char* level;
    double tolerance = 0.1;
};

// Which figures the model's parameters were chosen for.
bool calibrated(uint64_t bytes, MeasuredCore core) {
    return bytes == 1 * mebi || (bytes == 64 * mebi && core == MeasuredCore::cortex_a76);
}

// Where a working set is about as large as the caches, the placement of its pages and the
// replacement of lines decide: boards differ by as much as the model does from this one.
constexpr std::array cyclic_rows{
    ChaseRow{16 * kibi, 1.754, 1.657, "L1"},
    ChaseRow{1 * mebi, 17.56, 16.64, "L3"},
    ChaseRow{2 * mebi, 21.17, 18.54, "L3", 0.2},
    ChaseRow{4 * mebi, 48.94, 67.43, "L3 and DRAM", 0.2},
    ChaseRow{8 * mebi, 91.38, 91.91, "mostly DRAM", 0.2},
    ChaseRow{16 * mebi, 110.9, 110.0, "mostly DRAM"},
    ChaseRow{64 * mebi, 125.2, 127.0, "DRAM"},
    ChaseRow{128 * mebi, 125.7, 133.4, "DRAM"},
};

// What a random read takes more than one that hits level 1.
constexpr std::array random_rows{
    ChaseRow{64 * kibi, 0, 1.55, "L2"},          ChaseRow{128 * kibi, 1.2, 0, "L2"},
    ChaseRow{1 * mebi, 10.75, 14.35, "L3"},      ChaseRow{4 * mebi, 37.65, 41.9, "L3 and DRAM"},
    ChaseRow{64 * mebi, 118.15, 123.85, "DRAM"},
};

std::string name_of(const char* how, const ChaseRow& row) {
    const std::string size = row.bytes < mebi ? fmt::format("{} KiB", row.bytes / kibi)
                                              : fmt::format("{} MiB", row.bytes / mebi);
    return fmt::format("{} {}, {}", how, size, row.level);
}

void add_chases(std::vector<LevelRow>& rows, MeasuredCore core) {
    const bool big = core == MeasuredCore::cortex_a76;
    const char* const core_name = big ? "cortex-a76" : "cortex-a55";
    for (const ChaseRow& row : cyclic_rows) {
        const double model = chase({.core = core, .bytes = row.bytes});
        rows.push_back({core_name, name_of("chase in", row), "ns", model, big ? row.a76 : row.a55,
                        ramlat, calibrated(row.bytes, core), row.tolerance});
    }
    const double level1 = chase({.core = core, .bytes = 4 * kibi});
    for (const ChaseRow& row : random_rows) {
        const double published = big ? row.a76 : row.a55;
        if (published == 0) continue;
        const double model = chase({.core = core, .bytes = row.bytes, .cyclic = false});
        rows.push_back({core_name, name_of("random read beyond L1 in", row), "ns", model - level1,
                        published, tinymembench, false, row.tolerance});
    }
}

void add_far(std::vector<LevelRow>& rows) {
    const double far = chase({.bytes = 64 * mebi, .node = Node::far});
    rows.push_back(
        {"cortex-a76", "chase in 64 MiB, DRAM of the far node", "ns", far, 0, "modelled"});
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
    rows.push_back({"phone8", "DRAM row hit", "ns", hit, 27.875, source});
    rows.push_back({"phone8", "DRAM row miss", "ns", miss, 45.875, source});
    rows.push_back({"phone8", "DRAM row conflict", "ns", conflict, 63.875, source});
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
    rows.push_back({"cortex-a76", "L2 load to use", "cycles", a76.level2(), 9,
                    "WikiChip, Cortex-A76: 9 cycles at the least"});
    rows.push_back({"cortex-a76", "L2 TLB hit", "cycles", a76.level2_tlb(), 3,
                    "TRM 100798, A5.2.3: usually three cycles"});
    rows.push_back({"cortex-a55", "L2 TLB hit", "cycles", a55.level2_tlb(), 0, "modelled"});
    rows.push_back({"cortex-a76", "line of another CPU", "cycles", a76.ping_pong(), 0, "modelled"});
    rows.push_back({"cortex-a55", "line of another CPU", "cycles", a55.ping_pong(), 0, "modelled"});
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
    rows.push_back(
        {"cortex-a76", "random branches mispredicted", "%", a76.mispredicted, 50, "by definition"});
    rows.push_back({"cortex-a76", "mispredicted branch", "cycles", a76.cycles, 11,
                    "LLVM, AArch64SchedNeoverseN1.td, MispredictPenalty"});
    rows.push_back({"cortex-a55", "mispredicted branch", "cycles", a55.cycles, 8,
                    "LLVM, AArch64SchedA55.td, MispredictPenalty"});
}

}  // namespace

std::vector<LevelRow> level_rows() {
    std::vector<LevelRow> rows;
    add_chases(rows, MeasuredCore::cortex_a76);
    add_chases(rows, MeasuredCore::cortex_a55);
    add_far(rows);
    add_dram(rows);
    add_quiet(rows);
    add_branches(rows);
    return rows;
}

}  // namespace orrery::memory
