// SPDX-License-Identifier: Apache-2.0
// The children of ipc, and what parent and children share.
#pragma once

#include <string_view>

#include "user/lib/port.hpp"

namespace user {

constexpr uint64_t flood_messages = 100;
constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;

// Counts and says what is wrong.
void check(bool good, std::string_view what);
template <typename T>
void check(const Result<T>& result, std::string_view what) {
    check(result.status() == Status::Ok, what);
}

// A child that does one part. It is given a right to send to `port`, or to a port of its own here.
class Child final {
  public:
    explicit Child(std::string_view part, uint32_t port = 0);
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child();

    // Waits for the first message of the child, which brings a right.
    uint32_t first_right() const;
    uint32_t name() const { return name_; }
    // Its exit code, or -1 when it has not exited.
    int wait() const;

  private:
    uint32_t name_ = 0;
    uint32_t own_port_ = 0;
};

// Bytes to send and to receive, with the transfers that tell of them.
struct LongBuffer {
    LongBuffer();
    // `size` bytes are sent, and there is room for as many as there can be.
    void prepare(uint32_t size);

    system::Transfers transfers;
    char* out;
    char* in;
};

int run_child(std::string_view part, uint64_t (*echo_server)(void*));
int finish_child();

}  // namespace user
