// SPDX-License-Identifier: Apache-2.0
// An AArch64 core that executes EL0 code over page tables in host memory.
//
// The kernel runs natively on the host, so every trap ends a run and returns to the caller, who
// answers it by changing registers, memory or tables, and runs again. One engine a simulated CPU,
// several in one process, all of them driven from one host thread; each may run on a coroutine
// stack of its own (64 KiB suffice).
//
// Blocks of at most 512 instructions are executed whole, unless one of them traps. The same memory,
// registers and budgets give the same stops with the same counts, on every host.
//
// Two traps of the architecture are not modelled: stack pointer alignment (SCTLR_EL1.SA0), and a
// misaligned PC is seen when the block there would start.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "sim/engine/bus.hpp"
#include "sim/engine/memory_bank.hpp"
#include "sim/engine/memory_timing.hpp"
#include "sim/engine/meter.hpp"
#include "sim/engine/stop.hpp"
#include "sim/engine/store_path.hpp"
#include "sim/engine/user_registers.hpp"

namespace orrery::engine {

class EngineState;

struct EngineOptions final {
    unsigned cpu = 0;
    std::optional<std::uint64_t> affinity = std::nullopt;  // MPIDR_EL1; without it the CPU's number
    StoreMode stores = store_mode_from_environment();
    Meter* meter = nullptr;  // null: one cycle an instruction; must outlive the engine
    // Null: memory costs nothing beyond the pipeline. Needs a meter; must outlive the engine.
    MemoryTiming* memory = nullptr;
};

class UserEngine final {
  public:
    // Throws std::runtime_error, with one sentence that says what is wrong. The bus and the counter
    // must outlive the engine.
    [[nodiscard]] static std::unique_ptr<UserEngine> create(const EngineOptions& options,
                                                            std::span<const MemoryBank> banks,
                                                            Bus& bus, Counter& counter);
    ~UserEngine();
    UserEngine(const UserEngine&) = delete;
    UserEngine& operator=(const UserEngine&) = delete;

    // Executes from `registers` until a trap, a request to stop, or the first block boundary at
    // which `budget` parts of a cycle are spent; leaves the state reached in `registers`. At least
    // one block is executed if the budget is zero. Going on after a trap counts as an exception
    // return: it clears the exclusive monitor. Throws std::runtime_error if the library fails, and
    // whatever the bus threw.
    Stop run(UserRegisters& registers, std::uint64_t budget);

    // Ends the run at the next block boundary. From a callback of the run, or from another engine's
    // coroutine while this one is suspended in one; without effect otherwise.
    void request_stop();

    // True between the call of run() and its return, also while a callback is suspended.
    [[nodiscard]] bool running() const;

    // Vectors, FPCR and FPSR stay in the engine from run to run; move them on a thread switch.
    void load_vectors(const VectorRegisters& vectors);
    void store_vectors(VectorRegisters& vectors) const;

    // As an exception return does: for a caller that takes an interrupt after Budget or Requested.
    void clear_exclusive();

    // TTBR0_EL1 with the ASID in bits 63:48. There are no ASIDs in the TLB: any change flushes it.
    void set_address_space(std::uint64_t ttbr0);
    [[nodiscard]] std::uint64_t address_space() const;
    // The physical address behind an address of the lower half, by the tables in memory. Changes
    // nothing; for whoever looks from outside.
    [[nodiscard]] std::optional<std::uint64_t> translate(std::uint64_t virtual_address) const;

    // TLB maintenance. On an engine that is suspended in a device access they take effect when that
    // access is complete, as they would on hardware.
    void invalidate_tlb_all();
    void invalidate_tlb_page(std::uint64_t virtual_address);
    void invalidate_tlb_asid(std::uint16_t asid);

    // To be called when the kernel or a device wrote into memory that may hold code: drops what was
    // translated from there. Cheap for frames without code.
    void invalidate_code(std::uint64_t physical, std::uint64_t size);

    // The same in all engines of the process that have this memory in a bank.
    static void invalidate_code_everywhere(const std::byte* host, std::uint64_t size);

    // The handler is called before an instruction at one of these virtual addresses is executed, in
    // the middle of a run; it must not throw. The program cannot tell.
    void set_breakpoint(std::uint64_t address, bool set);
    void on_breakpoint(std::function<void(std::uint64_t address)> handler);

    // The registers in the middle of a run: exact in a breakpoint's handler, else those of X and SP
    // as the code has left them before the callback that the run is in.
    [[nodiscard]] UserRegisters registers() const;
    // The handler has been called and has not returned.
    [[nodiscard]] bool at_breakpoint() const;
    // The code goes on with these, wherever PC leads. Precondition: at_breakpoint().
    void set_registers(const UserRegisters& registers);

    // For callbacks of a run: parts of a cycle spent in it before the present block. Never goes
    // backwards.
    [[nodiscard]] std::uint64_t parts_of_run() const;

    // Executed since the engine was made.
    [[nodiscard]] Work work() const;

    [[nodiscard]] unsigned cpu() const;
    [[nodiscard]] const StoreCounters& store_counters() const;

  private:
    explicit UserEngine(std::unique_ptr<EngineState> state);
    std::unique_ptr<EngineState> state_;
};

}  // namespace orrery::engine
