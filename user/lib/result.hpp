// SPDX-License-Identifier: Apache-2.0
// Result: the value of a system call, or the status that says why there is none.
#pragma once

#include "kernel/abi/status.hpp"

namespace user {

namespace abi = kernel::abi;
using abi::Status;

template <typename T>
class [[nodiscard]] Result final {
  public:
    constexpr Result(T value) : value_(value) {}
    constexpr Result(Status status) : status_(status) {}

    constexpr explicit operator bool() const { return status_ == Status::Ok; }
    constexpr Status status() const { return status_; }

    // Precondition: the result is a value.
    constexpr const T& operator*() const { return value_; }
    constexpr const T* operator->() const { return &value_; }

  private:
    Status status_ = Status::Ok;
    T value_{};
};

}  // namespace user
