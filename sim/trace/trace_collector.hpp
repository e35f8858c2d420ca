// SPDX-License-Identifier: Apache-2.0
// TraceCollector: takes the kernel's trace records off the rings of all CPUs, merges them with the
// simulator's device events into the order of time, and hands them to a PerfettoWriter.
//
// Order: by time; at the same time devices come before CPUs (the cause before its effect), CPUs go
// by number, and what one source said keeps its order.
//
// The rule of holding: rings are read at different moments, so a record may be handed on only when
// no source can still come with an earlier one, or one of the same time that belongs before it.
// Everything before a time called the watermark is handed on, the rest is held:
//  - drain(up_to) is told the watermark. The caller promises that every CPU and every device has
//    passed that time, that is, will not record anything before it any more.
//  - drain() has only what the sources themselves prove: the watermark is the earliest of the
//    newest times, over the devices, if there have been device events, and all CPUs that are
//    online. A CPU that stays silent proves nothing, so records are held until it speaks.
// The order, and so the trace, thereby does not depend on the moments of draining. To bound memory,
// at most `held_limit` events are held; beyond that the oldest are handed on. What then comes later
// with an earlier time is still written, with its true time, and counted in late().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/abi/info.hpp"
#include "sim/trace/allocation_log.hpp"
#include "sim/trace/kernel_view.hpp"
#include "sim/trace/perfetto_writer.hpp"
#include "sim/trace/record_tap.hpp"
#include "sim/trace/record_translator.hpp"

namespace orrery::trace {

class TraceCollector final {
  public:
    static constexpr uint64_t all = UINT64_MAX;
    static constexpr size_t default_held_limit = 1'000'000;

    // Precondition: both outlive the collector, and nobody else reads the rings.
    TraceCollector(KernelView& view, PerfettoWriter& writer,
                   size_t held_limit = default_held_limit);

    // Without a trace, for allocations alone: there must be no device events then.
    explicit TraceCollector(KernelView& view, size_t held_limit = default_held_limit);

    // Records of page frames go there as they come, and nowhere else. Precondition: it outlives the
    // collector, which does not finish it.
    void log_allocations(AllocationLog& log) { allocations_ = &log; }

    // What is handed on from now on goes there too, for as long as somebody else has the tap.
    void add_tap(const std::shared_ptr<RecordTap>& tap) { taps_.push_back(tap); }

    // Takes everything off the rings and hands on what the rule above allows. A ring that holds
    // nonsense is given up: what was read before is kept, the trace says so, and this throws
    // TraceError, once, after all other rings have been served.
    void drain(uint64_t up_to_ticks = all);

    // A device did something, at a time in nanoseconds of simulated time.
    void device_event(uint64_t nanoseconds, std::string_view device, std::string_view event,
                      int64_t value);
    // A line or another quantity of a device has a new value.
    void device_level(uint64_t nanoseconds, std::string_view device, std::string_view signal,
                      int64_t value);

    // Drains once more, hands on everything that is held and finishes the trace. If this throws for
    // nonsense in a ring, the trace is complete and has its name all the same.
    void finish();

    // Records that the kernel dropped because a ring was full, seen so far.
    [[nodiscard]] uint64_t lost(uint32_t cpu) const { return cpus_.at(cpu).lost; }
    [[nodiscard]] uint64_t lost() const;
    // Records and device events handed on, held back, and handed on after a later one.
    [[nodiscard]] uint64_t handed_on() const { return handed_on_; }
    [[nodiscard]] size_t held() const { return held_; }
    [[nodiscard]] uint64_t late() const { return late_; }
    // Ends of system calls and interrupts whose begin was not recorded.
    [[nodiscard]] uint64_t unmatched() const { return translator_ ? translator_->unmatched() : 0; }

  private:
    enum class Kind { Record, Lost, Broken };
    struct CpuEvent {
        uint64_t time;  // nanoseconds
        Kind kind;
        uint64_t lost;
        abi::TraceRecord record;
    };
    struct DeviceEvent {
        uint64_t time;  // nanoseconds
        DeviceEventKind kind;
        std::string device;
        std::string event;
        int64_t value;
    };
    struct CpuSource {
        std::deque<CpuEvent> held;
        std::optional<uint64_t> next_index;    // where our tail stands
        std::optional<uint64_t> newest_ticks;  // of the last record read
        uint64_t newest_time = 0;
        uint64_t lost = 0;
        std::string broken;  // why the ring was given up
    };

    void read_ring(uint32_t cpu);
    void read_records(uint32_t cpu, abi::TraceRing& ring, uint64_t tail, uint64_t head);
    void note_loss(uint32_t cpu, uint64_t lost_before);
    void check_record(uint32_t cpu, uint64_t index, const abi::TraceRecord& record) const;
    [[nodiscard]] uint64_t proven_watermark() const;
    void read_all_rings();
    void add_device(DeviceEvent event);
    // Hands on the oldest event if it is before the watermark (or in any case, without one).
    bool hand_on_oldest(std::optional<uint64_t> watermark);
    void hand_on(uint32_t cpu, const CpuEvent& event);
    void hand_on(const DeviceEvent& event);
    void tap(const TappedRecord& record);

    KernelView* view_;
    PerfettoWriter* writer_ = nullptr;
    std::optional<RecordTranslator> translator_;
    AllocationLog* allocations_ = nullptr;
    std::vector<std::weak_ptr<RecordTap>> taps_;
    std::array<CpuSource, abi::max_cpus> cpus_;
    std::deque<DeviceEvent> devices_;
    std::optional<uint64_t> newest_device_time_;
    size_t held_limit_;
    size_t held_ = 0;
    uint64_t handed_on_ = 0;
    uint64_t late_ = 0;
    uint64_t last_time_ = 0;
};

}  // namespace orrery::trace
