// SPDX-License-Identifier: Apache-2.0
// FrameFeed: see the header.
#include "gui/models/frame_feed.hpp"

#include <QJsonDocument>
#include <utility>

#include "gui/models/json.hpp"

namespace inspector {

FrameFeed::FrameFeed(Session& session, Watch& watch, QObject* parent)
    : QObject(parent), session_(session) {
    connect(&watch, &Watch::answered, this, [this](const Reply& reply) {
        ++generation_;
        next_ = {};
        take(reply);
    });
}

void FrameFeed::take(const Reply& reply) {
    if (!reply.ok) return;
    const QJsonObject answer = reply.json().object();
    next_.add(answer["frames"].toArray());
    if (answer["next"].isDouble()) {
        ask(natural(answer["next"]));
        return;
    }
    next_.sort();
    map_ = std::exchange(next_, {});
    emit changed();
}

void FrameFeed::ask(uint64_t position) {
    session_.execute({"kernel", "frames", QString::number(position)}, this,
                     [this, generation = generation_](const Reply& reply) {
                         if (generation == generation_) take(reply);
                     });
}

}  // namespace inspector
