// SPDX-License-Identifier: Apache-2.0
// A check, once a process at start-up, that the library behaves as the system engine relies on.
#include "sim/engine/system_self_test.hpp"

#include <array>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>

#include "sim/engine/system_engine.hpp"
#include "sim/engine/system_registers.hpp"

namespace orrery::engine {
namespace {

constexpr std::uint64_t bank_base = 0x4000'0000;
constexpr std::uint64_t bank_size = 16 * bits::page_size;
constexpr std::uint64_t plenty = 1000 * parts_per_cycle;

// Offsets in the bank. Vectors hold HVC #0 each, which the firmware keeps.
enum Place : std::uint64_t {
    Vectors = 0x0000,
    UserCall = 0x1000,
    Interruptible = 0x1100,
    Waiting = 0x1200,
    Patch = 0x1300,
    Call = 0x1400,
    User = 0x2000,
    Patched = 0x3000,
};
constexpr std::uint64_t vector_from_el1 = 0x200;
constexpr std::uint64_t vector_from_el0 = 0x400;
constexpr std::uint64_t vector_interrupt = 0x80;

constexpr std::uint32_t hvc = 0xd400'0002;
constexpr std::uint32_t svc = 0xd400'0001;
constexpr std::uint32_t move_x3_1 = 0xd280'0023;
constexpr std::uint32_t move_x3_2 = 0xd280'0043;
constexpr std::uint32_t set_vbar_x1 = 0xd518'c001;

class Nothing final : public SystemPlatform {
  public:
    bool read(std::uint64_t, unsigned, std::uint64_t&) override { return false; }
    bool write(std::uint64_t, unsigned, std::uint64_t) override { return false; }
    std::uint64_t physical_count() override { return 0; }
    std::uint64_t virtual_count() override { return 0; }
    std::uint64_t frequency() override { return 0; }
    std::uint64_t read_timer(TimerAccess) override { return 0; }
    void write_timer(TimerAccess, std::uint64_t) override {}
    std::optional<std::uint64_t> call_firmware(const FirmwareArguments&) override { return {}; }
};

void expect(bool condition, const char* what) {
    if (!condition)
        throw std::runtime_error(std::string("the system engine's self-test failed: ") + what);
}

class SystemSelfTest final {
  public:
    SystemSelfTest() {
        std::memset(memory_.get(), 0, bank_size);
        for (std::uint64_t vector = 0; vector < 0x800; vector += 0x80)
            put(Vectors + vector, std::array{hvc});
        put(UserCall, std::array<std::uint32_t, 5>{set_vbar_x1,
                                                   0xd518'4022,  // msr elr_el1, x2
                                                   0xd518'401f,  // msr spsr_el1, xzr
                                                   0xd69f'03e0,  // eret
                                                   0});
        put(User, std::array{svc});
        put(Interruptible, std::array<std::uint32_t, 4>{set_vbar_x1,
                                                        0xd503'42ff,    // msr daifclr, #2
                                                        0x9100'0463,    // add x3, x3, #1
                                                        0x17ff'ffff});  // b   . - 4
        put(Waiting, std::array<std::uint32_t, 2>{0xd503'207f,          // wfi
                                                  hvc});
        put(Patch, std::array<std::uint32_t, 5>{0xb900'0044,  // str w4, [x2]
                                                0xd50b'7b22,  // dc  cvau, x2
                                                0xd508'711f,  // ic  ialluis
                                                0xd503'3fdf,  // isb
                                                hvc});
        put(Call, std::array<std::uint32_t, 1>{0xd61f'0040});  // br x2
        put(Patched, std::array{move_x3_1, hvc});
        for (auto& engine : engines_) engine = SystemEngine::create({}, std::array{bank()}, none_);
    }

    void exceptions() {
        SystemEngine& engine = start(0, UserCall);
        engine.set_general(2, bank_base + User);
        expect_vector(engine, vector_from_el0, "an exception from EL0");
        start(0, UserCall);
        engine.set_general(2, bank_base + User + 2);
        expect_vector(engine, vector_from_el0, "a misaligned program counter");
    }

    void interrupts() {
        SystemEngine& engine = start(0, Interruptible);
        expect(engine.run(plenty).reason == SystemStopReason::Budget,
               "a budget does not end a run");
        engine.set_interrupt(true);
        expect_vector(engine, vector_from_el1 + vector_interrupt, "an interrupt");
        engine.set_interrupt(false);

        start(0, Waiting);
        expect(engine.run(plenty).reason == SystemStopReason::WaitForInterrupt,
               "WFI does not end a run");
        engine.set_interrupt(true);
        start(0, Waiting);
        expect(engine.run(plenty).reason == SystemStopReason::Firmware,
               "WFI does not see a pending interrupt");
        engine.set_interrupt(false);
    }

    void coherence() {
        expect(patched_value(0) == 1 && patched_value(1) == 1, "fresh code");
        SystemEngine& engine = start(0, Patch);
        engine.set_general(2, bank_base + Patched);
        engine.set_general(4, move_x3_2);
        engine.run(plenty);
        expect(patched_value(0) == 2 && patched_value(1) == 2,
               "code that one engine wrote is not seen by all");
    }

  private:
    struct Release final {
        void operator()(std::byte* memory) const {
            ::operator delete[](memory, std::align_val_t{bits::page_size});
        }
    };

    [[nodiscard]] MemoryBank bank() const { return {bank_base, bank_size, memory_.get()}; }

    template <typename Words>
    void put(std::uint64_t offset, const Words& words) {
        std::memcpy(memory_.get() + offset, words.data(), sizeof words);
    }

    SystemEngine& start(std::size_t index, Place program) {
        SystemEngine& engine = *engines_.at(index);
        engine.reset(bank_base + program, 0);
        engine.set_general(1, bank_base + Vectors);
        return engine;
    }

    std::uint64_t patched_value(std::size_t index) {
        SystemEngine& engine = start(index, Call);
        engine.set_general(2, bank_base + Patched);
        engine.run(plenty);
        return engine.registers().x[3];
    }

    static void expect_vector(SystemEngine& engine, std::uint64_t vector, const char* what) {
        const bool ended = engine.run(plenty).reason == SystemStopReason::Firmware;
        const bool there = engine.registers().pc == bank_base + Vectors + vector + sizeof hvc;
        expect(ended && there, (std::string(what) + " does not enter its vector").c_str());
    }

    std::unique_ptr<std::byte[], Release> memory_{
        static_cast<std::byte*>(::operator new[](bank_size, std::align_val_t{bits::page_size}))};
    Nothing none_;
    std::array<std::unique_ptr<SystemEngine>, 2> engines_;
};

}  // namespace

void system_self_test() {
    SystemSelfTest test;
    test.exceptions();
    test.interrupts();
    test.coherence();
}

}  // namespace orrery::engine
