// SPDX-License-Identifier: Apache-2.0
// Scrubber: see the header.
#include "gui/panels/scrubber.hpp"

#include <QMouseEvent>
#include <QSignalBlocker>
#include <QStyle>
#include <QStyleOptionSlider>
#include <QWheelEvent>
#include <algorithm>

namespace inspector {
namespace {

// Places of the handle: more than any screen has pixels.
constexpr int places = 20'000;
constexpr int key_step = places / 200;
constexpr int page_step = places / 20;
// Of the host, after the last key.
constexpr int key_milliseconds = 500;

}  // namespace

Scrubber::Scrubber() : QSlider(Qt::Horizontal) {
    setRange(0, places);
    setSingleStep(key_step);
    setPageStep(page_step);
    setFocusPolicy(Qt::TabFocus);
    setAccessibleName(tr("simulated time"));
    keys_.setSingleShot(true);
    keys_.setInterval(key_milliseconds);
    connect(&keys_, &QTimer::timeout, this, &Scrubber::let_go);
    connect(this, &QSlider::sliderReleased, this, &Scrubber::let_go);
    connect(this, &QSlider::valueChanged, this, [this] {
        if (!isSliderDown()) keys_.start();
        emit moved();
    });
}

void Scrubber::show_times(uint64_t first, uint64_t last, uint64_t now) {
    if (in_hand()) return;
    first_ = first;
    last_ = std::max(first, last);
    now_ = std::clamp(now, first_, last_);
    const double length = static_cast<double>(last_ - first_);
    const double part = length > 0 ? static_cast<double>(now_ - first_) / length : 1;
    now_position_ = static_cast<int>(part * places);
    const QSignalBlocker blocker(this);
    setValue(now_position_);
}

uint64_t Scrubber::time() const {
    // Where nothing was moved, exactly the present time; the end is exactly the last one.
    if (value() == now_position_) return now_;
    if (value() == places) return last_;
    const double part = static_cast<double>(value()) / places;
    return std::min(first_ + static_cast<uint64_t>(part * static_cast<double>(last_ - first_)),
                    last_);
}

void Scrubber::let_go() {
    keys_.stop();
    const bool is_elsewhere = value() != now_position_;
    if (is_elsewhere) emit wanted(time());
    emit moved();
}

void Scrubber::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) {
        // The handle comes to the mouse, and is then dragged.
        QStyleOptionSlider option;
        initStyleOption(&option);
        const int handle =
            style()
                ->subControlRect(QStyle::CC_Slider, &option, QStyle::SC_SliderHandle, this)
                .width();
        setSliderDown(true);
        setValue(QStyle::sliderValueFromPosition(
            minimum(), maximum(), qRound(event->position().x()) - handle / 2, width() - handle));
    }
    QSlider::mousePressEvent(event);
}

// The wheel scrolls; it is not to send the run elsewhere.
void Scrubber::wheelEvent(QWheelEvent* event) {
    event->ignore();
}

}  // namespace inspector
