// SPDX-License-Identifier: Apache-2.0
// Worker: see the header.
#include "gui/timeline/worker.hpp"

#include <algorithm>
#include <utility>

namespace inspector {

Worker::Worker() : thread_([this] { run(); }) {}

Worker::~Worker() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        waiting_.clear();
    }
    more_.notify_one();
    thread_.join();
}

void Worker::ask(int kind, std::function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        const auto same = std::find_if(waiting_.begin(), waiting_.end(),
                                       [&](const Task& task) { return task.kind == kind; });
        if (same != waiting_.end()) {
            same->work = std::move(work);
        } else {
            waiting_.push_back({kind, std::move(work)});
        }
    }
    more_.notify_one();
}

bool Worker::idle() const {
    const std::lock_guard lock(mutex_);
    return waiting_.empty() && !busy_;
}

void Worker::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        more_.wait(lock, [&] { return ending_ || !waiting_.empty(); });
        if (ending_) return;
        const Task task = std::move(waiting_.front());
        waiting_.pop_front();
        busy_ = true;
        lock.unlock();
        task.work();
        lock.lock();
        busy_ = false;
    }
}

}  // namespace inspector
