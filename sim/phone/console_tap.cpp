// SPDX-License-Identifier: Apache-2.0
// The far end of the UART.
#include "sim/phone/console_tap.hpp"

#include <utility>

namespace orrery::phone {
namespace {

// Longer than a character takes at the kernel's 1.5 Mbaud (6.7 us).
const sc_core::sc_time silence(50, sc_core::SC_US);

}  // namespace

ConsoleTap::ConsoleTap(sc_core::sc_module_name name) : sc_module(name) {
    SC_HAS_PROCESS(ConsoleTap);
    SC_METHOD(on_silence);
    sensitive << silence_;
    dont_initialize();
}

void ConsoleTap::put(uint8_t byte) {
    text_ += static_cast<char>(byte);
    silence_.cancel();
    if (byte == '\n') {
        stop();
    } else {
        silence_.notify(silence);
    }
}

bool ConsoleTap::arm(bool armed) {
    armed_ = armed;
    return std::exchange(stopped_, false);
}

void ConsoleTap::on_silence() {
    stop();
}

void ConsoleTap::stop() {
    if (!armed_) return;
    stopped_ = true;
    sc_core::sc_pause();
}

}  // namespace orrery::phone
