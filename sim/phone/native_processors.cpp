// SPDX-License-Identifier: Apache-2.0
// CPUs that run the kernel's host build natively.
#include <fmt/format.h>

#include <optional>
#include <stdexcept>

#include "sim/phone/kernel_port.hpp"
#include "sim/phone/processors.hpp"

namespace orrery::phone {
namespace {

class NativeProcessors final : public Processors {
  public:
    explicit NativeProcessors(const Surroundings& around)
        : Processors(around),
          port_(around.arena, around.loaded.kernel_info),
          information_{
              .device_tree = around.arena.bytes(around.loaded.tree, around.loaded.tree_size).data(),
              .device_tree_limit = around.loaded.tree_size,
              .device_tree_physical = around.loaded.tree,
              .image_begin = around.loaded.kernel_begin,
              .image_end = around.loaded.kernel_end,
              .hardware_id = around.machine.cpus[0].mpidr} {
        if (memory() != nullptr) make_tables(around);
        for (unsigned i = 0; i < around.machine.cpus.size(); ++i) {
            auto cpu =
                std::make_unique<NativeCpu>(fmt::format("cpu{}", i).c_str(), parts_of(around, i),
                                            around.memory, timing_for(around, i));
            if (tables_)
                cpu->charge_kernel_memory({around.loaded.kernel_begin, around.memory, &*tables_});
            port_.add_cpu(*cpu);
            cpus_.push_back(std::move(cpu));
        }
        port_.on_emergency_text = [this](const std::string& text) { on_emergency_text(text); };
        port_.on_end = [this] { on_end(); };
    }

    void boot() override {
        port_.start_first([this] { return kernel::entry::boot(information_); });
    }

  private:
    static std::unique_ptr<KernelTiming> timing_for(const Surroundings& around, unsigned cpu) {
        if (around.fidelity == Fidelity::Functional) return make_flat_timing();
        return make_counted_timing(around.machine.cpus[cpu].type());
    }

    // What the image maps before its kernel begins, and what the kernel has it map.
    void make_tables(const Surroundings& around) {
        if (!kernel_tells_of_memory()) {
            throw std::runtime_error(
                "--fidelity memory needs the module in build/python/memory, whose kernel tells "
                "what it does in memory: build with ORRERY_TIMING=ON and let no other phone be "
                "opened in the process before, or use --cpu iss");
        }
        tables_.emplace(around.arena, around.memory, around.loaded.kernel_begin);
        tables_->map_memory(around.loaded.tree, hal::page_size);
        tables_->map_memory(around.loaded.tree, around.loaded.tree_size);
        port_.on_map_memory = [this](uint64_t begin, uint64_t size) {
            tables_->map_memory(begin, size);
        };
    }

    std::optional<KernelTables> tables_;
    KernelPort port_;
    hal::BootInformation information_;
};

}  // namespace

std::unique_ptr<Processors> make_native_processors(const Processors::Surroundings& around) {
    return std::make_unique<NativeProcessors>(around);
}

}  // namespace orrery::phone
