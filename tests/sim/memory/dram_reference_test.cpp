// SPDX-License-Identifier: Apache-2.0
// The DRAM channel against a slow model that keeps every command that was ever given and finds the
// earliest time of the next one by asking each of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "sim/memory/dram.hpp"
#include "tests/sim/memory/fixture.hpp"

namespace orrery::memory {
namespace {

enum class Kind { activate, precharge, read, write, refresh };

struct Command {
    Kind kind;
    uint32_t rank;
    uint32_t bank;
    uint32_t row;
    uint64_t time;
};

class SlowDram final {
  public:
    explicit SlowDram(const DramTiming& timing) : timing_(timing) {}

    uint64_t access(const DramPlace& place, uint64_t now, bool is_write) {
        refresh(place.rank, now);
        const std::optional<uint32_t> row = open_row(place.rank, place.bank);
        if (row != place.row) {
            if (row) give(Kind::precharge, place, now);
            give(Kind::activate, place, now);
        }
        const uint64_t time = give(is_write ? Kind::write : Kind::read, place, now);
        return time + latency(is_write) + timing_.burst;
    }

  private:
    [[nodiscard]] uint64_t latency(bool is_write) const {
        return is_write ? timing_.write_latency : timing_.read_latency;
    }
    [[nodiscard]] static bool is_column(Kind kind) {
        return kind == Kind::read || kind == Kind::write;
    }

    // Which row a bank has open, by what was done to it last.
    [[nodiscard]] std::optional<uint32_t> open_row(uint32_t rank, uint32_t bank) const {
        for (auto command = log_.rbegin(); command != log_.rend(); ++command) {
            if (command->rank != rank) continue;
            if (command->kind == Kind::refresh) return {};
            if (command->bank != bank) continue;
            if (command->kind == Kind::precharge) return {};
            if (command->kind == Kind::activate) return command->row;
        }
        return {};
    }

    void refresh(uint32_t rank, uint64_t now) {
        const uint64_t due = now / timing_.refi * timing_.refi;
        if (due == 0) return;
        bool any_open = false;
        uint64_t start = due;
        for (const Command& command : log_) {
            if (command.rank == rank && command.kind == Kind::refresh && command.row == due) return;
        }
        for (uint32_t bank = 0; bank < 8; ++bank) {
            const bool open = open_row(rank, bank).has_value();
            any_open |= open;
            const Kind next = open ? Kind::precharge : Kind::activate;
            start = std::max(start, bank_earliest(next, rank, bank));
        }
        if (any_open) start += timing_.rp_all;
        // The row tells for which time the refresh was due.
        log_.push_back({Kind::refresh, rank, 0, static_cast<uint32_t>(due), start});
    }

    // The rules of one bank between an earlier command and the next.
    [[nodiscard]] uint64_t bank_earliest(Kind next, uint32_t rank, uint32_t bank) const {
        uint64_t time = 0;
        for (const Command& past : log_) {
            if (past.rank != rank) continue;
            if (past.kind == Kind::refresh) {
                if (next == Kind::activate) time = std::max(time, past.time + timing_.rfc);
                continue;
            }
            if (past.bank == bank) time = std::max(time, past.time + bank_gap(past.kind, next));
        }
        return time;
    }
    [[nodiscard]] uint64_t bank_gap(Kind past, Kind next) const {
        if (past == Kind::activate && is_column(next)) return timing_.rcd;
        if (past == Kind::activate && next == Kind::precharge) return timing_.ras;
        if (past == Kind::precharge && next == Kind::activate) return timing_.rp;
        if (past == Kind::read && next == Kind::precharge) return timing_.rtp;
        if (past == Kind::write && next == Kind::precharge) {
            return latency(true) + timing_.burst + timing_.wr;
        }
        return 0;
    }

    // The rules of a rank and of the bus.
    [[nodiscard]] uint64_t shared_earliest(Kind next, uint32_t rank) const {
        uint64_t time = 0;
        std::vector<uint64_t> activates;
        for (const Command& past : log_) {
            const bool same = past.rank == rank;
            if (next == Kind::activate && past.kind == Kind::activate && same) {
                time = std::max(time, past.time + timing_.rrd);
                activates.push_back(past.time);
            }
            if (next == Kind::read && past.kind == Kind::write && same) {
                time = std::max(time, past.time + latency(true) + timing_.burst + timing_.wtr);
            }
            if (is_column(next) && is_column(past.kind)) {
                uint64_t free = past.time + latency(past.kind == Kind::write) + timing_.burst;
                if (!same) free += timing_.rank_switch;
                if (past.kind == Kind::read && next == Kind::write) free += timing_.read_to_write;
                const uint64_t own = latency(next == Kind::write);
                time = std::max(time, free - std::min(free, own));
            }
        }
        if (next == Kind::activate && activates.size() >= 4) {
            time = std::max(time, activates[activates.size() - 4] + timing_.faw);
        }
        return time;
    }

    uint64_t give(Kind kind, const DramPlace& place, uint64_t now) {
        const uint64_t time = std::max(
            {now, bank_earliest(kind, place.rank, place.bank), shared_earliest(kind, place.rank)});
        log_.push_back({kind, place.rank, place.bank, place.row, time});
        return time;
    }

    DramTiming timing_;
    std::vector<Command> log_;
};

void compare(uint32_t seed, uint64_t mean_gap, uint32_t ranks) {
    const DramTiming timing = phone8().memory.dram.timing;
    // A queue of one: writes are done at once, in order.
    DramChannel channel(timing, {.writes_high = 1, .writes_low = 0}, ranks, 8);
    SlowDram slow(timing);
    Random random(seed);
    uint64_t now = 0;
    for (int step = 0; step < 700; ++step) {
        now += random() % (2 * mean_gap);
        const DramPlace place{.rank = random() % ranks, .bank = random() % 8, .row = random() % 3};
        if (random() % 3 == 0) {
            channel.write(place, now);
            slow.access(place, now, true);
        } else {
            ASSERT_EQ(channel.read(place, now), slow.access(place, now, false))
                << "seed " << seed << ", step " << step;
        }
    }
}

TEST(DramReference, AgreesForAllLoads) {
    for (uint32_t seed = 1; seed <= 8; ++seed) {
        compare(seed, 1'000, 1);
        compare(seed, 20'000, 1);
        compare(seed, 100'000, 1);
        compare(seed, 1'000, 2);
        compare(seed, 30'000, 2);
    }
}

}  // namespace
}  // namespace orrery::memory
