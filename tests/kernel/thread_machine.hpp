// SPDX-License-Identifier: Apache-2.0
// A machine whose CPUs are threads of this process, for parts of the kernel that need nothing of it
// but to know who they are and to take locks: page-frame strategies.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <thread>

#include "kernel/kernel.hpp"

namespace kernel {

class ThreadMachine final : public hal::host::Port {
  public:
    ThreadMachine() {
        the_one() = this;
        set_cpu(0);
        new (storage_.get()) Kernel;
    }
    ~ThreadMachine() {
        the_one() = nullptr;
        hal::host::present = {};
    }
    ThreadMachine(const ThreadMachine&) = delete;
    ThreadMachine& operator=(const ThreadMachine&) = delete;

    // The calling thread is this CPU from now on. Precondition: there is a machine.
    static void set_cpu(unsigned cpu) {
        hal::host::present = {the_one(), the_one()->storage_.get(), cpu};
    }

    // A holder of a lock may be waiting for this host's CPU.
    void relax() override {
        thread_local unsigned times = 0;
        if (++times % 16 == 0) std::this_thread::yield();
    }
    void emergency_write(const char* text, size_t size) override {
        std::fwrite(text, 1, size, stderr);
    }
    void halt() override { std::abort(); }

    // Nobody asks for anything of this.
    bool start_cpu(unsigned, uint64_t) override { std::abort(); }
    void vector_save(hal::VectorState&) override { std::abort(); }
    void vector_restore(const hal::VectorState&) override { std::abort(); }
    void run_above(hal::UserFrame&) override { std::abort(); }
    void set_user_space(hal::PhysicalAddress, uint32_t) override { std::abort(); }
    void clear_user_space() override { std::abort(); }
    void invalidate_page(hal::VirtualAddress, uint32_t) override { std::abort(); }
    void invalidate_space(uint32_t) override { std::abort(); }
    void synchronise_code(hal::PhysicalAddress, size_t) override { std::abort(); }
    bool interrupt_pending() override { return false; }
    void interrupt_in_kernel() override { std::abort(); }
    void wait_for_interrupt() override { std::abort(); }
    uint32_t read32(hal::PhysicalAddress) override { std::abort(); }
    void write32(hal::PhysicalAddress, uint32_t) override { std::abort(); }
    uint64_t counter() override { return 0; }
    uint64_t counter_frequency() override { return 1; }
    void set_deadline(uint64_t) override { std::abort(); }
    void clear_deadline() override { std::abort(); }
    bool map_memory(hal::PhysicalAddress, size_t) override { std::abort(); }
    void power_off() override { std::abort(); }

  private:
    static ThreadMachine*& the_one() {
        static ThreadMachine* machine = nullptr;
        return machine;
    }
    struct Free {
        void operator()(void* memory) const { operator delete (memory, std::align_val_t{4096}); }
    };
    std::unique_ptr<void, Free> storage_{operator new (sizeof(Kernel), std::align_val_t{4096})};
};

}  // namespace kernel
