// SPDX-License-Identifier: Apache-2.0
// Trace points: one call beside the code it tells of. With tracing off a point costs one load and
// a branch.
#pragma once

#include "kernel/abi/info.hpp"
#include "kernel/base/result.hpp"

namespace kernel {

// What is recorded.
struct TracePoints {
    bool events = true;   // everything but frames
    bool frames = false;  // each page frame that changes hands
};

class Trace final {
  public:
    explicit Trace(abi::KernelInfo& info) : info_(info) {}

    // `memory` holds `records` records (a power of two) for each of `cpus` CPUs.
    void enable(abi::TraceRecord* memory, uint64_t records, unsigned cpus, TracePoints points = {});

    // Appends a record to this CPU's ring; `thread` is the one it speaks of.
    void put(abi::TraceType type, uint32_t thread, uint64_t a = 0, uint64_t b = 0) {
        if (enabled_) [[unlikely]]
            append(type, thread, a, b);
    }
    // A record of a page frame.
    void put_frames(abi::TraceType type, uint32_t thread, const abi::FrameRecording& recording) {
        if (frames_) append(type, thread, recording.a(), recording.b());
    }
    // A name of up to 16 bytes in one record.
    void put_name(uint32_t task, const char* name) {
        put_words(abi::TraceType::TaskName, task, name);
    }
    void put_words(abi::TraceType type, uint32_t of, const char* name);

    [[nodiscard]] bool enabled() const { return enabled_; }
    // True when a ring is so full that its reader should be called.
    [[nodiscard]] bool needs_reader() const;

  private:
    void append(abi::TraceType type, uint32_t thread, uint64_t a, uint64_t b);

    abi::KernelInfo& info_;
    bool enabled_ = false;
    bool frames_ = false;
};

}  // namespace kernel
