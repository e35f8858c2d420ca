// SPDX-License-Identifier: Apache-2.0
// Viewport: the stretch of time that is seen, and the one it glides to. Times are nanoseconds; a
// double tells them apart over 104 days (2^53 ns).
#pragma once

#include <cstdint>

namespace inspector {

struct Span {
    double begin = 0;
    double end = 1;

    [[nodiscard]] double length() const { return end - begin; }
    // The part of the span that lies before a time.
    [[nodiscard]] double fraction(double time) const { return (time - begin) / length(); }
    [[nodiscard]] double at(double fraction) const { return begin + fraction * length(); }
    bool operator==(const Span&) const = default;
};

class Viewport final {
  public:
    static constexpr double shortest = 50;  // nanoseconds

    // What there is to see. A view of everything stays one when the trace grows.
    void set_limits(uint64_t begin, uint64_t end);
    [[nodiscard]] const Span& limits() const { return limits_; }

    [[nodiscard]] const Span& now() const { return now_; }
    [[nodiscard]] const Span& target() const { return target_; }
    [[nodiscard]] bool moving() const { return now_ != target_; }

    // Each moves the target; the view follows with glide(), or at once with jump().
    void zoom(double factor, double around);  // below 1: closer; `around` is a part of the view
    void pan(double part);                    // of the view's length; above 0: later times
    void show(double begin, double end);
    void show_all() { show(limits_.begin, limits_.end); }
    // Brings a time into view, if it is not there.
    void reveal(double time);
    void jump() { now_ = target_; }
    // Goes the way of so many seconds; true while there is more of it.
    bool glide(double seconds);

  private:
    [[nodiscard]] Span clamped(Span span) const;
    [[nodiscard]] bool shows_all() const;

    Span limits_;
    Span now_;
    Span target_;
};

}  // namespace inspector
