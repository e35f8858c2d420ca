// SPDX-License-Identifier: Apache-2.0
// Result: a value or the Status that says why there is none. TRY unwraps one or returns early.
#pragma once

#include <type_traits>
#include <utility>

#include "kernel/abi/status.hpp"

namespace kernel {

using abi::Status;

template <class T>
class [[nodiscard]] Result {
    static_assert(std::is_trivially_copyable_v<T>, "results are plain values");

  public:
    constexpr Result(T value) : value_(value) {}          // NOLINT: a value converts
    constexpr Result(Status status) : status_(status) {}  // NOLINT: an error converts

    [[nodiscard]] constexpr bool ok() const { return status_ == Status::Ok; }
    [[nodiscard]] constexpr Status status() const { return status_; }
    [[nodiscard]] constexpr T value() const { return value_; }

  private:
    Status status_ = Status::Ok;
    T value_{};
};

}  // namespace kernel

// The value of a Result, or `return` of its status from the calling function.
#define TRY(expression)                 \
    ({                                  \
        auto try_result = (expression); \
        if (!try_result.ok()) {         \
            return try_result.status(); \
        }                               \
        try_result.value();             \
    })

// The same for a call that returns a bare Status.
#define TRY_STATUS(expression)                                     \
    do {                                                           \
        if (const ::kernel::abi::Status try_status = (expression); \
            try_status != ::kernel::abi::Status::Ok) {             \
            return try_status;                                     \
        }                                                          \
    } while (false)
