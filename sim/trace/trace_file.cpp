// SPDX-License-Identifier: Apache-2.0
// TraceFile: buffered writing and the rename at the end.
#include "sim/trace/trace_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "sim/trace/guest_memory.hpp"

namespace orrery::trace {

namespace {

constexpr size_t buffer_size = 256 * 1024;
constexpr auto longest_wait = std::chrono::milliseconds(100);

}  // namespace

TraceFile::TraceFile(std::filesystem::path target) : target_(std::move(target)), partial_(target_) {
    partial_ += ".partial";
    buffer_.reserve(buffer_size);

    // What an aborted run left behind is overwritten, but only when nobody holds it any more.
    const int descriptor = open(partial_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0) fail("create");
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0 || ftruncate(descriptor, 0) != 0) {
        const int reason = errno;
        close(descriptor);
        if (reason == EWOULDBLOCK) {
            throw TraceError(
                fmt::format("the trace {} is being written already", target_.string()));
        }
        errno = reason;
        fail("create");
    }
    descriptor_ = descriptor;
}

TraceFile::~TraceFile() {
    if (descriptor_ < 0) return;
    unlink(partial_.c_str());
    close(descriptor_);
}

void TraceFile::write(std::string_view bytes) {
    if (descriptor_ < 0) {
        throw TraceError(fmt::format("the trace {} is finished already", target_.string()));
    }
    if (buffer_.size() + bytes.size() > buffer_size) flush();
    buffer_.append(bytes);
    size_ += bytes.size();
}

void TraceFile::write_out() {
    if (descriptor_ < 0 || buffer_.empty()) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - written_out_ < longest_wait) return;
    written_out_ = now;
    flush();
}

void TraceFile::write_out_now() {
    if (descriptor_ >= 0) flush();
}

void TraceFile::cut() {
    if (descriptor_ < 0) return;
    flush();
    if (ftruncate(descriptor_, static_cast<off_t>(size_)) != 0) fail("write");
}

void TraceFile::flush() {
    std::string_view rest = buffer_;
    while (!rest.empty()) {
        const auto position = static_cast<off_t>(size_ - rest.size());
        const ssize_t written = pwrite(descriptor_, rest.data(), rest.size(), position);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail("write");
        rest.remove_prefix(static_cast<size_t>(written));
    }
    buffer_.clear();
}

void TraceFile::finish() {
    if (descriptor_ < 0) return;
    cut();
    // The lock is held until the new name stands, so that no other writer takes the old one over.
    if (rename(partial_.c_str(), target_.c_str()) != 0) fail("name");
    if (close(std::exchange(descriptor_, -1)) != 0) fail("write");
}

void TraceFile::fail(std::string_view action) const {
    throw TraceError(
        fmt::format("cannot {} the trace {}: {}", action, target_.string(), std::strerror(errno)));
}

}  // namespace orrery::trace
