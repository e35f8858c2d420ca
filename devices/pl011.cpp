// SPDX-License-Identifier: Apache-2.0
// PrimeCell UART PL011 (Arm DDI 0183): registers, then the two directions of the line.
#include "devices/pl011.hpp"

#include <array>

#include "devices/exact_time.hpp"
#include "devices/primecell.hpp"

namespace orrery::devices {

namespace {

constexpr uint32_t peripheral_identification = 0x00241011;  // part 011, designer Arm, r1p4
constexpr size_t fifo_depth = 16;
constexpr unsigned timeout_bits = 32;

constexpr uint32_t control_reset = Pl011Control::TXE | Pl011Control::RXE;
constexpr uint32_t level_select_reset = 0x12;  // both directions at half

// Bits that a register keeps.
constexpr uint32_t control_bits = 0xFF87;
constexpr uint32_t level_select_bits = 0x3F;
constexpr uint32_t interrupt_bits = 0x7FF;
constexpr uint32_t dma_control_bits = 0x7;

tlm::tlm_response_status check(const Access& access) {
    return access.offset % 4 == 0 ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE;
}

// Characters in a FIFO at a UARTIFLS setting: 1/8, 1/4, 1/2, 3/4, 7/8; the rest is reserved.
size_t trigger_level(uint32_t setting) {
    constexpr std::array<size_t, 8> levels{2, 4, 8, 12, 14, 14, 14, 14};
    return levels[setting & 7U];
}

}  // namespace

Pl011::Pl011(sc_core::sc_module_name name, uint64_t clock, Observer* observer)
    : sc_module{name},
      registers{"registers",
                size,
                {.check = check,
                 .read = [this](const Access& access) { return read(access); },
                 .write = [this](const Access& access, uint32_t value) { write(access, value); }}},
      clock_{clock},
      observer_{observer},
      line_{[this](bool level) {
          observe("interrupt", level);
          if (on_interrupt) on_interrupt(level);
      }} {
    SC_HAS_PROCESS(Pl011);
    SC_METHOD(transmission_done);
    sensitive << transmitted_;
    dont_initialize();
    SC_METHOD(reception_done);
    sensitive << received_;
    dont_initialize();
    SC_METHOD(receive_timeout);
    sensitive << timed_out_;
    dont_initialize();
    reset();
}

void Pl011::reset() {
    transmitted_.cancel();
    received_.cancel();
    timed_out_.cancel();
    transmit_fifo_.clear();
    transmit_shift_.reset();
    receive_fifo_.clear();
    receive_shift_.reset();
    far_end_.clear();
    overrun_pending_ = false;
    receive_status_ = irda_counter_ = 0;
    integer_divisor_ = fractional_divisor_ = divisor_ = 0;
    line_control_ = 0;
    control_ = control_reset;
    level_select_ = level_select_reset;
    mask_ = raw_ = dma_control_ = 0;
    line_.drive(false);
}

uint32_t Pl011::read(const Access& access) {
    if (access.offset >= primecell_identification_start)
        return primecell_identification(peripheral_identification, access.offset);
    switch (static_cast<Pl011Register>(access.offset)) {
        case Pl011Register::UARTDR: return read_data(access);
        case Pl011Register::UARTRSR: return receive_status_;
        case Pl011Register::UARTFR: return flags();
        case Pl011Register::UARTILPR: return irda_counter_;
        case Pl011Register::UARTIBRD: return integer_divisor_;
        case Pl011Register::UARTFBRD: return fractional_divisor_;
        case Pl011Register::UARTLCR_H: return line_control_;
        case Pl011Register::UARTCR: return control_;
        case Pl011Register::UARTIFLS: return level_select_;
        case Pl011Register::UARTIMSC: return mask_;
        case Pl011Register::UARTRIS: return raw_;
        case Pl011Register::UARTMIS: return raw_ & mask_;
        case Pl011Register::UARTDMACR: return dma_control_;
        default: return 0;
    }
}

void Pl011::write(const Access& access, uint32_t value) {
    switch (static_cast<Pl011Register>(access.offset)) {
        case Pl011Register::UARTDR: write_data(value); break;
        case Pl011Register::UARTRSR: receive_status_ = 0; break;
        case Pl011Register::UARTILPR: irda_counter_ = value & 0xFFU; break;
        case Pl011Register::UARTIBRD: integer_divisor_ = value & 0xFFFFU; break;
        case Pl011Register::UARTFBRD: fractional_divisor_ = value & 0x3FU; break;
        case Pl011Register::UARTLCR_H: write_line_control(value); break;
        case Pl011Register::UARTCR: control_ = value & control_bits; break;
        case Pl011Register::UARTIFLS: level_select_ = value & level_select_bits; break;
        case Pl011Register::UARTIMSC: mask_ = value & interrupt_bits; break;
        case Pl011Register::UARTICR: raw_ &= ~value; break;
        case Pl011Register::UARTDMACR: dma_control_ = value & dma_control_bits; break;
        default: return;
    }
    update(access.now);
}

uint32_t Pl011::flags() const {
    const bool busy = transmit_shift_.has_value() || !transmit_fifo_.empty();
    return (busy ? Pl011Flag::BUSY : 0) | (receive_fifo_.empty() ? Pl011Flag::RXFE : 0) |
           (transmit_fifo_.size() >= depth() ? Pl011Flag::TXFF : 0) |
           (receive_fifo_.size() >= depth() ? Pl011Flag::RXFF : 0) |
           (transmit_fifo_.empty() ? Pl011Flag::TXFE : 0);
}

uint32_t Pl011::read_data(const Access& access) {
    if (receive_fifo_.empty()) return 0;
    const uint32_t entry = receive_fifo_.front();
    if (access.debug) return entry;
    receive_fifo_.pop_front();
    if (receive_fifo_.size() < receive_trigger()) raw_ &= ~Pl011Interrupt::RX;
    if (receive_fifo_.empty()) {
        raw_ &= ~Pl011Interrupt::RT;
        timed_out_.cancel();
    }
    update(access.now);
    return entry;
}

// A character for a full FIFO is lost, as software was told by TXFF.
void Pl011::write_data(uint32_t value) {
    if (transmit_fifo_.size() >= depth()) return;
    transmit_fifo_.push_back(static_cast<uint8_t>(value));
    if (transmit_fifo_.size() > transmit_trigger()) raw_ &= ~Pl011Interrupt::TX;
}

// The divisor registers and this one are a single register in the hardware, strobed here. Disabling
// the FIFOs flushes them.
void Pl011::write_line_control(uint32_t value) {
    const bool fifos_before = fifos_enabled();
    line_control_ = value & 0xFFU;
    divisor_ = integer_divisor_ == 0 ? 0 : integer_divisor_ * 64 + fractional_divisor_;
    if (!fifos_before || fifos_enabled()) return;
    transmit_fifo_.clear();
    receive_fifo_.clear();
    timed_out_.cancel();
    raw_ &= ~(Pl011Interrupt::RX | Pl011Interrupt::RT);
}

bool Pl011::enabled(uint32_t direction) const {
    return divisor_ != 0 && (control_ & Pl011Control::UARTEN) != 0 && (control_ & direction) != 0;
}

bool Pl011::fifos_enabled() const {
    return (line_control_ & Pl011Line::FEN) != 0;
}

size_t Pl011::depth() const {
    return fifos_enabled() ? fifo_depth : 1;
}

size_t Pl011::transmit_trigger() const {
    return fifos_enabled() ? trigger_level(level_select_) : 0;
}

size_t Pl011::receive_trigger() const {
    return fifos_enabled() ? trigger_level(level_select_ >> 3U) : 1;
}

unsigned Pl011::word_length() const {
    return 5 + (line_control_ & Pl011Line::WLEN) / 0x20;
}

sc_core::sc_time Pl011::duration(unsigned bits) const {
    return time_of_ticks(Wide{bits} * divisor_, clock_ * 4);
}

sc_core::sc_time Pl011::character_duration() const {
    const unsigned parity = (line_control_ & Pl011Line::PEN) != 0 ? 1 : 0;
    const unsigned stop = (line_control_ & Pl011Line::STP2) != 0 ? 2 : 1;
    return duration(1 + word_length() + parity + stop);
}

// The transmit interrupt comes with the transition to the trigger level, not with the level.
void Pl011::start_transmission(const sc_core::sc_time& now) {
    if (transmit_shift_ || transmit_fifo_.empty() || !enabled(Pl011Control::TXE)) return;
    const size_t before = transmit_fifo_.size();
    transmit_shift_ = transmit_fifo_.front();
    transmit_fifo_.pop_front();
    if (before > transmit_trigger() && transmit_fifo_.size() <= transmit_trigger())
        raw_ |= Pl011Interrupt::TX;
    notify_at(transmitted_, now + character_duration());
}

void Pl011::transmission_done() {
    const auto character = static_cast<uint8_t>(*transmit_shift_ & ((1U << word_length()) - 1U));
    transmit_shift_.reset();
    observe("transmit", character);
    if (on_transmit) on_transmit(character);
    update(sc_core::sc_time_stamp());
}

void Pl011::receive(std::span<const uint8_t> characters) {
    far_end_.insert(far_end_.end(), characters.begin(), characters.end());
    update(sc_core::sc_time_stamp());
}

void Pl011::start_reception(const sc_core::sc_time& now) {
    if (receive_shift_ || far_end_.empty() || !enabled(Pl011Control::RXE)) return;
    receive_shift_ = far_end_.front();
    far_end_.pop_front();
    notify_at(received_, now + character_duration());
}

void Pl011::reception_done() {
    const auto character = static_cast<uint8_t>(*receive_shift_ & ((1U << word_length()) - 1U));
    receive_shift_.reset();
    accept(character);
    update(sc_core::sc_time_stamp());
}

// An overrun loses the new character; the FIFO keeps its contents, and remembers the loss with the
// next character that it can store.
void Pl011::accept(uint8_t character) {
    notify_at(timed_out_, sc_core::sc_time_stamp() + duration(timeout_bits));
    if (receive_fifo_.size() >= depth()) {
        overrun_pending_ = true;
        receive_status_ |= Pl011Error::status_overrun;
        raw_ |= Pl011Interrupt::OE;
        observe("overrun", character);
        return;
    }
    const uint32_t error = overrun_pending_ ? Pl011Error::data_overrun : 0;
    overrun_pending_ = false;
    receive_fifo_.push_back(static_cast<uint16_t>(character | error));
    if (receive_fifo_.size() >= receive_trigger()) raw_ |= Pl011Interrupt::RX;
    observe("receive", character);
}

void Pl011::receive_timeout() {
    raw_ |= Pl011Interrupt::RT;
    update(sc_core::sc_time_stamp());
}

void Pl011::observe(std::string_view event, uint64_t value) {
    if (observer_ != nullptr) observer_->device_event(name(), event, value);
}

void Pl011::update(const sc_core::sc_time& now) {
    start_transmission(now);
    start_reception(now);
    line_.drive((raw_ & mask_) != 0);
}

}  // namespace orrery::devices
