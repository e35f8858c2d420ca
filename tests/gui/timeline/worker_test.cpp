// SPDX-License-Identifier: Apache-2.0
// Tests of Worker.
#include "gui/timeline/worker.hpp"

#include <gtest/gtest.h>

#include <QTest>
#include <atomic>
#include <future>
#include <vector>

namespace inspector {
namespace {

TEST(Worker, NewerWorkOfAKindReplacesWhatWaits) {
    std::promise<void> go;
    std::vector<int> done;  // only the worker's, until it is idle
    Worker worker;
    worker.ask(0, [&] { go.get_future().wait(); });
    for (int i = 0; i < 100; ++i) worker.ask(1, [&done, i] { done.push_back(i); });
    worker.ask(2, [&done] { done.push_back(-1); });
    EXPECT_FALSE(worker.idle());
    go.set_value();
    ASSERT_TRUE(QTest::qWaitFor([&] { return worker.idle(); }));
    EXPECT_EQ(done, (std::vector<int>{99, -1}));
}

TEST(Worker, ForgetsWhatWaitsWhenItEnds) {
    std::atomic<int> done = 0;
    std::promise<void> go;
    std::future<void> gone = go.get_future();
    {
        Worker worker;
        std::promise<void> begun;
        worker.ask(0, [&] {
            begun.set_value();
            gone.wait();
        });
        begun.get_future().wait();
        worker.ask(1, [&] { ++done; });
        go.set_value();
        // It ends here, perhaps before it comes to the second work.
    }
    EXPECT_LE(done, 1);
}

}  // namespace
}  // namespace inspector
