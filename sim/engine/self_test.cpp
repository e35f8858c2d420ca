// SPDX-License-Identifier: Apache-2.0
// A check, once a process at start-up, that the library behaves as the engine relies on.
#include "sim/engine/self_test.hpp"

#include <array>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>

#include "sim/engine/system_registers.hpp"
#include "sim/engine/user_engine.hpp"

namespace orrery::engine {
namespace {

// A bank of a few pages with one address space: level 3 maps 2 MiB from address zero.
constexpr std::uint64_t bank_base = 0x4000'0000;
constexpr std::uint64_t device_base = 0x0900'0000;
enum Page : std::size_t { Level0, Level1, Level2, Level3, Code, Data, PageCount };

constexpr std::uint64_t at(Page page) {
    return page * bits::page_size;
}
constexpr std::uint64_t code_address = 0x1000;    // read, write, execute
constexpr std::uint64_t data_address = 0x2000;    // read, write
constexpr std::uint64_t device_address = 0x3000;  // read, write
constexpr std::uint64_t unmapped_address = 0x4008;
constexpr std::uint64_t last_address = ~std::uint64_t{7};  // a null pointer minus 8

enum Program : std::uint64_t {  // offsets in the code page
    LoadX1 = 0x000,
    StoreX1 = 0x040,
    Loop = 0x080,
    Patch = 0x0c0,
    Patched = 0x800,
};

constexpr std::uint64_t plenty = 100 * parts_per_cycle;

constexpr std::uint32_t svc = 0xd400'0001;
constexpr std::uint32_t move_x0_1 = 0xd280'0020;
constexpr std::uint32_t move_x0_2 = 0xd280'0040;

class NoDevices final : public Bus {
  public:
    bool read(std::uint64_t, unsigned, std::uint64_t&) override { return false; }
    bool write(std::uint64_t, unsigned, std::uint64_t) override { return false; }
};

class NoCounter final : public Counter {
  public:
    std::uint64_t physical_count() override { return 0; }
    std::uint64_t virtual_count() override { return 0; }
    std::uint64_t frequency() override { return 0; }
};

[[noreturn]] void fail(const char* what) {
    throw std::runtime_error(std::string("the engine's self-test failed: ") + what);
}

void expect(bool condition, const char* what) {
    if (!condition) fail(what);
}

class SelfTest final {
  public:
    SelfTest() {
        fill_tables();
        fill_code();
        for (auto& engine : engines_) {
            engine = UserEngine::create({}, std::array{bank()}, bus_, counter_);
            engine->set_address_space(bank_base);
        }
    }

    void faults() {
        expect_abort(LoadX1, unmapped_address, StopReason::DataAbort, 0x9200'0007,
                     "a load from an unmapped page");
        expect_abort(StoreX1, unmapped_address, StopReason::DataAbort, 0x9200'0047,
                     "a store to an unmapped page");
        expect_abort(LoadX1, last_address, StopReason::DataAbort, 0x9200'0004,
                     "a load from the last page of the address space");
        expect_abort(StoreX1, last_address, StopReason::DataAbort, 0x9200'0044,
                     "a store to the last page of the address space");
    }

    void bus_errors() {
        expect_abort(LoadX1, device_address, StopReason::ExternalAbort, 0x9200'0010,
                     "a load that the bus refuses");
        expect_abort(StoreX1, device_address, StopReason::ExternalAbort, 0x9200'0050,
                     "a store that the bus refuses");
    }

    void budget() {
        UserRegisters registers = start(Loop);
        for (std::uint64_t round = 1; round <= 100; ++round) {
            const Stop stop = engines_[0]->run(registers, 1);
            expect(stop.reason == StopReason::Budget && stop.instructions == 2 &&
                       registers.x[0] == round,
                   "a budget of one instruction does not end after one block");
        }
    }

    void stores() {
        UserRegisters registers = start(StoreX1, data_address);
        expect(engines_[0]->run(registers, plenty).reason == StopReason::SystemCall, "a store");
        const StoreCounters& counters = engines_[0]->store_counters();
        expect(counters.writable_pages != 0 && counters.frames_translated != 0,
               "the library does not report pages and code: its calls are not interposed");
    }

    // One engine writes code that both have run; both must run the new code.
    void coherence() {
        for (auto& engine : engines_) expect(patched_value(*engine) == 1, "fresh code");
        UserRegisters registers = start(Patch, code_address + Patched);
        registers.x[0] = move_x0_2;
        expect(engines_[0]->run(registers, plenty).reason == StopReason::SystemCall,
               "a code store");
        expect(
            engines_[0]->store_counters().frames_dropped != 0 || patched_value(*engines_[0]) == 2,
            "a store into code does not drop its translation");
        for (auto& engine : engines_)
            expect(patched_value(*engine) == 2, "IC IVAU does not reach every engine");

        // The same by the host.
        put(at(Code) + Patched, std::array{move_x0_1, svc});
        UserEngine::invalidate_code_everywhere(host(at(Code) + Patched), 8);
        for (auto& engine : engines_)
            expect(patched_value(*engine) == 1, "code that the host wrote is not seen");
    }

  private:
    struct Release final {
        void operator()(std::byte* memory) const {
            ::operator delete[](memory, std::align_val_t{bits::page_size});
        }
    };

    [[nodiscard]] MemoryBank bank() const { return {bank_base, at(PageCount), memory_.get()}; }
    [[nodiscard]] std::byte* host(std::uint64_t offset) const { return memory_.get() + offset; }

    template <typename Words>
    void put(std::uint64_t offset, const Words& words) {
        std::memcpy(host(offset), words.data(), sizeof words);
    }

    void fill_tables() {
        constexpr std::uint64_t table = 3;
        constexpr std::uint64_t user_page = 0x743;  // valid, EL0 read and write, accessed
        constexpr std::uint64_t execute_never = 3ull << 53;
        std::memset(host(0), 0, at(PageCount));
        put(at(Level0), std::array{bank_base + at(Level1) | table});
        put(at(Level1), std::array{bank_base + at(Level2) | table});
        put(at(Level2), std::array{bank_base + at(Level3) | table});
        put(at(Level3),
            std::array<std::uint64_t, 4>{0, bank_base + at(Code) | user_page,
                                         bank_base + at(Data) | user_page | execute_never,
                                         device_base | user_page | execute_never});
    }

    void fill_code() {
        put(at(Code) + LoadX1, std::array<std::uint32_t, 4>{0xd503'201f,  // nop
                                                            0xd503'201f,  // nop
                                                            0xf940'0022,  // ldr x2, [x1]
                                                            svc});
        put(at(Code) + StoreX1, std::array<std::uint32_t, 4>{0xd503'201f,  // nop
                                                             0xd503'201f,  // nop
                                                             0xf900'0022,  // str x2, [x1]
                                                             svc});
        put(at(Code) + Loop, std::array<std::uint32_t, 2>{0x9100'0400,    // add x0, x0, #1
                                                          0x17ff'ffff});  // b   . - 4
        put(at(Code) + Patch, std::array<std::uint32_t, 5>{0xb900'0020,   // str w0, [x1]
                                                           0xd50b'7521,   // ic  ivau, x1
                                                           0xd503'3b9f,   // dsb ish
                                                           0xd503'3fdf,   // isb
                                                           svc});
        put(at(Code) + Patched, std::array{move_x0_1, svc});
    }

    [[nodiscard]] static UserRegisters start(Program program, std::uint64_t x1 = 0) {
        UserRegisters registers;
        registers.pc = code_address + program;
        registers.x[1] = x1;
        return registers;
    }

    static std::uint64_t patched_value(UserEngine& engine) {
        UserRegisters registers = start(Patched);
        expect(engine.run(registers, plenty).reason == StopReason::SystemCall, "a system call");
        return registers.x[0];
    }

    void expect_abort(Program program, std::uint64_t address, StopReason reason, std::uint64_t esr,
                      const char* what) {
        UserRegisters registers = start(program, address);
        const Stop stop = engines_[0]->run(registers, plenty);
        const bool precise = stop.instructions == 2 && registers.pc == code_address + program + 8;
        if (stop.reason != reason || stop.esr != esr || stop.far != address || !precise)
            fail((std::string(what) + " does not fault as the architecture says").c_str());
    }

    std::unique_ptr<std::byte[], Release> memory_{static_cast<std::byte*>(
        ::operator new[](at(PageCount), std::align_val_t{bits::page_size}))};
    NoDevices bus_;
    NoCounter counter_;
    std::array<std::unique_ptr<UserEngine>, 2> engines_;
};

}  // namespace

void self_test() {
    SelfTest test;
    test.faults();
    test.bus_errors();
    test.budget();
    test.stores();
    test.coherence();
}

}  // namespace orrery::engine
