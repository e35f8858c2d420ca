// SPDX-License-Identifier: Apache-2.0
// BlockCosts: what the meter said about each translated block, found again in a few nanoseconds
// whenever the block runs.
//
// Two direct-mapped tables. The first goes by virtual address; its entries bear a stamp, which is
// renewed when a translation of that half of the address space or any code may have changed. The
// second goes by the place of the code in memory; its entries bear the generation of that frame's
// code, so that they outlive changes of the address space. A block that neither knows is metered.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "sim/engine/meter.hpp"

namespace orrery::engine {

// LDXR, STXR and their kin (Arm Architecture Reference Manual, C4.1, load/store exclusive).
[[nodiscard]] bool is_exclusive(std::uint32_t word);

// What of `code` is behind its last branch, exception or system instruction: it runs on into what
// follows. At most 64 instructions.
[[nodiscard]] std::span<const std::uint32_t> straight_end(std::span<const std::uint32_t> code);

// Instructions of a block in memory.
[[nodiscard]] std::span<const std::uint32_t> words(const std::byte* code, std::uint32_t size);

class BlockCosts final {
  public:
    // Null: one cycle an instruction, without any table. The meter must outlive this.
    explicit BlockCosts(Meter* meter);

    // What is known of a block.
    struct Facts final {
        std::uint32_t cost = 0;
        std::uint32_t last_word = 0;  // its last instruction, where there is a meter
        bool exclusive = false;       // has exclusive loads or stores
    };

    // The block hook's way: true if the block is known.
    [[nodiscard]] bool find(std::uint64_t address, std::uint32_t size, Facts& facts) const {
        if (meter_ == nullptr) {
            facts.cost = flat_cost(size / 4);
            return true;
        }
        const Block& block = tables_->by_address[address / 4 % by_address_size];
        facts = block.facts;
        return block.address == address && block.size == size &&
               block.stamp == stamps_[address >> 63];
    }

    // The same for a block that find() does not know. `code` is where it lies in memory, in a frame
    // whose code is of `generation`. `before` is the straight code that runs on into it over a
    // border that only the library knows, if any: then the block costs what it adds to that, unless
    // it is a loop of its own. Where it ends a loop that begins there, it costs what is left of a
    // round of that loop.
    struct Answer final {
        Facts facts;
        bool pauses;  // has a YIELD or WFE; find() never knows such a block
    };
    [[nodiscard]] Answer learn(std::uint64_t address, std::uint32_t size, const std::byte* code,
                               std::uint32_t generation,
                               std::span<const std::uint32_t> before = {});

    // The first `size` bytes of a block: for what an exception left undone.
    [[nodiscard]] std::uint32_t beginning(const std::byte* code, std::uint32_t size) const;

    [[nodiscard]] bool metered() const { return meter_ != nullptr; }

    void forget_low_addresses() { stamps_[0] = ++last_stamp_; }
    void forget_addresses() { stamps_ = {last_stamp_ + 1, last_stamp_ + 1}, ++last_stamp_; }

  private:
    [[nodiscard]] Facts facts_of(const std::byte* code, std::uint32_t size,
                                 std::span<const std::uint32_t> before) const;

    static constexpr std::size_t by_address_size = 4096;
    static constexpr std::size_t by_place_size = 16384;

    struct Block final {
        std::uint64_t address = 0;
        std::uint64_t stamp = 0;
        std::uint32_t size = 0;
        Facts facts;
    };
    struct Code final {
        const std::byte* place = nullptr;
        std::uint32_t size = 0;
        std::uint32_t generation = 0;
        Facts facts;
        bool pauses = false;
    };
    struct Tables final {
        std::array<Block, by_address_size> by_address;
        std::array<Code, by_place_size> by_place;
    };

    Meter* meter_;
    std::unique_ptr<Tables> tables_;
    std::array<std::uint64_t, 2> stamps_{1, 1};  // of the lower and the upper half
    std::uint64_t last_stamp_ = 1;
};

}  // namespace orrery::engine
