// SPDX-License-Identifier: Apache-2.0
// A small machine for the tests of the system engine: memory with the image in it, and a platform
// that records what it is asked.
#pragma once

#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <ostream>
#include <vector>

#include "sim/engine/system_engine.hpp"

namespace orrery::engine {

inline void PrintTo(SystemStopReason reason, std::ostream* out) {
    *out << static_cast<int>(reason);
}

namespace test {

enum class Program : std::size_t {
#define PROGRAM(name) name,
#include "image.def"
#undef PROGRAM
};

inline constexpr std::uint64_t page = 4096;
inline constexpr std::uint64_t ram = 0x4000'0000;
inline constexpr std::uint64_t ram_size = 4ull << 20;
inline constexpr std::uint64_t free_memory = ram + (1ull << 20);  // behind the image
inline constexpr std::uint64_t device = 0x0900'0000;
inline constexpr std::uint64_t end_call = 0x1111;
inline constexpr std::uint64_t plenty = 10'000ull * parts_per_cycle;

class Platform final : public SystemPlatform {
  public:
    bool read(std::uint64_t, unsigned, std::uint64_t& value) override {
        during();
        value = answer;
        return !error;
    }
    bool write(std::uint64_t, unsigned, std::uint64_t) override {
        during();
        return !error;
    }
    std::uint64_t physical_count() override { return 2000; }
    std::uint64_t virtual_count() override { return 1000; }
    std::uint64_t frequency() override { return 62'500'000; }
    std::uint64_t read_timer(TimerAccess which) override { return timers.at(index(which)); }
    void write_timer(TimerAccess which, std::uint64_t value) override {
        during();
        timers.at(index(which)) = value;
    }
    std::optional<std::uint64_t> call_firmware(const FirmwareArguments& arguments) override {
        during();
        calls.push_back(arguments);
        if (arguments[0] == end_call) return {};
        return 0x1234;
    }

    static std::size_t index(TimerAccess which) {
        return static_cast<std::size_t>(which.field) + (which.is_virtual ? 3u : 0u);
    }

    std::uint64_t answer = 0;
    bool error = false;
    std::array<std::uint64_t, 6> timers{};  // physical, then virtual, in the order of TimerField
    std::vector<FirmwareArguments> calls;
    std::function<void()> during = [] {};
};

class Board final {
  public:
    Board();

    [[nodiscard]] std::unique_ptr<SystemEngine> engine(const SystemOptions& options = {});
    [[nodiscard]] std::byte* host(std::uint64_t physical) const {
        return memory_.get() + (physical - ram);
    }
    void put(std::uint64_t physical, std::uint64_t value) {
        std::memcpy(host(physical), &value, sizeof value);
    }
    [[nodiscard]] static std::uint64_t address_of(Program program);

    // Tables at `tables` that map all of RAM at its own address, for EL1, in both halves, and one
    // page at `window`, whose entry this returns.
    static constexpr std::uint64_t tables = free_memory;
    static constexpr std::uint64_t window = 0x20'0000;
    static constexpr std::uint64_t kernel_page = 0x403;  // valid, accessed
    std::uint64_t make_tables();

    Platform platform;

  private:
    struct Release final {
        void operator()(std::byte* memory) const {
            ::operator delete[](memory, std::align_val_t{page});
        }
    };
    std::unique_ptr<std::byte[], Release> memory_;
};

}  // namespace test
}  // namespace orrery::engine
