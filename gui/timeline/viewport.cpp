// SPDX-License-Identifier: Apache-2.0
// Viewport: the way to the target is covered exponentially, so that it starts fast and ends softly.
#include "gui/timeline/viewport.hpp"

#include <algorithm>
#include <cmath>

namespace inspector {

namespace {

constexpr double seconds_to_half = 0.03;
constexpr double close_enough = 1e-3;  // of the view's length: a pixel or two

}  // namespace

void Viewport::set_limits(uint64_t begin, uint64_t end) {
    const Span fresh{static_cast<double>(begin),
                     std::max(static_cast<double>(end), static_cast<double>(begin) + shortest)};
    if (fresh == limits_) return;
    const bool all = shows_all();
    limits_ = fresh;
    target_ = all ? limits_ : clamped(target_);
    now_ = all ? limits_ : clamped(now_);
}

bool Viewport::shows_all() const {
    return target_.begin <= limits_.begin && target_.end >= limits_.end;
}

Span Viewport::clamped(Span span) const {
    double length = std::clamp(span.length(), shortest, limits_.length());
    const double middle = (span.begin + span.end) / 2;
    const double begin = std::clamp(span.length() == length ? span.begin : middle - length / 2,
                                    limits_.begin, limits_.end - length);
    return {begin, begin + length};
}

void Viewport::zoom(double factor, double around) {
    const double fixed = target_.at(around);
    const double length = std::clamp(target_.length() * factor, shortest, limits_.length());
    show(fixed - around * length, fixed + (1 - around) * length);
}

void Viewport::pan(double part) {
    const double way = part * target_.length();
    show(target_.begin + way, target_.end + way);
}

void Viewport::show(double begin, double end) {
    target_ = clamped({begin, end});
}

void Viewport::reveal(double time) {
    if (time >= target_.begin && time <= target_.end) return;
    const double length = target_.length();
    show(time - length / 2, time + length / 2);
}

bool Viewport::glide(double seconds) {
    const double rest = std::exp2(-seconds / seconds_to_half);
    now_.begin = target_.begin + (now_.begin - target_.begin) * rest;
    now_.end = target_.end + (now_.end - target_.end) * rest;
    const double off =
        std::max(std::abs(now_.begin - target_.begin), std::abs(now_.end - target_.end));
    if (off < close_enough * target_.length()) now_ = target_;
    return moving();
}

}  // namespace inspector
