// SPDX-License-Identifier: Apache-2.0
// RecordTranslator: what each kernel record and device event becomes in the Perfetto trace.
//
// It must be given everything in the order of time. It keeps the names of tasks and threads, which
// it knows from the records alone: the task table is read at moments that the host chooses, and a
// trace must not depend on them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/abi/info.hpp"
#include "sim/trace/perfetto_writer.hpp"

namespace orrery::trace {

namespace abi = kernel::abi;

// How a device event is shown.
enum class DeviceEventKind {
    Instant,  // a mark on the device's track, the value attached
    Level,    // a counter of its own, such as an interrupt line
};

class RecordTranslator final {
  public:
    // Precondition: `writer` outlives the translator.
    explicit RecordTranslator(PerfettoWriter& writer) : writer_(&writer) {}

    // Precondition: record.cpu < abi::max_cpus, and the type is a known one.
    void record(uint64_t time, const abi::TraceRecord& record);

    // Says in the trace that records of a CPU are missing before this time, and how many.
    void lost(uint64_t time, uint32_t cpu, uint64_t count);

    // Says in the trace that a CPU's ring could not be read any further, and why.
    void broken(uint64_t time, uint32_t cpu, std::string_view reason);

    void device(uint64_t time, DeviceEventKind kind, std::string_view device,
                std::string_view event, int64_t value);

    // Ends of system calls and interrupts whose begin was not recorded; they are not shown.
    [[nodiscard]] uint64_t unmatched() const { return unmatched_; }

  private:
    struct Task {
        uint32_t parent = 0;
        std::string name;
    };
    struct Thread {
        uint32_t task = 0;  // 0: created before the trace began
        std::string name;
        bool ended = false;
        std::optional<Track> track;
        std::optional<uint64_t> open_call;  // number of the system call that is shown as open
    };
    struct Cpu {
        std::optional<uint32_t> running;  // unknown before the first switch and after a loss
        std::optional<Track> kernel;
        std::optional<Track> interrupts;
        uint32_t open_interrupts = 0;
    };

    void thread_switch(uint64_t time, const abi::TraceRecord& record);
    void system_call_enter(uint64_t time, const abi::TraceRecord& record);
    void system_call_exit(uint64_t time, const abi::TraceRecord& record);
    void cpu_frequency(uint64_t time, const abi::TraceRecord& record);
    void interrupt_exit(uint64_t time, const abi::TraceRecord& record);
    void thread_create(uint64_t time, uint32_t thread, uint32_t task);
    void thread_exit(uint64_t time, uint32_t thread);
    void task_name(uint64_t time, const abi::TraceRecord& record);
    void task_exit(uint64_t time, const abi::TraceRecord& record);

    Thread& thread(uint32_t id);
    [[nodiscard]] ThreadLabel label(uint32_t id);
    void close_call(uint64_t time, Thread& thread, Annotations annotations = {});
    void forget_if_gone(uint32_t id);
    Track track_of(const abi::TraceRecord& record);
    Track thread_track(uint32_t id);
    Track kernel_track(uint32_t cpu);
    Track interrupt_track(uint32_t cpu);
    Track device_track(std::string_view name, DeviceEventKind kind);

    PerfettoWriter* writer_;
    std::map<uint32_t, Task> tasks_;
    std::map<uint32_t, Thread> threads_;
    std::map<uint32_t, std::string> containers_;  // names
    Cpu cpus_[abi::max_cpus];
    std::optional<Track> cpu_group_;
    std::optional<Track> device_group_;
    std::optional<Track> frames_free_;
    std::map<std::string, Track, std::less<>> device_tracks_;
    std::map<std::string, Track, std::less<>> level_tracks_;
    uint64_t unmatched_ = 0;
};

}  // namespace orrery::trace
