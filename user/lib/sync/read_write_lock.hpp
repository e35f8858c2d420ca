// SPDX-License-Identifier: Apache-2.0
// ReadWriteLock: many readers or one writer. Writers go first: while one waits, no new reader
// enters.
#pragma once

#include "user/lib/sync/condition_variable.hpp"

namespace user {

class ReadWriteLock final {
  public:
    void lock_shared() {
        const MutexGuard guard(mutex_);
        can_read_.wait(mutex_, [this] { return !is_writing_ && writers_waiting_ == 0; });
        ++readers_;
    }
    void unlock_shared() {
        const MutexGuard guard(mutex_);
        if (--readers_ == 0 && writers_waiting_ != 0) can_write_.notify_one();
    }

    void lock() {
        const MutexGuard guard(mutex_);
        ++writers_waiting_;
        can_write_.wait(mutex_, [this] { return !is_writing_ && readers_ == 0; });
        --writers_waiting_;
        is_writing_ = true;
    }
    void unlock() {
        const MutexGuard guard(mutex_);
        is_writing_ = false;
        if (writers_waiting_ != 0) {
            can_write_.notify_one();
        } else {
            can_read_.notify_all();
        }
    }

  private:
    Mutex mutex_;
    ConditionVariable can_read_;
    ConditionVariable can_write_;
    uint32_t readers_ = 0;
    uint32_t writers_waiting_ = 0;
    bool is_writing_ = false;
};

}  // namespace user
