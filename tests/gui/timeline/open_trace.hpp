// SPDX-License-Identifier: Apache-2.0
// OpenTrace: the small trace of RunFolder, read, with a timeline on it.
#pragma once

#include <gtest/gtest.h>

#include <QTest>

#include "gui/timeline/timeline.hpp"
#include "tests/gui/run_folder.hpp"

namespace inspector::testing {

class OpenTrace : public ::testing::Test {
  protected:
    OpenTrace() {
        folder_.write_trace();
        loader_.open(folder_.file("trace.pftrace").toStdString());
        loader_.wait();
        timeline_ = std::make_unique<Timeline>(loader_, selection_);
        EXPECT_TRUE(QTest::qWaitFor([&] { return timeline_->complete(); }));
    }

    [[nodiscard]] TrackId track(TrackKind kind, uint32_t number) const {
        return timeline_->rows().tree().find(kind, number);
    }
    // The first run of a CPU or a thread.
    [[nodiscard]] EventRef run(TrackKind kind, uint32_t number, uint64_t row = 0) const {
        return {track(kind, number), LaneKind::Runs, 0, row};
    }
    [[nodiscard]] QString fact(const QString& name) const {
        for (const auto& [key, value] : timeline_->event_facts()) {
            if (key == name) return value;
        }
        return {};
    }

    RunFolder folder_;
    TraceLoader loader_;
    Selection selection_;
    std::unique_ptr<Timeline> timeline_;
};

}  // namespace inspector::testing
