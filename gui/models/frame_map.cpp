// SPDX-License-Identifier: Apache-2.0
// FrameMap: see the header.
#include "gui/models/frame_map.hpp"

#include <algorithm>
#include <array>

#include "gui/models/json.hpp"
#include "gui/models/units.hpp"

namespace inspector {
namespace {

// As docs/memory.md names them.
constexpr std::array owner_names = {"free", "kernel", "tables", "anonymous", "shared",
                                    "file", "swap",   "held",   "unknown"};
static_assert(owner_names.size() == frame_owner_count);

constexpr qsizetype row_fields = 6;
// More frames than any machine has, so that sums do not overflow.
constexpr uint64_t too_many = uint64_t{1} << 48;

}  // namespace

QString owner_name(FrameOwner owner) {
    return owner_names[static_cast<size_t>(owner)];
}

FrameOwner owner_of(const QString& name) {
    for (size_t i = 0; i < owner_names.size(); ++i) {
        if (name == owner_names[i]) return static_cast<FrameOwner>(i);
    }
    return FrameOwner::Unknown;
}

void FrameMap::add(const QJsonArray& rows) {
    for (const QJsonValue& value : rows) {
        const QJsonArray row = value.toArray();
        const Run run{.first = natural(row[0]),
                      .count = natural(row[1]),
                      .owner = owner_of(row[2].toString()),
                      .task = static_cast<uint32_t>(natural(row[3])),
                      .movable = row[4].toBool(),
                      .order = row[5].toInt(not_free)};
        const bool is_sound = row.size() >= row_fields && run.count != 0 && run.first < too_many &&
                              run.count < too_many;
        if (is_sound) runs_.push_back(run);
    }
}

void FrameMap::sort() {
    std::sort(runs_.begin(), runs_.end(),
              [](const Run& one, const Run& other) { return one.first < other.first; });
    // A frame that was told twice, as it changed meanwhile, counts once.
    for (size_t i = 1; i < runs_.size(); ++i) {
        Run& before = runs_[i - 1];
        if (before.end() > runs_[i].first) before.count = runs_[i].first - before.first;
    }
    std::erase_if(runs_, [](const Run& run) { return run.count == 0; });
}

uint64_t FrameMap::frames() const {
    uint64_t sum = 0;
    for (const Run& run : runs_) sum += run.count;
    return sum;
}

uint64_t FrameMap::frames_of(FrameOwner owner) const {
    uint64_t sum = 0;
    for (const Run& run : runs_) sum += run.owner == owner ? run.count : 0;
    return sum;
}

size_t FrameMap::first_behind(uint64_t frame) const {
    const auto ends_before = [](const Run& run, uint64_t at) { return run.end() <= at; };
    return static_cast<size_t>(std::lower_bound(runs_.begin(), runs_.end(), frame, ends_before) -
                               runs_.begin());
}

const FrameMap::Run* FrameMap::find(uint64_t frame) const {
    const size_t place = first_behind(frame);
    return place < runs_.size() && runs_[place].first <= frame ? &runs_[place] : nullptr;
}

QString frame_text(const FrameMap& map, uint64_t frame) {
    const QString address = address_text(frame * frame_size);
    const FrameMap::Run* run = map.find(frame);
    if (run == nullptr) return address + ": not managed by the kernel";
    QString text = address + ": " + owner_name(run->owner);
    if (run->order != FrameMap::not_free)
        text += QString(", in blocks of order %1").arg(run->order);
    if (run->task != 0) text += QString(", task %1").arg(run->task);
    if (run->owner != FrameOwner::Free) text += run->movable ? ", movable" : ", not movable";
    return text;
}

}  // namespace inspector
