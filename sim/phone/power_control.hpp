// SPDX-License-Identifier: Apache-2.0
// PowerControl: what a phone has of a power controller. It lets the power model know what the CPUs
// do and the CPUs know their clocks, and is what the SCMI platform manages.
//
// The model itself is lazy; a process wakes up only when a frequency changes or a tick is due.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <systemc>
#include <vector>

#include "devices/scmi_performance.hpp"
#include "devices/scmi_sensor.hpp"
#include "sim/phone/cpu.hpp"
#include "sim/phone/machine.hpp"
#include "sim/phone/power_report.hpp"

namespace orrery::phone {

class PowerControl final : public sc_core::sc_module, public devices::PerformanceDomains {
  public:
    // Precondition: the CPUs outlive it. Throws std::runtime_error when the machine's clock rates
    // are not the highest operating points of its clusters.
    PowerControl(sc_core::sc_module_name name, const Machine& machine,
                 std::span<const std::unique_ptr<Cpu>> cpus);

    // Chooses ambience and battery anew. Precondition: no time has passed.
    void configure(const power::PowerChoices& choices);

    // A quantity has a new value; once, that the battery has become empty. To be set before time
    // passes.
    std::function<void(const std::string& of, const char* what, int64_t value)> on_quantity;
    std::function<void()> on_battery_empty;

    [[nodiscard]] PowerReport report();

    // devices::PerformanceDomains: a domain a cluster.
    [[nodiscard]] size_t count() const override { return domains_.size(); }
    [[nodiscard]] const Domain& domain(size_t index) const override { return domains_[index]; }
    [[nodiscard]] uint32_t level(size_t index) const override;
    [[nodiscard]] Limits limits(size_t index) const override;
    void set_level(size_t index, uint32_t value) override;
    void set_limits(size_t index, Limits limits) override;

    // A sensor in each thermal node.
    [[nodiscard]] const devices::TemperatureSensors& sensors() const { return sensors_; }

  private:
    class Sensors final : public devices::TemperatureSensors {
      public:
        explicit Sensors(const PowerControl& control) : control_(control) {}
        [[nodiscard]] size_t count() const override;
        [[nodiscard]] std::string name(size_t index) const override;
        [[nodiscard]] int64_t millicelsius(size_t index) const override;

      private:
        const PowerControl& control_;
    };
    struct Place {
        size_t cluster;
        size_t core;
    };

    void build(const power::PowerChoices& choices);
    void attach(const Place& place, Cpu& cpu);
    void wake_up();
    void schedule();
    void tell();
    void tell(const std::string& of, const char* what, int64_t value);

    const Machine& machine_;
    std::span<const std::unique_ptr<Cpu>> cpus_;
    std::vector<Place> places_;  // of each CPU
    std::vector<Domain> domains_;
    Sensors sensors_{*this};
    std::unique_ptr<power::PowerSystem> system_;
    std::vector<double> joules_told_;  // of each rail, at the last tick
    std::map<std::string, int64_t> told_;
    sc_core::sc_event change_;
};

}  // namespace orrery::phone
