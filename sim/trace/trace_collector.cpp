// SPDX-License-Identifier: Apache-2.0
// TraceCollector: reading the rings, and the merge.
#include "sim/trace/trace_collector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <utility>

namespace orrery::trace {

namespace {

bool is_known(abi::TraceType type) {
    return type <= abi::TraceType::ContainerThrottle;
}

uint64_t load(uint64_t& value) {
    return std::atomic_ref<uint64_t>(value).load(std::memory_order_acquire);
}

bool is_of_frames(const abi::TraceRecord& record) {
    return record.type == abi::TraceType::FrameAllocate || record.type == abi::TraceType::FrameFree;
}

}  // namespace

TraceCollector::TraceCollector(KernelView& view, PerfettoWriter& writer, size_t held_limit)
    : view_(&view), writer_(&writer), translator_(writer), held_limit_(held_limit) {}

TraceCollector::TraceCollector(KernelView& view, size_t held_limit)
    : view_(&view), held_limit_(held_limit) {}

void TraceCollector::drain(uint64_t up_to_ticks) {
    std::optional<TraceError> error;
    try {
        read_all_rings();
    } catch (const TraceError& caught) {
        error = caught;
    }

    // Before the kernel has set its frequency there are no records, and nothing to convert.
    uint64_t watermark = 0;
    if (up_to_ticks == all) {
        watermark = proven_watermark();
    } else if (view_->timer_frequency() != 0) {
        watermark = view_->nanoseconds(up_to_ticks);
    }
    while (hand_on_oldest(watermark)) {
    }
    while (held_ > held_limit_) hand_on_oldest({});
    if (writer_ != nullptr) writer_->write_out();
    if (error) throw TraceError(*error);
}

void TraceCollector::finish() {
    std::optional<TraceError> error;
    try {
        read_all_rings();
    } catch (const TraceError& caught) {
        error = caught;
    }
    while (hand_on_oldest({})) {
    }
    if (writer_ != nullptr) writer_->finish();
    if (error) throw TraceError(*error);
}

// Every ring is read even if one is broken; the first complaint is thrown at the end.
void TraceCollector::read_all_rings() {
    std::optional<TraceError> error;
    for (uint32_t cpu = 0; cpu < abi::max_cpus; ++cpu) {
        CpuSource& source = cpus_[cpu];
        if (!source.broken.empty()) continue;
        try {
            read_ring(cpu);
        } catch (const TraceError& caught) {
            source.broken = caught.what();
            source.held.push_back({source.newest_time, Kind::Broken, 0, {}});
            ++held_;
            if (!error) error = caught;
        }
    }
    if (error) throw TraceError(*error);
}

void TraceCollector::read_ring(uint32_t cpu) {
    CpuSource& source = cpus_[cpu];
    abi::TraceRing& ring = view_->ring(cpu);
    if (load(ring.records) == 0 || load(ring.capacity) == 0) return;

    // The kernel writes the records before it publishes `head` (release); reading `head` with
    // acquire makes them visible. `lost` comes after: what it counts is at or behind `head`.
    const uint64_t head = load(ring.head);
    const uint64_t lost = load(ring.lost);
    const uint64_t tail = load(ring.tail);
    const uint64_t capacity = load(ring.capacity);
    if (!std::has_single_bit(capacity)) {
        throw TraceError(fmt::format("trace ring of CPU {}: the capacity {} is not a power of two",
                                     cpu, capacity));
    }
    if (head < tail || head - tail > capacity) {
        throw TraceError(
            fmt::format("trace ring of CPU {}: head {} and tail {} do not fit a ring of {} records",
                        cpu, head, tail, capacity));
    }
    if (source.next_index && *source.next_index != tail) {
        throw TraceError(fmt::format("trace ring of CPU {}: the tail was moved from {} to {}", cpu,
                                     *source.next_index, tail));
    }
    if (lost < source.lost) {
        throw TraceError(
            fmt::format("trace ring of CPU {}: the count of lost records fell from {} to {}", cpu,
                        source.lost, lost));
    }

    // Records are dropped while the ring is full, and only reading makes room. So those dropped
    // since the last time are behind what lies here if the ring is full, and before it if not.
    const uint64_t lost_before = std::exchange(source.lost, lost);
    const bool full = head - tail == capacity;
    if (!full) note_loss(cpu, lost_before);
    read_records(cpu, ring, tail, head);
    if (full) note_loss(cpu, lost_before);
}

void TraceCollector::read_records(uint32_t cpu, abi::TraceRing& ring, uint64_t tail,
                                  uint64_t head) {
    CpuSource& source = cpus_[cpu];
    const uint64_t capacity = load(ring.capacity);
    const auto records = view_->memory().view_array<abi::TraceRecord>(load(ring.records), capacity);
    for (uint64_t index = tail; index != head; ++index) {
        const abi::TraceRecord record = records[index & (records.size() - 1)];
        check_record(cpu, index, record);
        source.newest_ticks = record.ticks;
        source.newest_time = view_->nanoseconds(record.ticks);
        if (is_of_frames(record)) {
            if (allocations_ != nullptr) allocations_->add(source.newest_time, record);
        } else if (writer_ != nullptr) {
            source.held.push_back({source.newest_time, Kind::Record, 0, record});
            ++held_;
        }
    }

    // The records have been copied before the kernel may see their places as free (release).
    std::atomic_ref<uint64_t>(ring.tail).store(head, std::memory_order_release);
    source.next_index = head;
}

void TraceCollector::check_record(uint32_t cpu, uint64_t index,
                                  const abi::TraceRecord& record) const {
    if (record.type == abi::TraceType::None || !is_known(record.type)) {
        throw TraceError(fmt::format("trace ring of CPU {}: record {} has the unknown type {}", cpu,
                                     index, static_cast<uint32_t>(record.type)));
    }
    if (record.cpu != cpu) {
        throw TraceError(
            fmt::format("trace ring of CPU {}: record {} names CPU {}", cpu, index, record.cpu));
    }
    const std::optional<uint64_t>& newest = cpus_[cpu].newest_ticks;
    if (newest && record.ticks < *newest) {
        throw TraceError(fmt::format(
            "trace ring of CPU {}: time goes backwards at record {}, from tick {} to {}", cpu,
            index, *newest, record.ticks));
    }
}

// The gap lies somewhere after the last record read, whose time it gets.
void TraceCollector::note_loss(uint32_t cpu, uint64_t lost_before) {
    CpuSource& source = cpus_[cpu];
    if (source.lost == lost_before) return;
    source.held.push_back({source.newest_time, Kind::Lost, source.lost - lost_before, {}});
    ++held_;
}

uint64_t TraceCollector::proven_watermark() const {
    uint64_t watermark = UINT64_MAX;
    if (newest_device_time_) watermark = *newest_device_time_;
    const auto info = view_->cpus();
    for (uint32_t cpu = 0; cpu < abi::max_cpus; ++cpu) {
        const CpuSource& source = cpus_[cpu];
        const bool online = cpu < info.size() && info[cpu].online != 0;
        const bool tracing = load(view_->ring(cpu).records) != 0;
        if (!source.broken.empty() || !tracing) continue;
        if (online || source.newest_ticks) watermark = std::min(watermark, source.newest_time);
    }
    return watermark;
}

void TraceCollector::device_event(uint64_t nanoseconds, std::string_view device,
                                  std::string_view event, int64_t value) {
    add_device(
        {nanoseconds, DeviceEventKind::Instant, std::string(device), std::string(event), value});
}

void TraceCollector::device_level(uint64_t nanoseconds, std::string_view device,
                                  std::string_view signal, int64_t value) {
    add_device(
        {nanoseconds, DeviceEventKind::Level, std::string(device), std::string(signal), value});
}

// Devices run with time offsets of their own, so their events come almost in order.
void TraceCollector::add_device(DeviceEvent event) {
    newest_device_time_ = std::max(newest_device_time_.value_or(0), event.time);
    const auto place =
        std::upper_bound(devices_.begin(), devices_.end(), event.time,
                         [](uint64_t time, const DeviceEvent& other) { return time < other.time; });
    devices_.insert(place, std::move(event));
    ++held_;
    if (held_ > held_limit_) hand_on_oldest({});
}

bool TraceCollector::hand_on_oldest(std::optional<uint64_t> watermark) {
    // Devices first, then CPUs by number: a later source wins only with an earlier time.
    std::optional<uint64_t> oldest;
    if (!devices_.empty()) oldest = devices_.front().time;
    CpuSource* winner = nullptr;
    for (CpuSource& source : cpus_) {
        if (source.held.empty() || (oldest && source.held.front().time >= *oldest)) continue;
        oldest = source.held.front().time;
        winner = &source;
    }
    if (!oldest || (watermark && *oldest >= *watermark)) return false;

    if (*oldest < last_time_) ++late_;
    last_time_ = std::max(last_time_, *oldest);
    --held_;
    ++handed_on_;
    if (winner == nullptr) {
        const DeviceEvent event = std::move(devices_.front());
        devices_.pop_front();
        hand_on(event);
    } else {
        const CpuEvent event = winner->held.front();
        winner->held.pop_front();
        hand_on(static_cast<uint32_t>(winner - cpus_.data()), event);
    }
    return true;
}

void TraceCollector::hand_on(uint32_t cpu, const CpuEvent& event) {
    if (!translator_) return;
    if (!taps_.empty()) {
        const std::string source = fmt::format("cpu{}", cpu);
        const abi::TraceRecord& record = event.record;
        if (event.kind == Kind::Record)
            tap({event.time, source, std::string(trace_type_name(record.type)), record.thread,
                 record.a, record.b});
        else
            tap({event.time, source, event.kind == Kind::Lost ? "Lost" : "Broken", 0, event.lost,
                 0});
    }
    switch (event.kind) {
        case Kind::Record: return translator_->record(event.time, event.record);
        case Kind::Lost: return translator_->lost(event.time, cpu, event.lost);
        case Kind::Broken: return translator_->broken(event.time, cpu, cpus_[cpu].broken);
    }
}

void TraceCollector::hand_on(const DeviceEvent& event) {
    translator_->device(event.time, event.kind, event.device, event.event, event.value);
    if (!taps_.empty())
        tap({event.time, event.device, event.event, 0, static_cast<uint64_t>(event.value), 0});
}

void TraceCollector::tap(const TappedRecord& record) {
    std::erase_if(taps_, [&record](const std::weak_ptr<RecordTap>& each) {
        const auto target = each.lock();
        if (target) target->add(record);
        return !target;
    });
}

uint64_t TraceCollector::lost() const {
    uint64_t sum = 0;
    for (const CpuSource& source : cpus_) sum += source.lost;
    return sum;
}

}  // namespace orrery::trace
