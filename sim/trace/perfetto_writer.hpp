// SPDX-License-Identifier: Apache-2.0
// PerfettoWriter: a trace in the format of the Perfetto UI, written as a stream.
//
// All packets form one sequence in the order of the calls; times are nanoseconds of simulated time
// on the clock BOOTTIME. Nothing of the host enters the file, so the same calls give the same
// bytes.
//
// Numbers: a thread's tid is its thread id and idle is 0. A task's pid is its task id plus
// process_id_base, because Perfetto, as Linux, takes the thread whose tid equals a pid for that
// process's first thread; the kernel's two ranges are independent and would be mixed up.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "sim/trace/trace_file.hpp"

namespace orrery::trace {

constexpr uint32_t process_id_base = 1'000'000;

// A line of the trace that events are put on.
struct Track {
    uint64_t uuid = 0;

    bool operator==(const Track&) const = default;
};

// A number to be shown in hexadecimal.
struct Address {
    uint64_t value = 0;
};

// A named value attached to an event.
struct Annotation {
    std::string_view name;
    std::variant<uint64_t, int64_t, Address, std::string_view> value;
};
using Annotations = std::initializer_list<Annotation>;

// A thread as the scheduling view shows it; id 0 is idle.
struct ThreadLabel {
    uint32_t id = 0;
    std::string_view name;
};

// Why a thread left its CPU.
enum class ThreadState {
    Runnable,
    Sleeping,
    Ended,
};

class PerfettoWriter final {
  public:
    // Throws TraceError, as every other call does, if the file cannot be written.
    explicit PerfettoWriter(const std::filesystem::path& target);

    // Makes a task or thread known, or gives it another name.
    void task(uint64_t time, uint32_t task, uint32_t parent, std::string_view name);
    void thread(uint64_t time, uint32_t thread, uint32_t task, std::string_view name);

    // Events of the CPU scheduling view.
    void thread_switch(uint64_t time, uint32_t cpu, ThreadLabel previous, ThreadState state,
                       ThreadLabel next);
    void thread_waking(uint64_t time, uint32_t cpu, uint32_t waker, ThreadLabel woken,
                       uint32_t target_cpu);
    // The clock of a CPU, which the trace shows as the counter `cpu_frequency`.
    void cpu_frequency(uint64_t time, uint32_t cpu, uint32_t kilohertz);
    // Says that events of a CPU are missing from here on.
    void data_loss(uint32_t cpu);

    // New tracks. A parent groups its children, which are shown in the order of their names.
    [[nodiscard]] Track group_track(std::string_view name);
    [[nodiscard]] Track named_track(std::string_view name, std::optional<Track> parent = {});
    [[nodiscard]] Track thread_track(uint32_t thread, uint32_t task, std::string_view name);
    [[nodiscard]] Track counter_track(std::string_view name, std::optional<Track> parent = {});

    // Events on tracks. Slices of a track nest.
    void slice_begin(uint64_t time, Track track, std::string_view name,
                     Annotations annotations = {});
    // Ends the innermost open slice; false, and nothing is written, if there is none.
    bool slice_end(uint64_t time, Track track, Annotations annotations = {});
    void instant(uint64_t time, Track track, std::string_view name, Annotations annotations = {});
    void counter(uint64_t time, Track track, int64_t value);

    // Closes what is open at the last time seen, and the file. Nothing may be written afterwards.
    void finish();

    // Writes out what is buffered now and then, for those who follow the file. A bundle is left
    // open, so that the file does not depend on it.
    void write_out() { file_.write_out(); }
    void write_out_now() { file_.write_out_now(); }
    // Cuts off what was written of a future that will not come. A bundle is left open, likewise.
    void cut() { file_.cut(); }

    // Bytes of the trace so far, including those not on disk yet.
    [[nodiscard]] uint64_t size() const { return file_.size(); }

  private:
    template <typename Fill>
    void packet(std::optional<uint64_t> time, const Fill& fill);
    template <typename Fill>
    void scheduling_event(uint64_t time, uint32_t cpu, uint32_t pid, const Fill& fill);
    template <typename Fill>
    Track describe(const Fill& fill);
    void first_packet();
    void event(uint64_t time, Track track, int32_t type, std::string_view name,
               Annotations annotations);
    void flush_bundle();
    void emit(std::string_view packet);

    TraceFile file_;
    std::string packet_;  // the packet being made, reused for its memory
    std::string bundle_;  // scheduling events of one CPU that follow each other
    uint32_t bundle_cpu_ = 0;
    uint64_t last_time_ = 0;
    uint64_t next_uuid_ = 1;
    std::map<uint64_t, uint32_t> open_;                   // open slices by track
    std::map<std::string, uint64_t, std::less<>> names_;  // interned event names
};

}  // namespace orrery::trace
