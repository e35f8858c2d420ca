// SPDX-License-Identifier: Apache-2.0
// ConsoleTap: the far end of the UART: keeps what the phone says until it is taken, and stops the
// simulation when it has said something worth looking at.
#pragma once

#include <string>
#include <systemc>
#include <utility>

namespace orrery::phone {

class ConsoleTap final : public sc_core::sc_module {
  public:
    explicit ConsoleTap(sc_core::sc_module_name name);

    void put(uint8_t byte);
    void put_text(const std::string& text) { text_ += text; }
    [[nodiscard]] std::string take() { return std::exchange(text_, {}); }

    // From now on, stop the simulation at the end of a line, or once the line has been silent for
    // some characters' time. Returns whether it was stopped since the last call.
    bool arm(bool armed);

  private:
    void on_silence();
    void stop();

    std::string text_;
    bool armed_ = false;
    bool stopped_ = false;
    sc_core::sc_event silence_;
};

}  // namespace orrery::phone
