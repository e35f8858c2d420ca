// SPDX-License-Identifier: Apache-2.0
// The inside of an engine: the library's instance, its set-up and its callbacks.
#pragma once

#include <unicorn/unicorn.h>

#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "sim/engine/block_costs.hpp"
#include "sim/engine/bus.hpp"
#include "sim/engine/core.hpp"
#include "sim/engine/memory_timing.hpp"
#include "sim/engine/private_memory.hpp"
#include "sim/engine/system_registers.hpp"
#include "sim/engine/translation_cache.hpp"
#include "sim/engine/user_engine.hpp"

namespace orrery::engine {

// Throws std::runtime_error with the library's word for the error.
void require(uc_err error, const char* what);

// V0 to V31, FPCR and FPSR as they are in the library.
void store_vectors(uc_engine* library, VectorRegisters& vectors);

// Also the whole state of an engine for EL0; one for EL1 as well is a SystemState.
class EngineState {
  public:
    EngineState(const EngineOptions& options, std::span<const MemoryBank> memory, Bus& device_bus,
                Counter& generic_counter);
    virtual ~EngineState() = default;
    EngineState(const EngineState&) = delete;
    EngineState& operator=(const EngineState&) = delete;

    void write_system_register(const SystemRegister& which, std::uint64_t value);
    [[nodiscard]] std::uint64_t read_system_register(const SystemRegister& which) const;

    // Runs the library from `pc` until a callback or a hint stops it.
    void execute(std::uint64_t pc, std::uint64_t budget);

    void flush_tlb();

    // breakpoints.cpp. The handler is called before an instruction at such an address, in the
    // middle of a run; it must not throw. Breakpoints may be set from there, too.
    void set_breakpoint(std::uint64_t address, bool set);
    std::function<void(std::uint64_t address)> on_breakpoint;
    // Precondition: at_breakpoint, or not in the middle of a run.
    void set_registers(const UserRegisters& registers);
    bool at_breakpoint = false;  // the handler has been called and has not returned

    // Translations of the lower half, or of both, may have changed.
    void forget_low_addresses();
    void forget_addresses();

    // From now on code is charged for what memory costs, if options said so.
    void start_memory_timing() { timing = timing_wanted_; }

    struct Close final {
        void operator()(uc_engine* engine) const { uc_close(engine); }
    };

    // The order matters: the library must be closed before the core and the memory go.
    unsigned cpu;
    Bus& bus;
    Counter& counter;
    std::vector<MemoryBank> banks;
    PrivateMemory private_memory;
    Core core;
    BlockCosts costs;
    std::unique_ptr<uc_engine, Close> library;
    std::uint64_t ttbr0 = 0;
    MemoryTiming* timing = nullptr;  // null: memory costs nothing beyond the pipeline
    TranslationCache translations;   // for it

    // The run in progress.
    bool running = false;
    bool trapped = false;          // an exception hook stopped the run
    bool refused = false;          // the block hook stopped the run
    bool requested = false;        // request_stop()
    bool misaligned = false;       // the next block is not at a multiple of four
    bool after_exception = false;  // the next run is an exception return
    bool in_bus_access = false;
    bool flush_after_access = false;
    std::exception_ptr bus_exception;
    Stop stop;

    // Instructions and their cost are counted by blocks, before they are executed: what a trap left
    // undone is taken back.
    std::uint64_t executed = 0;
    std::uint64_t spent = 0;  // parts of a cycle
    std::uint64_t limit = 0;  // of them
    std::uint64_t block = 0;
    std::uint32_t block_size = 0;
    std::uint32_t block_cost = 0;
    bool block_exclusive = false;  // has exclusive loads or stores
    std::uint64_t total = 0;
    std::uint64_t total_parts = 0;
    Work kernel;  // of all runs: code of the kernel, and exceptions
    // All ones until code first runs at an upper address: the kernel is where memory is.
    std::uint64_t early = 0;
    // All ones for kernel code, else none.
    [[nodiscard]] std::uint64_t is_kernel(std::uint64_t address) const {
        return -(address >> 63) | early;
    }

  protected:
    // callbacks.cpp: what happens while the library runs.
    virtual void exception(std::uint32_t number);
    virtual void misaligned_block();
    virtual void pause() {}  // the block to come waits for another CPU
    // Whether a run that has left the library is to go on.
    virtual bool goes_on() { return false; }
    // Returns whether the read was answered.
    virtual bool read_register(const SystemRegister& which, std::uint64_t& value);
    virtual void system_instruction(const SystemRegister& which, std::uint64_t operand);
    // Where the code at a virtual address lies, null if nowhere.
    [[nodiscard]] virtual const std::byte* code_at(std::uint64_t address) const;
    // The same as a walk of the tables; false if there is no translation, or no page tables at all.
    [[nodiscard]] virtual bool walk_tables(std::uint64_t page, PageTranslation& translation) const;

    // An exception abandoned the load or store in flight.
    void abandon_access();
    void take_back_unexecuted(std::uint64_t pc);
    static void drop_code_line(const std::byte* somewhere_in_it);

    template <typename Callback>
    void add_hook(int type, Callback* callback, int instruction = 0) {
        uc_hook hook = 0;
        require(uc_hook_add(library.get(), &hook, type, reinterpret_cast<void*>(callback), this, 1,
                            0, instruction),
                "add a hook");
    }

  private:
    // engine_setup.cpp
    void map_memory();
    void cover_holes();
    void cover(std::uint64_t begin, std::uint64_t end);
    void set_system_registers();
    void add_hooks();
    void enter_user_level();
    void calibrate();

    // callbacks.cpp
    static void on_block(uc_engine*, std::uint64_t address, std::uint32_t size, void* user);
    static void on_exception(uc_engine*, std::uint32_t number, void* user);
    static std::uint32_t on_register_read(uc_engine*, uc_arm64_reg target,
                                          const uc_arm64_cp_reg* which, void* user);
    static std::uint32_t on_system_instruction(uc_engine*, uc_arm64_reg source,
                                               const uc_arm64_cp_reg* which, void* user);
    [[nodiscard]] BlockCosts::Facts meter_block(std::uint64_t address, std::uint32_t size);
    [[nodiscard]] std::span<const std::uint32_t> code_before(std::uint64_t address) const;

    void keep_program_counter(std::uint64_t address);
    static void on_instruction(uc_engine*, std::uint64_t address, std::uint32_t size, void* user);

    // memory_hooks.cpp: what memory costs.
    static void on_memory(uc_engine*, uc_mem_type type, std::uint64_t address, int size,
                          std::int64_t value, void* user);
    void charge_block(const BlockCosts::Facts& facts);
    void charge_access(std::uint64_t address, std::uint32_t size, AccessKind kind);
    void charge_stall(std::uint32_t parts);
    [[nodiscard]] const PageTranslation* translation_of(std::uint64_t address);
    [[nodiscard]] bool at_exclusive();

    // device_access.cpp
    static std::uint64_t on_bus_read(uc_engine*, std::uint64_t offset, unsigned size, void* user);
    static void on_bus_write(uc_engine*, std::uint64_t offset, unsigned size, std::uint64_t value,
                             void* user);
    template <typename Access>
    bool access_bus(const Access& access);
    [[noreturn]] void raise_external_abort(int access_type, std::uint64_t virtual_address,
                                           unsigned size);
    void check_alignment(int access_type);

    // A range of physical addresses without memory: every access there goes to the bus.
    struct Hole final {
        EngineState* state;
        std::uint64_t base;
    };
    // The first half of a 64-bit access, of which the library makes two.
    struct SplitAccess final {
        bool active = false;
        std::uint64_t physical = 0;
        std::uint64_t value = 0;
    };
    std::uint64_t affinity_;
    std::deque<Hole> holes_;
    SplitAccess split_;
    bool calibrated_ = false;
    std::set<std::uint64_t> breakpoints_;
    std::set<std::uint64_t> hooked_stretches_;
    MemoryTiming* timing_wanted_;
};

}  // namespace orrery::engine
