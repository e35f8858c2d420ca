// SPDX-License-Identifier: Apache-2.0
// The SystemC phone put together.
#include "sim/phone/phone.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <stdexcept>
#include <systemc>
#include <vector>

#include "devices/gicv2.hpp"
#include "devices/mhu.hpp"
#include "devices/pl011.hpp"
#include "devices/pl031.hpp"
#include "devices/ram.hpp"
#include "devices/scmi_platform.hpp"
#include "hal/host/port.hpp"
#include "sim/engine/self_test.hpp"
#include "sim/engine/user_engine.hpp"
#include "sim/phone/arena.hpp"
#include "sim/phone/boot_loader.hpp"
#include "sim/phone/console_tap.hpp"
#include "sim/phone/memory_digest.hpp"
#include "sim/phone/power_control.hpp"
#include "sim/phone/processors.hpp"
#include "sim/phone/trace_recorder.hpp"

namespace orrery::phone {
namespace {

using sc_core::sc_time;

// One way through the interconnect; modelled.
const sc_time bus_latency(20, sc_core::SC_NS);

// From a doorbell to the system control processor's answer; modelled.
const sc_time firmware_latency(10, sc_core::SC_US);

[[noreturn]] void throw_report(const sc_core::sc_report& report) {
    throw std::runtime_error(
        fmt::format("SystemC: {} ({})", report.get_msg(), report.get_msg_type()));
}

// SystemC's own warnings and errors end the run; its information goes to the log.
void handle_report(const sc_core::sc_report& report, const sc_core::sc_actions&) {
    if (report.get_severity() >= sc_core::SC_WARNING) throw_report(report);
    spdlog::info("SystemC: {} ({})", report.get_msg(), report.get_msg_type());
}

// The simulator's own log, for whoever debugs it: on standard error, off unless ORRERY_LOG names a
// level of spdlog (debug, info, warn, error).
void open_log() {
    const char* level = std::getenv("ORRERY_LOG");
    spdlog::set_default_logger(spdlog::stderr_color_mt("orrery"));
    spdlog::set_level(level != nullptr ? spdlog::level::from_str(level) : spdlog::level::off);
}

// The library or program that this is part of, as the linker bounds it.
extern "C" [[gnu::visibility("hidden")]] const std::byte __ehdr_start;
extern "C" [[gnu::visibility("hidden")]] const std::byte _end;

std::span<const std::byte> own_code() {
    return {&__ehdr_start, &_end};
}

}  // namespace

struct Phone::Parts {
    explicit Parts(const PhoneConfig& config)
        : machine(machine_by_name(config.machine)),
          arena(machine.memory, config.huge_pages),
          memory(memory_banks(machine)),
          loaded(load(config, machine, arena, guest_memory(machine))),
          recorder(guest_memory(machine), loaded.kernel_info, config.trace, config.allocations),
          router("bus", bus_latency),
          gic("gic", static_cast<unsigned>(machine.cpus.size()), 160, recorder.observer()),
          uart("uart", machine.uart_clock, recorder.observer()),
          rtc("rtc", machine.rtc_epoch, recorder.observer()),
          console("console"),
          processors(make_processors(config.cpu, {.machine = machine,
                                                  .arena = arena,
                                                  .memory = memory,
                                                  .router = router,
                                                  .observer = recorder.observer(),
                                                  .loaded = loaded,
                                                  .fidelity = config.fidelity})),
          control("power", machine, processors->cpus()),
          mailbox("mailbox", recorder.observer()),
          shared_memory(machine.shared_memory_size),
          sram("sram", shared_memory),
          scmi("scmi", shared_memory, mailbox, scmi_protocols(), firmware_latency,
               recorder.observer()) {
        map_devices();
        wire();
    }

    static std::vector<engine::MemoryBank> memory_banks(const Machine& machine) {
        std::vector<engine::MemoryBank> banks;
        for (const MemoryNode& node : machine.memory) {
            banks.push_back({node.base, node.size,
                             reinterpret_cast<std::byte*>(hal::host::direct_base + node.base)});
        }
        return banks;
    }

    static trace::GuestMemory guest_memory(const Machine& machine) {
        std::vector<trace::MemoryBank> banks;
        for (const engine::MemoryBank& bank : memory_banks(machine)) {
            banks.push_back({bank.physical_base, bank.size, bank.host});
        }
        return trace::GuestMemory(std::move(banks));
    }

    void map_devices() {
        router.map("gicd", machine.gic_distributor, devices::GicV2::distributor_size,
                   gic.distributor.socket);
        router.map("gicc", machine.gic_cpu_interface, devices::GicV2::cpu_interface_size,
                   gic.cpu_interface.socket);
        router.map("uart", machine.uart, devices::Pl011::size, uart.registers.socket);
        router.map("rtc", machine.rtc, devices::Pl031::size, rtc.registers.socket);
        router.map("mailbox", machine.mailbox, devices::Mhu::size, mailbox.registers.socket);
        router.map("sram", machine.shared_memory, shared_memory.size(), sram.socket);
        for (size_t i = 0; i < machine.memory.size(); ++i) {
            const MemoryNode& node = machine.memory[i];
            const std::string name = fmt::format("ram{}", i);
            rams.push_back(
                std::make_unique<devices::Ram>(name.c_str(), arena.bytes(node.base, node.size)));
            router.map(name, node.base, node.size, rams.back()->socket);
        }
    }

    std::vector<std::unique_ptr<devices::ScmiProtocol>> scmi_protocols() {
        std::vector<std::unique_ptr<devices::ScmiProtocol>> protocols;
        protocols.push_back(std::make_unique<devices::ScmiPerformance>(control));
        protocols.push_back(std::make_unique<devices::ScmiSensor>(control.sensors()));
        return protocols;
    }

    static std::unique_ptr<Processors> make_processors(CpuKind kind,
                                                       const Processors::Surroundings& around) {
        return kind == CpuKind::Native ? make_native_processors(around)
                                       : make_iss_processors(around);
    }

    // The kernel has said in its tables that there is nothing more to come.
    [[nodiscard]] bool kernel_ended() const {
        const auto view = recorder.view();
        return view && (view->state() == kernel::abi::KernelState::Panicked ||
                        view->state() == kernel::abi::KernelState::PoweredOff);
    }

    void wire() {
        const auto cpus = processors->cpus();
        gic.on_irq = [cpus](unsigned cpu, bool level) { cpus[cpu]->set_irq(level); };
        for (unsigned i = 0; i < cpus.size(); ++i) {
            using Channel = devices::GenericTimer::Channel;
            cpus[i]->timer.on_interrupt = [this, i](Channel channel, bool level) {
                const bool is_virtual = channel == Channel::virtual_;
                gic.set_ppi(i, is_virtual ? virtual_timer_interrupt : physical_timer_interrupt,
                            level);
            };
            cpus[i]->on_kernel_exit = [this] { recorder.after_kernel(timer()); };
        }
        uart.on_interrupt = [this](bool level) { gic.set_spi(machine.uart_spi, level); };
        rtc.on_interrupt = [this](bool level) { gic.set_spi(machine.rtc_spi, level); };
        wire_power();
        uart.on_transmit = [this](uint8_t byte) { console.put(byte); };
        processors->on_emergency_text = [this](const std::string& text) { console.put_text(text); };
        processors->kernel_ended = [this] { return kernel_ended(); };
        processors->on_end = [this] {
            ended = true;
            spdlog::info("the kernel ended at {}", sc_core::sc_time_stamp().to_string());
            sc_core::sc_pause();
        };
        processors->on_failure = [this](std::exception_ptr reason) {
            failure = std::move(reason);
            sc_core::sc_pause();
        };
    }

    void wire_power() {
        mailbox.on_interrupt = [this](unsigned channel, bool level) {
            const bool low = channel == devices::Mhu::low_priority;
            gic.set_spi(low ? machine.mailbox_low_spi : machine.mailbox_high_spi, level);
        };
        mailbox.on_doorbell = [this](unsigned channel, uint32_t bits, const sc_time& now) {
            scmi.on_doorbell(channel, bits, now);
        };
        if (recorder.observer() != nullptr) {
            control.on_quantity = [this](const std::string& of, const char* what, int64_t value) {
                recorder.quantity(of, what, value);
            };
        }
        control.on_battery_empty = [this] {
            ended = true;
            spdlog::info("the battery was empty at {}", sc_core::sc_time_stamp().to_string());
            sc_core::sc_pause();
        };
    }

    [[nodiscard]] const devices::GenericTimer& timer() const {
        return processors->cpus()[0]->timer;
    }

    // Devices take words: what is aligned to words goes as words, and memory as it is.
    unsigned debug_access(bool write, uint64_t address, std::span<std::byte> data) {
        const auto size = static_cast<unsigned>(data.size());
        if (arena.contains(address, size))
            return router.debug_access(write, address, data.data(), size);
        constexpr unsigned word = sizeof(uint32_t);
        if (address % word != 0 || size % word != 0) return 0;
        for (unsigned done = 0; done < size; done += word) {
            if (router.debug_access(write, address + done, &data[done], word) != word) return done;
        }
        return size;
    }

    const Machine& machine;
    Arena arena;
    std::vector<engine::MemoryBank> memory;
    Loaded loaded;
    TraceRecorder recorder;
    devices::Router router;
    devices::GicV2 gic;
    devices::Pl011 uart;
    devices::Pl031 rtc;
    ConsoleTap console;
    std::vector<std::unique_ptr<devices::Ram>> rams;
    std::unique_ptr<Processors> processors;
    PowerControl control;
    devices::Mhu mailbox;
    std::vector<std::byte> shared_memory;
    devices::Ram sram;
    devices::ScmiPlatform scmi;
    bool booted = false;
    bool ended = false;
    std::exception_ptr failure;
};

Phone::Phone(const PhoneConfig& config) {
    static bool built = false;
    if (built) throw std::runtime_error("there can be only one phone in a process");
    built = true;
    open_log();
    sc_core::sc_report_handler::set_handler(handle_report);
    engine::self_test();
    parts_ = std::make_unique<Parts>(config);
    spdlog::info("built {}: {} CPUs, command line \"{}\"", config.machine,
                 parts_->machine.cpus.size(), config.command_line);
}

Phone::~Phone() = default;

void Phone::configure_power(const power::PowerChoices& choices) {
    if (parts_->booted) {
        throw std::runtime_error("power is configured before the phone is switched on");
    }
    parts_->control.configure(choices);
}

void Phone::boot() {
    parts_->booted = true;
    spdlog::debug("switched on");
    sc_core::sc_start(sc_core::SC_ZERO_TIME);  // elaboration; processes come to their first wait
    parts_->processors->boot();
}

StopReason Phone::run(uint64_t nanoseconds, bool until_console) {
    Parts& parts = *parts_;
    if (parts.failure) std::rethrow_exception(parts.failure);
    if (!parts.ended && nanoseconds != 0) {
        parts.console.arm(until_console);
        sc_core::sc_start(sc_time(static_cast<double>(nanoseconds), sc_core::SC_NS));
        if (parts.failure) std::rethrow_exception(parts.failure);
        parts.recorder.drain(parts.timer());
    }
    if (parts.ended) {
        const auto view = kernel();
        if (!parts.kernel_ended()) return StopReason::BatteryEmpty;
        const bool panicked = view && view->state() == kernel::abi::KernelState::Panicked;
        return panicked ? StopReason::Panicked : StopReason::PoweredOff;
    }
    return parts.console.arm(false) ? StopReason::Console : StopReason::Time;
}

uint64_t Phone::now() const {
    return sc_core::sc_time_stamp().value() / 1000;
}

std::string Phone::take_console() {
    return parts_->console.take();
}

void Phone::send_console(std::span<const uint8_t> bytes) {
    parts_->uart.receive(bytes);
}

std::optional<trace::KernelView> Phone::kernel() const {
    return parts_->recorder.view();
}

uint64_t Phone::kernel_begin() const {
    return parts_->loaded.kernel_begin;
}

uint64_t Phone::trace_lost() const {
    return parts_->recorder.lost();
}

std::vector<Phone::CpuWork> Phone::cpu_work() const {
    std::vector<CpuWork> work;
    for (const auto& cpu : parts_->processors->cpus()) {
        work.push_back({cpu->user_work(), cpu->kernel_work()});
    }
    return work;
}

std::vector<memory::CpuCounts> Phone::memory_counts() const {
    std::vector<memory::CpuCounts> counts;
    memory::MemorySystem* const memory = parts_->processors->memory();
    for (size_t cpu = 0; memory != nullptr && cpu < memory->cpus(); ++cpu)
        counts.push_back(memory->cpu(cpu).counts());
    return counts;
}

PowerReport Phone::power() const {
    return parts_->control.report();
}

unsigned Phone::read_physical(uint64_t address, std::span<std::byte> data) const {
    return parts_->debug_access(false, address, data);
}

unsigned Phone::write_physical(uint64_t address, std::span<const std::byte> data) {
    std::vector<std::byte> copy(data.begin(), data.end());
    const unsigned written = parts_->debug_access(true, address, copy);
    if (written != 0 && parts_->arena.contains(address, written)) {
        engine::UserEngine::invalidate_code_everywhere(parts_->arena.bytes(address, written).data(),
                                                       written);
    }
    return written;
}

std::vector<uint64_t> Phone::memory_digests() const {
    std::vector<uint64_t> digests;
    for (const MemoryNode& node : parts_->machine.memory)
        digests.push_back(memory_digest(parts_->arena.bytes(node.base, node.size), own_code()));
    return digests;
}

std::span<const std::unique_ptr<Cpu>> Phone::cpus() const {
    return parts_->processors->cpus();
}

void Phone::cut() {
    sc_core::sc_pause();
}

std::shared_ptr<trace::RecordTap> Phone::tap_trace(size_t limit) {
    return parts_->recorder.tap(limit);
}

void Phone::show_trace() {
    parts_->recorder.write_out();
}

void Phone::new_future() {
    parts_->recorder.new_future();
}

void Phone::finish() {
    parts_->recorder.finish();
}

}  // namespace orrery::phone

// libsystemc refers to sc_main; here SystemC is a library and its own main() never runs.
extern "C" __attribute__((visibility("default"))) int sc_main(int, char*[]);
int sc_main(int, char*[]) {
    return 1;
}
