// SPDX-License-Identifier: Apache-2.0
// Directory: which CPUs hold a line in their private caches: the snoop filter of the shared cache.
//
// A hash table with linear probing, as large as all private caches together, so it never forgets a
// line as a real filter of limited size does. Nothing is ever listed in its order.
#pragma once

#include <cstdint>
#include <vector>

namespace orrery::memory {

class Directory final {
  public:
    struct Holders {
        uint32_t cpus = 0;       // a bit for each CPU
        bool exclusive = false;  // the only holder may write without asking
    };

    // Precondition: never more than this many lines at once.
    explicit Directory(uint64_t lines);

    [[nodiscard]] Holders find(uint64_t line) const;
    // No CPUs: the line is forgotten.
    void set(uint64_t line, Holders holders);

  private:
    static constexpr uint64_t empty = ~uint64_t{0};
    struct Slot {
        uint64_t line = empty;
        Holders holders;
    };
    [[nodiscard]] uint64_t home(uint64_t line) const;
    [[nodiscard]] uint64_t locate(uint64_t line) const;
    void erase(uint64_t slot);

    uint32_t bits_;
    uint64_t mask_;
    std::vector<Slot> slots_;
};

}  // namespace orrery::memory
