// SPDX-License-Identifier: Apache-2.0
// CPUs that run the kernel's host build natively.
#include <fmt/format.h>

#include "sim/phone/kernel_port.hpp"
#include "sim/phone/processors.hpp"

namespace orrery::phone {
namespace {

class NativeProcessors final : public Processors {
  public:
    explicit NativeProcessors(const Surroundings& around)
        : Processors(around),
          port_(around.arena, around.loaded.kernel_begin),
          information_{
              .device_tree = around.arena.bytes(around.loaded.tree, around.loaded.tree_size).data(),
              .device_tree_limit = around.loaded.tree_size,
              .device_tree_physical = around.loaded.tree,
              .image_begin = around.loaded.kernel_begin,
              .image_end = around.loaded.kernel_end,
              .hardware_id = around.machine.cpus[0].mpidr} {
        for (unsigned i = 0; i < around.machine.cpus.size(); ++i) {
            auto cpu =
                std::make_unique<NativeCpu>(fmt::format("cpu{}", i).c_str(), parts_of(around, i),
                                            around.memory, timing_for(around, i));
            port_.add_cpu(*cpu);
            cpus_.push_back(std::move(cpu));
        }
        port_.on_emergency_text = [this](const std::string& text) { on_emergency_text(text); };
        port_.on_end = [this] { on_end(); };
    }

    void boot() override {
        hal::host::set_port(&port_);
        port_.start_first([this] { return kernel::entry::boot(information_); });
    }

  private:
    static std::unique_ptr<KernelTiming> timing_for(const Surroundings& around, unsigned cpu) {
        if (around.fidelity == Fidelity::Functional) return make_flat_timing();
        return make_counted_timing(around.machine.cpus[cpu].type());
    }

    KernelPort port_;
    hal::BootInformation information_;
};

}  // namespace

std::unique_ptr<Processors> make_native_processors(const Processors::Surroundings& around) {
    return std::make_unique<NativeProcessors>(around);
}

}  // namespace orrery::phone
