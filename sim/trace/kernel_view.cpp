// SPDX-License-Identifier: Apache-2.0
// KernelView: checks, copies and exact conversion of time.
#include "sim/trace/kernel_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstring>

namespace orrery::trace {

namespace {

constexpr uint64_t nanoseconds_per_second = 1'000'000'000;

// The guest may be writing: read a value whole, and what it was written after as well.
template <typename T>
T load(T& value) {
    return std::atomic_ref<T>(value).load(std::memory_order_acquire);
}

template <size_t Size>
std::string text(const char (&characters)[Size]) {
    return {characters, strnlen(characters, Size)};
}

unsigned __int128 wide(uint64_t value) {
    return value;
}

uint64_t saturate(unsigned __int128 value) {
    return value > UINT64_MAX ? UINT64_MAX : static_cast<uint64_t>(value);
}

// What is wrong with the KernelInfo at an address; empty if nothing is.
std::string complaint(const GuestMemory& memory, uint64_t physical) {
    if (physical % alignof(abi::KernelInfo) != 0 ||
        !memory.contains(physical, sizeof(abi::KernelInfo))) {
        return fmt::format("no KernelInfo at {:#x}: the address is misaligned or not in RAM",
                           physical);
    }
    auto& info = memory.view<abi::KernelInfo>(physical);
    if (const uint64_t magic = load(info.magic); magic != abi::info_magic) {
        return fmt::format("no KernelInfo at {:#x}: the magic number is {:#x} instead of {:#x}",
                           physical, magic, abi::info_magic);
    }
    if (const uint32_t version = load(info.version); version != abi::info_version) {
        return fmt::format("KernelInfo at {:#x} has version {}, this build reads version {}",
                           physical, version, abi::info_version);
    }
    if (const uint32_t size = load(info.size); size != sizeof(abi::KernelInfo)) {
        return fmt::format("KernelInfo at {:#x} has {} bytes, this build reads {}", physical, size,
                           sizeof(abi::KernelInfo));
    }
    return {};
}

}  // namespace

KernelView::KernelView(const GuestMemory& memory, uint64_t info_physical)
    : memory_(&memory), info_physical_(info_physical), info_(nullptr) {
    if (const std::string wrong = complaint(memory, info_physical); !wrong.empty()) {
        throw TraceError(wrong);
    }
    info_ = &memory.view<abi::KernelInfo>(info_physical);
}

bool KernelView::present(const GuestMemory& memory, uint64_t info_physical) {
    return complaint(memory, info_physical).empty();
}

abi::KernelState KernelView::state() const {
    return load(info_->state);
}
uint32_t KernelView::cpus_present() const {
    return std::min(load(info_->cpus_present), abi::max_cpus);
}
uint64_t KernelView::timer_frequency() const {
    return load(info_->timer_frequency);
}
uint64_t KernelView::boot_ticks() const {
    return load(info_->boot_ticks);
}
uint64_t KernelView::init_ticks() const {
    return load(info_->init_ticks);
}
int64_t KernelView::power_off_code() const {
    return load(info_->power_off_code);
}
uint64_t KernelView::frames_total() const {
    return load(info_->frames_total);
}
uint64_t KernelView::frames_of(abi::FrameOwner owner) const {
    uint64_t sum = owner == abi::FrameOwner::Free ? frames_total() : 0;
    for (abi::FrameCounts& cpu : info_->frame_counts) {
        sum += load(cpu.owners[static_cast<uint32_t>(owner)]);
    }
    return sum;
}
uint64_t KernelView::frames_free() const {
    return frames_of(abi::FrameOwner::Free);
}
uint64_t KernelView::frame_record_bytes() const {
    return load(info_->frame_record_bytes);
}
abi::PressureInfo KernelView::pressure() const {
    return info_->pressure;
}
abi::MemoryEvents KernelView::memory_events() const {
    // Nothing but counters of 64 bits, whatever they count.
    using Counters = std::array<uint64_t, sizeof(abi::MemoryEvents) / sizeof(uint64_t)>;
    Counters sum{};
    for (const abi::MemoryEvents& cpu : info_->memory) {
        const auto counters = std::bit_cast<Counters>(cpu);
        for (size_t i = 0; i < sum.size(); ++i) sum[i] += counters[i];
    }
    return std::bit_cast<abi::MemoryEvents>(sum);
}
abi::FrameInfo KernelView::frames() const {
    return info_->frames;
}
abi::ScheduleInfo KernelView::schedule() const {
    return info_->schedule;
}
abi::HeapInfo KernelView::heap() const {
    return info_->heap;
}
uint64_t KernelView::hold_at() const {
    return load(info_->hold_at);
}
uint64_t KernelView::hold_ticks() const {
    return load(info_->hold_ticks);
}
uint64_t KernelView::holds() const {
    return load(info_->holds);
}
uint64_t KernelView::console_written() const {
    return load(info_->console_written);
}
uint64_t KernelView::console_read() const {
    return load(info_->console_read);
}
uint64_t KernelView::fault_count() const {
    return load(info_->fault_count);
}

std::vector<abi::CpuInfo> KernelView::cpus() const {
    return {info_->cpus, info_->cpus + cpus_present()};
}

std::vector<Task> KernelView::tasks() const {
    std::vector<Task> used;
    for (const abi::TaskInfo& slot : info_->tasks) {
        // One copy decides: the slot may be freed between a look and a second one.
        const abi::TaskInfo copy = slot;
        if (copy.id != 0) used.push_back({copy, text(copy.name)});
    }
    return used;
}

std::vector<Container> KernelView::containers() const {
    std::vector<Container> used;
    for (const abi::ContainerInfo& slot : info_->containers) {
        const abi::ContainerInfo copy = slot;
        if (copy.id != 0) used.push_back({copy, text(copy.name)});
    }
    std::sort(used.begin(), used.end(),
              [](const Container& a, const Container& b) { return a.info.id < b.info.id; });
    return used;
}

std::vector<Fault> KernelView::faults() const {
    const uint64_t count = fault_count();
    const uint64_t first = count - std::min<uint64_t>(count, abi::max_fault_reports);
    std::vector<Fault> kept;
    for (uint64_t number = first; number < count; ++number) {
        const abi::FaultReport copy = info_->faults[number % abi::max_fault_reports];
        kept.push_back({copy, text(copy.name)});
    }

    // Reports written meanwhile have overwritten the oldest that were copied.
    const uint64_t now = fault_count();
    const uint64_t valid = now - std::min<uint64_t>(now, abi::max_fault_reports);
    if (valid > first) {
        const auto stale = std::min<uint64_t>(valid - first, kept.size());
        kept.erase(kept.begin(), kept.begin() + static_cast<ptrdiff_t>(stale));
    }
    return kept;
}

std::optional<abi::Epitaph> KernelView::epitaph() const {
    if (load(info_->epitaph.valid) == 0) return std::nullopt;
    return info_->epitaph;
}

abi::TraceRing& KernelView::ring(uint32_t cpu) const {
    if (cpu >= abi::max_cpus) throw TraceError(fmt::format("there is no trace ring {}", cpu));
    return info_->rings[cpu];
}

uint64_t KernelView::nanoseconds(uint64_t ticks) const {
    const uint64_t frequency = timer_frequency();
    if (frequency == 0) throw TraceError("the kernel has not set its timer frequency yet");
    return saturate(wide(ticks) * nanoseconds_per_second / frequency);
}

uint64_t KernelView::ticks(uint64_t nanoseconds) const {
    const uint64_t frequency = timer_frequency();
    if (frequency == 0) throw TraceError("the kernel has not set its timer frequency yet");
    const unsigned __int128 product = wide(nanoseconds) * frequency;
    return saturate((product + nanoseconds_per_second - 1) / nanoseconds_per_second);
}

void KernelView::set_hold_at(uint64_t nanoseconds) {
    // Zero means never to the kernel; time zero is over anyway, as is tick one.
    const uint64_t when = std::max<uint64_t>(ticks(nanoseconds), 1);
    std::atomic_ref<uint64_t>(info_->hold_at).store(when, std::memory_order_release);
}

void KernelView::clear_hold() {
    std::atomic_ref<uint64_t>(info_->hold_at).store(0, std::memory_order_release);
}

}  // namespace orrery::trace
