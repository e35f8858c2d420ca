// SPDX-License-Identifier: Apache-2.0
// PictureSource: see the header.
#include "gui/timeline/picture_source.hpp"

#include <utility>

namespace inspector {

namespace {

enum Kind { Near, Far };

// Of one version of the rows those between two heights are always the same.
bool same(const PictureRequest& one, const PictureRequest& other) {
    return one.begin == other.begin && one.end == other.end && one.width == other.width &&
           one.scale == other.scale && one.top == other.top && one.bottom == other.bottom &&
           one.rows_version == other.rows_version && one.colours == other.colours;
}

}  // namespace

PictureSource::PictureSource(const TraceLoader& loader) : loader_(&loader) {}

PictureSource::~PictureSource() {
    cancelled_ = true;
}

void PictureSource::want(const PictureRequest& near, const PictureRequest& far, uint64_t age) {
    want(near_, Near, near, age);
    want(far_, Far, far, age);
}

void PictureSource::want(Slot& slot, int kind, const PictureRequest& request, uint64_t age) {
    const bool possible = request.begin < request.end && request.width > 0 && request.height() > 0;
    if (!possible) return;
    if (slot.wanted && same(*slot.wanted, request) && slot.wanted_age == age) return;
    slot.wanted = request;
    slot.wanted_age = age;
    const uint64_t number = ++slot.asked;
    worker_.ask(kind, [this, &slot, request, number] {
        Picture picture = make_picture(*loader_, request, cancelled_);
        if (picture.image.isNull()) return;
        const auto take = [this, &slot, number, picture = std::move(picture)]() mutable {
            slot.picture = std::move(picture);
            slot.made = number;
            emit ready();
        };
        QMetaObject::invokeMethod(this, std::move(take), Qt::QueuedConnection);
    });
}

bool PictureSource::settled() const {
    return near_.asked == near_.made && far_.asked == far_.made;
}

}  // namespace inspector
