// SPDX-License-Identifier: Apache-2.0
// FrameMap: whose each page frame is, in rows of frames that are alike. Where they are in a picture
// is frame_layout.hpp's business.
#pragma once

#include <QJsonArray>
#include <QString>
#include <cstdint>
#include <optional>
#include <vector>

namespace inspector {

enum class FrameOwner : uint8_t {
    Free,
    Kernel,
    Tables,
    Anonymous,
    Shared,
    File,
    Swap,
    Held,
    Unknown,  // a name that this program does not know
};
constexpr int frame_owner_count = 9;

[[nodiscard]] QString owner_name(FrameOwner owner);
[[nodiscard]] FrameOwner owner_of(const QString& name);

class FrameMap final {
  public:
    static constexpr int not_free = -1;

    struct Run {
        uint64_t first;  // physical address / 4 KiB
        uint64_t count;
        FrameOwner owner;
        uint32_t task;  // 0: none, or several
        bool movable;
        int order;  // of the largest free blocks they form; `not_free`

        [[nodiscard]] uint64_t end() const { return first + count; }
    };

    // Rows of a reply to `kernel frames`; what makes no sense is left out.
    void add(const QJsonArray& rows);
    // Puts rows in the order of addresses. What follows needs it once after add().
    void sort();

    [[nodiscard]] const std::vector<Run>& runs() const { return runs_; }
    [[nodiscard]] uint64_t frames() const;
    [[nodiscard]] uint64_t frames_of(FrameOwner owner) const;
    // The row with a frame, or null.
    [[nodiscard]] const Run* find(uint64_t frame) const;

    // Calls visit(run, frames) for each row that has frames in [begin, end), with how many.
    template <class Visit>
    void for_each(uint64_t begin, uint64_t end, Visit visit) const {
        for (size_t i = first_behind(begin); i < runs_.size() && runs_[i].first < end; ++i) {
            const uint64_t from = runs_[i].first > begin ? runs_[i].first : begin;
            const uint64_t to = runs_[i].end() < end ? runs_[i].end() : end;
            visit(runs_[i], to - from);
        }
    }

  private:
    // The first row that ends behind a frame.
    [[nodiscard]] size_t first_behind(uint64_t frame) const;

    std::vector<Run> runs_;
};

// A frame in words: its address, whose it is, and what else is known.
[[nodiscard]] QString frame_text(const FrameMap& map, uint64_t frame);

}  // namespace inspector
