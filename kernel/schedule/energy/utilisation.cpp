// SPDX-License-Identifier: Apache-2.0
// Utilisation: powers of one half, and the average.
#include "kernel/schedule/energy/utilisation.hpp"

namespace kernel {
namespace {

constexpr unsigned steps_a_half_life = 32;
constexpr uint64_t one = uint64_t{1} << 32;
// ln 2 / 32, times 2^48.
constexpr uint64_t logarithm_of_step = 6'096'987'078'286;

constexpr uint64_t scaled(uint64_t value, uint64_t factor) {
    return value * factor >> 32;
}

}  // namespace

Decay::Decay(uint64_t ticks_a_second)
    : step_(ticks_a_second * half_life_milliseconds / (1000 * steps_a_half_life)),
      slope_(logarithm_of_step / step_) {}

uint64_t Decay::after(uint64_t ticks) const {
    const uint64_t steps = ticks < step_ ? 0 : ticks / step_;
    if (steps >= uint64_t{32} * steps_a_half_life) return 0;
    const uint64_t exponent = (ticks - steps * step_) * slope_ >> 16;
    uint64_t power = one - exponent + (exponent * exponent >> 33);
    if (steps == 0) return power;
    // 2^(-k/32), times 2^32, for k = 1, 2, 4, 8, 16.
    if ((steps & 1) != 0) power = scaled(power, 4'202'935'003);
    if ((steps & 2) != 0) power = scaled(power, 4'112'874'773);
    if ((steps & 4) != 0) power = scaled(power, 3'938'502'376);
    if ((steps & 8) != 0) power = scaled(power, 3'611'622'603);
    if ((steps & 16) != 0) power = scaled(power, 3'037'000'500);
    return power >> steps / steps_a_half_life;
}

void Utilisation::advance(uint64_t now, uint32_t input, const Decay& decay) {
    if (now <= since_) return;
    const uint64_t power = decay.after(now - since_);
    const uint64_t target = uint64_t{input} << fraction_bits;
    since_ = now;
    if (average_ > target) {
        average_ = target + scaled(average_ - target, power);
    } else {
        average_ = target - scaled(target - average_, power);
    }
}

}  // namespace kernel
