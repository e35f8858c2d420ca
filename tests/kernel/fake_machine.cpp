// SPDX-License-Identifier: Apache-2.0
// A machine for the kernel in one plain program.
#include "tests/kernel/fake_machine.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <new>
#include <utility>

#include "kernel/kernel.hpp"

// Of the coverage build: what was counted goes to its file. Absent elsewhere.
extern "C" [[gnu::weak]] int __llvm_profile_write_file(void);

namespace kernel {
namespace {

// GICv2 (IHI 0048B), by offset in its frames.
constexpr uint64_t gicd_typer = 0x004;
constexpr uint64_t gicd_itargetsr = 0x800;
constexpr uint64_t gicd_icpidr2 = 0xfe8;
constexpr uint64_t gicc_iar = 0x00c;
constexpr uint64_t gicc_eoir = 0x010;
constexpr uint32_t no_interrupt = 1023;

// PL011 (DDI 0183G).
constexpr uint64_t uart_data = 0x000;
constexpr uint64_t uart_flags = 0x018;
constexpr uint32_t receive_empty = 1U << 4;

}  // namespace

FakeMachine::FakeMachine(FakeDevice* device) : device_(device) {
    void* wanted = memory(memory_begin);
    void* got = mmap(wanted, memory_size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (got != wanted) {
        std::perror("memory of the fake machine");
        std::abort();
    }
    hal::host::present = {.port = this, .kernel_storage = memory(memory_begin), .cpu = 0};
    new (hal::Machine::kernel_storage()) Kernel;
    kernel().info.timer_frequency = frequency;
}

FakeMachine::~FakeMachine() {
    hal::host::present = {};
    munmap(memory(memory_begin), memory_size);
}

std::string FakeMachine::take_output() {
    std::string text;
    for (const char character : std::exchange(output_, {})) {
        if (character != '\r') text += character;
    }
    return text;
}

void FakeMachine::type(std::string_view text) {
    input_ += text;
    raise(uart_interrupt);
}

void FakeMachine::set_user_space(hal::PhysicalAddress root, uint32_t asid) {
    user_root = root;
    user_asid = static_cast<uint16_t>(asid);
}

void FakeMachine::invalidate_page(hal::VirtualAddress va, uint32_t asid) {
    invalidations.push_back({va, static_cast<uint16_t>(asid)});
    if (on_invalidation) on_invalidation();
}

bool FakeMachine::interrupt_pending() {
    // What is done there may have such points of its own.
    if (const auto action = std::exchange(on_preemption_point, nullptr)) {
        action();
        on_preemption_point = action;
    }
    return is_interrupt_pending();
}

bool FakeMachine::is_interrupt_pending() const {
    return !pending_.empty() || (deadline != 0 && now_ >= deadline);
}

void FakeMachine::wait_for_interrupt() {
    if (is_interrupt_pending()) return;
    if (deadline != 0) {
        now_ = deadline;
    } else if (!later_.empty()) {
        type(std::exchange(later_, {}));
    } else {
        end_process(stuck, "waits for an interrupt that cannot come");
    }
}

uint32_t FakeMachine::read32(hal::PhysicalAddress address) {
    if (device_ != nullptr && device_->holds(address)) return device_->read32(address);
    switch (address) {
        case distributor + gicd_typer: return 2;  // 96 interrupts
        case distributor + gicd_itargetsr: return 0x0101'0101U << hal::host::present.cpu;
        case distributor + gicd_icpidr2: return is_gicv2 ? 0x20 : 0x30;
        case uart + uart_flags: return input_.empty() ? receive_empty : 0;
        default: break;
    }
    if (address == cpu_interface + gicc_iar) {
        if (deadline != 0 && now_ >= deadline) return timer_interrupt;
        if (pending_.empty()) return no_interrupt;
        const uint32_t interrupt = pending_.front();
        pending_.pop_front();
        return interrupt;
    }
    if (address == uart + uart_data && !input_.empty()) {
        const auto character = static_cast<unsigned char>(input_.front());
        input_.erase(0, 1);
        return character;
    }
    return 0;
}

void FakeMachine::write32(hal::PhysicalAddress address, uint32_t value) {
    if (device_ != nullptr && device_->holds(address)) return device_->write32(address, value);
    if (address == uart + uart_data) output_ += static_cast<char>(value);
    if (address == cpu_interface + gicc_eoir) ended.push_back(value);
}

bool FakeMachine::map_memory(hal::PhysicalAddress begin, size_t size) {
    return begin >= memory_begin && begin <= memory_end && size <= memory_end - begin;
}

void FakeMachine::power_off() {
    end_process(powered_off, "was switched off");
}
void FakeMachine::halt() {
    end_process(halted, "halted");
}

void FakeMachine::end_process(int exit_code, const char* why) {
    if (on_end) on_end(exit_code);
    // A test that did not expect this has failed whatever it checked before.
    std::fprintf(stderr, "%s%sthe machine %s, power-off code %lld, %llu frames free\n",
                 emergency.c_str(), take_output().c_str(), why,
                 static_cast<long long>(kernel().info.power_off_code),
                 static_cast<unsigned long long>(kernel().frames.free_frames()));
    std::fflush(nullptr);
    if (__llvm_profile_write_file != nullptr) (void)__llvm_profile_write_file();
    std::_Exit(exit_code);
}

}  // namespace kernel
