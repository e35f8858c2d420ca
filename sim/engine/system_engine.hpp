// SPDX-License-Identifier: Apache-2.0
// An AArch64 core that executes EL1 and EL0: a whole kernel image with its programs.
//
// Exceptions, interrupts, translation and exception returns happen inside, as the architecture
// says. Devices, timers and firmware calls go to the platform. EL2 and EL3 do not exist for the
// program: HVC is a firmware call, SMC is undefined. As for UserEngine, all engines of a process
// are driven from one host thread, each may run on a coroutine stack of its own, and blocks are
// executed whole unless one of them takes an exception. YIELD and WFE make a run end soon, so that
// whoever is waited for can go on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "sim/engine/system_platform.hpp"
#include "sim/engine/user_engine.hpp"

namespace orrery::engine {

class SystemState;

// From an exception to the first instruction of its vector, and how long a run goes on from YIELD
// or WFE (some 100 ns); in parts of a cycle. Modelled.
inline constexpr std::uint32_t default_exception_cost = 10 * parts_per_cycle;
inline constexpr std::uint32_t default_pause = 240 * parts_per_cycle;

struct SystemOptions final {
    EngineOptions engine;
    std::uint32_t exception_cost = default_exception_cost;
    std::uint32_t pause = default_pause;
};

enum class SystemStopReason : std::uint8_t {
    Budget,
    Requested,         // request_stop() was called
    WaitForInterrupt,  // WFI without a pending interrupt
    Firmware,          // a firmware call did not return
};

struct SystemStop final {
    SystemStopReason reason = SystemStopReason::Budget;
    std::uint64_t instructions = 0;
    std::uint64_t parts = 0;  // of a cycle
};

class SystemEngine final {
  public:
    // Throws std::runtime_error, with one sentence that says what is wrong. The platform must
    // outlive the engine.
    [[nodiscard]] static std::unique_ptr<SystemEngine> create(const SystemOptions& options,
                                                              std::span<const MemoryBank> banks,
                                                              SystemPlatform& platform);
    ~SystemEngine();
    SystemEngine(const SystemEngine&) = delete;
    SystemEngine& operator=(const SystemEngine&) = delete;

    // As after power-on: EL1 on SP_EL1, interrupts masked, MMU off, at `pc` with X0. The other
    // general registers are zero. Precondition: not in the middle of a run.
    void reset(std::uint64_t pc, std::uint64_t x0);

    // Executes until the first block boundary at which `budget` parts of a cycle are spent, or one
    // of the other reasons. Throws std::runtime_error if the library fails or the image can never
    // execute anything again, and whatever the platform threw.
    SystemStop run(std::uint64_t budget);

    // The level of the IRQ input. Also from callbacks of the run.
    void set_interrupt(bool level);

    // From callbacks of the run, or while it is suspended in one.
    void request_stop();
    void renew_budget(std::uint64_t parts);            // from now on so much more
    [[nodiscard]] std::uint64_t parts_of_run() const;  // before the present block

    // For whoever looks while the engine does not run, or from a breakpoint's handler.
    [[nodiscard]] UserRegisters registers() const;  // SP and PSTATE of the present level
    // The physical address behind a virtual one, by the present tables in memory, or the address
    // itself while the MMU is off. Changes nothing.
    [[nodiscard]] std::optional<std::uint64_t> translate(std::uint64_t virtual_address) const;
    void set_general(std::size_t index, std::uint64_t value);  // X0 to X30
    void resume_at(std::uint64_t pc);
    [[nodiscard]] bool running() const;
    [[nodiscard]] std::uint64_t address_space() const;  // TTBR0_EL1
    void store_vectors(VectorRegisters& vectors) const;
    // Where ERET at EL1 leads: ELR_EL1, and SPSR_EL1 as the state there.
    struct ExceptionReturn final {
        std::uint64_t pc;
        std::uint64_t pstate;
    };
    [[nodiscard]] ExceptionReturn exception_return() const;

    // As UserEngine has them, for code of both levels: the address alone counts. Registers may also
    // be set while the engine does not run.
    void set_breakpoint(std::uint64_t address, bool set);
    void on_breakpoint(std::function<void(std::uint64_t address)> handler);
    [[nodiscard]] bool at_breakpoint() const;
    void set_registers(const UserRegisters& registers);

    // Since the engine was made: everything, and of it the kernel's.
    [[nodiscard]] Work work() const;
    [[nodiscard]] Work kernel_work() const;

  private:
    explicit SystemEngine(std::unique_ptr<SystemState> state);
    std::unique_ptr<SystemState> state_;
};

}  // namespace orrery::engine
