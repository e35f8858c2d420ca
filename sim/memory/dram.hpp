// SPDX-License-Identifier: Apache-2.0
// DramChannel: one DRAM channel with its controller: ranks, banks, rows that stay open, refresh.
//
// The model advances by requests, not by clock cycles: each bank, rank and the data bus remember
// the earliest time of their next command, as in A. Hansson et al., "Simulating DRAM controllers
// for future system architecture exploration", ISPASS 2014. Reads are served in the order in which
// they come; writes are posted, and written in batches when their queue fills up, as there.
//
// CPUs that run ahead of each other by a quantum bring their requests out of order in time. A
// channel serves them in the order in which they come, in a time of its own: a request from before
// the one that came last arrives together with it, the next ones at their distance from it, and
// latencies count from there. So nobody waits for what another CPU does in its future, and a CPU's
// requests keep their distances; but CPUs compete only where their quanta meet.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace orrery::memory {

// In picoseconds, with the names of JESD209-4.
struct DramTiming {
    uint64_t rcd = 0;            // activate to read or write, the same bank
    uint64_t rp = 0;             // precharge of a bank to activate
    uint64_t rp_all = 0;         // precharge of all banks to refresh
    uint64_t ras = 0;            // activate to precharge
    uint64_t read_latency = 0;   // read to data, with the output delay tDQSCK
    uint64_t write_latency = 0;  // write to data
    uint64_t burst = 0;          // data of one line on the bus
    uint64_t rtp = 0;            // read to precharge
    uint64_t wr = 0;             // end of written data to precharge
    uint64_t wtr = 0;            // end of written data to read, the same rank
    uint64_t rrd = 0;            // activate to activate, the same rank
    uint64_t faw = 0;            // window of at most four activates, the same rank
    uint64_t rfc = 0;            // refresh of all banks
    uint64_t refi = 0;           // from refresh to refresh
    uint64_t read_to_write = 0;  // bus idle between read and written data
    uint64_t rank_switch = 0;    // bus idle between data of two ranks
};

struct DramQueue {
    uint32_t writes_high = 0;  // with so many writes waiting, a batch is written,
    uint32_t writes_low = 0;   // until so many are left
};

struct DramPlace {
    uint32_t channel = 0;
    uint32_t rank = 0;
    uint32_t bank = 0;
    uint32_t row = 0;
    uint32_t column = 0;  // in lines

    bool operator==(const DramPlace&) const = default;
};

// How an address within a node becomes a place. Fields are taken from the low bits of the line
// number upwards; a field that is named twice is put together from both parts.
struct DramMapping {
    enum class Field : uint8_t { channel, rank, bank, row, column };
    struct Part {
        Field field = Field::row;
        uint32_t bits = 0;
    };
    std::vector<Part> parts;
    // The bank is mixed with the low bits of the row, so that rows at a power-of-two distance lie
    // in different banks (Z. Zhang et al., "A permutation-based page interleaving scheme to reduce
    // row-buffer conflicts and exploit data locality", MICRO-33, 2000).
    bool bank_permutation = false;

    [[nodiscard]] DramPlace place(uint64_t line) const;
    [[nodiscard]] uint32_t bits(Field field) const;
    // Throws std::runtime_error for text that is not "FIELD BITS".
    static Part parse(const std::string& where, const std::string& text);
};

// What a channel did since the last reset; each count is also an energy event.
struct DramCounts {
    uint64_t reads = 0;
    uint64_t writes = 0;
    uint64_t row_hits = 0;
    uint64_t row_misses = 0;  // the bank was closed
    uint64_t row_conflicts = 0;
    uint64_t activates = 0;
    uint64_t refreshes = 0;
    uint64_t forwarded = 0;  // reads answered from the write queue
};

class DramChannel final {
  public:
    DramChannel(const DramTiming& timing, const DramQueue& queue, uint32_t ranks, uint32_t banks);

    // When the last data of a read that arrives now is there.
    uint64_t read(const DramPlace& place, uint64_t now);
    // Posts a write that arrives now.
    void write(const DramPlace& place, uint64_t now);
    // Writes what is waiting, as a batch does.
    void drain(uint32_t left, uint64_t now);

    [[nodiscard]] const DramCounts& counts() const { return counts_; }
    void reset_counts() { counts_ = {}; }

  private:
    static constexpr uint32_t no_row = ~uint32_t{0};
    struct Bank {
        uint32_t row = no_row;
        uint64_t activate = 0;   // earliest next activate,
        uint64_t precharge = 0;  // precharge,
        uint64_t column = 0;     // read or write
    };
    struct Rank {
        std::vector<Bank> banks;
        uint64_t activate = 0;           // earliest next activate by tRRD
        std::array<uint64_t, 4> last{};  // the latest four activates, and tFAW after each
        uint32_t oldest = 0;             // of them
        uint64_t read = 0;               // earliest next read by tWTR
        uint64_t refreshed = 0;          // refreshes that are over or under way
    };

    // When the data of a request begins and ends on the bus.
    uint64_t access(const DramPlace& place, uint64_t now, bool is_write);
    // How far the channel's own time is ahead of a request that comes now.
    uint64_t arrive(uint64_t now);
    void refresh(Rank& rank, uint64_t now);
    void open(Rank& rank, Bank& bank, uint32_t row, uint64_t now);
    uint64_t transfer(Rank& rank, uint32_t rank_index, Bank& bank, uint64_t now, bool is_write);

    DramTiming timing_;
    DramQueue queue_;
    std::vector<Rank> ranks_;
    std::vector<DramPlace> writes_;
    uint64_t last_now_ = 0;      // when the last request came,
    uint64_t last_arrival_ = 0;  // and the same in the channel's own time
    uint64_t refreshes_due_ = 0;
    uint64_t bus_free_ = 0;
    uint32_t bus_rank_ = 0;
    bool bus_read_ = false;  // the latest data on the bus was read
    DramCounts counts_;
};

}  // namespace orrery::memory
