// SPDX-License-Identifier: Apache-2.0
// A small machine for the tests of the engine: memory, page tables that the test edits, a bus that
// records, and engines on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "sim/engine/user_engine.hpp"

namespace orrery::engine {

inline void PrintTo(StopReason reason, std::ostream* out) {
    *out << static_cast<int>(reason);
}

namespace test {

enum class Program : std::size_t {
#define PROGRAM(name) name,
#include "programs.def"
#undef PROGRAM
};

inline constexpr std::uint64_t page = 4096;
inline constexpr std::uint64_t plenty = 100 * parts_per_cycle;  // a budget for short programs
inline constexpr std::uint64_t ram = 0x4000'0000;
inline constexpr std::uint64_t ram_size = 16ull << 20;
inline constexpr std::uint64_t device = 0x0900'0000;

// Where the tests map things.
inline constexpr std::uint64_t code = 0x0040'0000;
inline constexpr std::uint64_t data = 0x0050'0000;
inline constexpr std::uint64_t unmapped = 0x0060'0000;
inline constexpr std::uint64_t device_window = 0x0070'0000;
inline constexpr std::uint64_t writable_code = 0x0080'0000;
inline constexpr std::uint64_t block_window = 0x0100'0000;  // 2 MiB, aligned
inline constexpr std::uint64_t block_size = 2ull << 20;

enum class Access : std::uint8_t { UserRead, UserWrite, UserExecute, UserAll, Kernel };

struct BusAccess final {
    bool write;
    std::uint64_t physical;
    unsigned size;
    std::uint64_t value;
    bool operator==(const BusAccess&) const = default;
};

class RecordingBus final : public Bus {
  public:
    bool read(std::uint64_t physical, unsigned size, std::uint64_t& value) override;
    bool write(std::uint64_t physical, unsigned size, std::uint64_t value) override;

    std::vector<BusAccess> accesses;
    std::uint64_t answer = 0;
    bool error = false;
    std::function<void()> during = [] {};
};

class SteppingCounter final : public Counter {
  public:
    std::uint64_t physical_count() override { return physical += 1000; }
    std::uint64_t virtual_count() override { return ++count; }
    std::uint64_t frequency() override { return 19'200'000; }
    std::uint64_t count = 0;
    std::uint64_t physical = 0;
};

class Machine final {
  public:
    Machine();

    [[nodiscard]] std::unique_ptr<UserEngine> engine(StoreMode stores = StoreMode::Accelerated,
                                                     unsigned cpu = 0, Meter* meter = nullptr,
                                                     MemoryTiming* memory = nullptr);

    // Physical memory.
    [[nodiscard]] std::uint64_t allocate();
    [[nodiscard]] std::byte* host(std::uint64_t physical) const;
    [[nodiscard]] std::uint64_t word(std::uint64_t physical) const;
    void set_word(std::uint64_t physical, std::uint64_t value);
    void copy_program(Program program, std::uint64_t physical);

    // Translation tables. A fresh root maps the programs at `code` and nothing else.
    [[nodiscard]] std::uint64_t new_root();
    void map(std::uint64_t root, std::uint64_t virtual_address, std::uint64_t physical,
             Access access);
    // A block of 2 MiB; what was mapped in its range before is forgotten.
    void map_block(std::uint64_t root, std::uint64_t virtual_address, std::uint64_t physical,
                   Access access);
    void unmap(std::uint64_t root, std::uint64_t virtual_address);
    void unmap_block(std::uint64_t root, std::uint64_t virtual_address);

    [[nodiscard]] static std::uint64_t address_of(Program program);
    [[nodiscard]] static UserRegisters start(Program program, std::uint64_t x1 = 0);

    RecordingBus bus;
    SteppingCounter counter;
    std::uint64_t root;  // the first address space

  private:
    struct Release final {
        void operator()(std::byte* memory) const;
    };
    [[nodiscard]] std::uint64_t entry(std::uint64_t root_table, std::uint64_t virtual_address,
                                      unsigned level = 3);

    std::unique_ptr<std::byte[], Release> memory_;
    std::uint64_t next_frame_ = ram;
    std::uint64_t programs_;
};

[[nodiscard]] constexpr std::uint64_t with_asid(std::uint64_t root, std::uint64_t asid) {
    return root | asid << 48;
}

}  // namespace test
}  // namespace orrery::engine
