// SPDX-License-Identifier: Apache-2.0
// CPUs that execute the kernel's AArch64 image.
#include <fmt/format.h>

#include <stdexcept>

#include "sim/engine/system_self_test.hpp"
#include "sim/phone/firmware.hpp"
#include "sim/phone/iss_cpu.hpp"
#include "sim/phone/processors.hpp"

namespace orrery::phone {
namespace {

class IssProcessors final : public Processors {
  public:
    explicit IssProcessors(const Surroundings& around)
        : Processors(around), loaded_(around.loaded) {
        engine::system_self_test();
        for (unsigned i = 0; i < around.machine.cpus.size(); ++i) {
            auto cpu = std::make_unique<IssCpu>(fmt::format("cpu{}", i).c_str(),
                                                parts_of(around, i), around.memory);
            cpu->on_wait = [this] { look_for_the_end(); };
            cpu->on_failure = [this](const std::exception_ptr& failure) { on_failure(failure); };
            firmware_.add_cpu(*cpu);
            if (i == 0) first_ = cpu.get();
            cpus_.push_back(std::move(cpu));
        }
        firmware_.on_system_off = [this] {
            if (!kernel_ended()) fail("switched itself off");
            on_end();
        };
        firmware_.on_system_reset = [] { fail("reset itself"); };
    }

    void boot() override { first_->start(loaded_.kernel_entry, loaded_.tree); }

  private:
    [[noreturn]] static void fail(const char* what) {
        throw std::runtime_error(
            fmt::format("the machine {} without a word from the kernel", what));
    }

    // A kernel that has panicked, or has nobody to switch the phone off, only waits from then on.
    void look_for_the_end() {
        if (!kernel_ended()) return;
        on_end();
        Cpu::current().stop_forever();
    }

    Loaded loaded_;
    Firmware firmware_;
    IssCpu* first_ = nullptr;
};

}  // namespace

std::unique_ptr<Processors> make_iss_processors(const Processors::Surroundings& around) {
    return std::make_unique<IssProcessors>(around);
}

}  // namespace orrery::phone
