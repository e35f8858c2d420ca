// SPDX-License-Identifier: Apache-2.0
// Worker: a thread for what takes longer than a frame may. Work has a kind; work of a kind that
// waits is replaced by newer work of it, so that nobody waits for answers that nobody wants any
// more.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace inspector {

class Worker final {
  public:
    Worker();
    // Finishes the work in hand, forgets what waits.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // Kinds are done in the order in which they were asked for.
    void ask(int kind, std::function<void()> work);
    // Nothing waits and nothing is in hand.
    [[nodiscard]] bool idle() const;

  private:
    void run();

    struct Task {
        int kind;
        std::function<void()> work;
    };
    mutable std::mutex mutex_;  // of all that follows, but for the thread
    std::condition_variable more_;
    std::deque<Task> waiting_;
    bool busy_ = false;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace inspector
