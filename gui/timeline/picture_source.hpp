// SPDX-License-Identifier: Apache-2.0
// PictureSource: makes pictures on a thread of its own, the newest wish first, and keeps two: a
// sharp one of what is seen and some way around it, and a coarse one of the whole trace for where a
// quick move has left the former.
#pragma once

#include <QObject>
#include <atomic>
#include <cstdint>
#include <optional>

#include "gui/timeline/picture.hpp"
#include "gui/timeline/worker.hpp"

namespace inspector {

class PictureSource final : public QObject {
    Q_OBJECT

  public:
    // Precondition: the loader outlives this.
    explicit PictureSource(const TraceLoader& loader);
    ~PictureSource() override;

    // What is to be had; asked for again only if it is something else. `age` grows with the trace.
    void want(const PictureRequest& near, const PictureRequest& far, uint64_t age);

    // Null until there is one.
    [[nodiscard]] const Picture* near() const { return shown(near_); }
    [[nodiscard]] const Picture* far() const { return shown(far_); }
    // What was wanted last is there.
    [[nodiscard]] bool settled() const;

  signals:
    void ready();

  private:
    struct Slot {
        std::optional<PictureRequest> wanted;
        uint64_t wanted_age = 0;
        uint64_t asked = 0;  // how often something was
        uint64_t made = 0;   // the number of the picture that is there
        Picture picture;
    };

    void want(Slot& slot, int kind, const PictureRequest& request, uint64_t age);
    [[nodiscard]] static const Picture* shown(const Slot& slot) {
        return slot.picture.image.isNull() ? nullptr : &slot.picture;
    }

    const TraceLoader* loader_;
    Slot near_;
    Slot far_;
    std::atomic<bool> cancelled_ = false;
    Worker worker_;  // last, for it uses the others
};

}  // namespace inspector
