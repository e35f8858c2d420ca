// SPDX-License-Identifier: Apache-2.0
// The machines that Orrery knows.
#include "sim/phone/machine.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace orrery::phone {
namespace {

constexpr uint64_t mega = 1'000'000;
constexpr uint64_t mebi = 1024 * 1024;

Machine make_phone8() {
    Machine machine{.name = "phone8",
                    .model = "Orrery phone8",
                    .cpus = {},
                    .memory = {{0x8000'0000, 512 * mebi}, {0x8'8000'0000, 512 * mebi}},
                    .timer_frequency = 1000 * mega,  // as Armv8.6 prescribes
                    .gic_distributor = 0x2c00'1000,
                    .gic_cpu_interface = 0x2c00'2000,
                    .uart = 0x1c09'0000,
                    .uart_spi = 5,
                    .uart_clock = 24 * mega,
                    .rtc = 0x1c17'0000,
                    .rtc_spi = 4,
                    .rtc_epoch = 1'767'225'600,  // 2026-01-01 00:00 UTC
                    .mailbox = 0x2b1f'0000,
                    .mailbox_low_spi = 36,
                    .mailbox_high_spi = 35,
                    .shared_memory = 0x2e00'0000,
                    .shared_memory_size = 0x8000};
    for (uint64_t core = 0; core < 4; ++core) {
        machine.cpus.push_back({"arm,cortex-a55", core, 1800 * mega, 446});
    }
    for (uint64_t core = 0; core < 4; ++core) {
        machine.cpus.push_back({"arm,cortex-a76", 0x100 | core, 2400 * mega, 1024});
    }
    return machine;
}

}  // namespace

const Machine& machine_by_name(const std::string& name) {
    static const Machine phone8 = make_phone8();
    if (name == phone8.name) return phone8;
    throw std::runtime_error(fmt::format("there is no machine \"{}\": choose phone8", name));
}

}  // namespace orrery::phone
