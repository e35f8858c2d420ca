// SPDX-License-Identifier: Apache-2.0
// Firmware: the Power State Coordination Interface (PSCI, Arm DEN 0022, version 1.0) as the kernel
// image calls it by HVC.
#pragma once

#include <functional>
#include <vector>

#include "sim/phone/iss_cpu.hpp"

namespace orrery::phone {

class Firmware final {
  public:
    void add_cpu(IssCpu& cpu);

    std::function<void()> on_system_off;
    std::function<void()> on_system_reset;

  private:
    using Arguments = engine::SystemPlatform::FirmwareArguments;
    // Nothing: the calling CPU is to be off.
    [[nodiscard]] std::optional<uint64_t> call(const Arguments& arguments);
    [[nodiscard]] int64_t cpu_on(const Arguments& arguments);
    [[nodiscard]] int64_t affinity_info(const Arguments& arguments) const;
    [[nodiscard]] IssCpu* find(uint64_t affinity) const;

    std::vector<IssCpu*> cpus_;
};

}  // namespace orrery::phone
