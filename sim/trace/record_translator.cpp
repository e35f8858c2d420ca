// SPDX-License-Identifier: Apache-2.0
// RecordTranslator: one function for each kind of record that needs more than a line.
#include "sim/trace/record_translator.hpp"

#include <fmt/format.h>

#include <bit>

#include "kernel/abi/container.hpp"
#include "kernel/abi/status.hpp"
#include "sim/trace/syndrome.hpp"

namespace orrery::trace {

namespace {

using abi::TraceRecord;
using abi::TraceType;

uint32_t id(uint64_t value) {
    return static_cast<uint32_t>(value);
}

std::string call_name(uint64_t number) {
    const std::string name = abi::system_call_name(static_cast<abi::SystemCall>(id(number)));
    const bool known = number < static_cast<uint64_t>(abi::SystemCall::Limit) && name != "unknown";
    return known ? name : fmt::format("system call {}", number);
}

// GIC interrupt ids; 27 and 30 are what Arm recommends for the timers (Base System Architecture).
std::string interrupt_name(uint64_t number) {
    if (number < 16) return fmt::format("inter-processor interrupt {}", number);
    if (number == 27) return "virtual timer interrupt 27";
    if (number == 30) return "physical timer interrupt 30";
    return fmt::format("interrupt {}", number);
}

const char* end_reason(uint64_t reason) {
    return abi::end_reason_name(static_cast<abi::EndReason>(reason));
}

const char* container_state(uint64_t state) {
    return abi::container_state_name(static_cast<abi::ContainerState>(state));
}

// A name of up to 16 bytes out of two words. Perfetto's strings are UTF-8: other bytes become '?'.
std::string unpack_name(uint64_t low, uint64_t high) {
    std::string name;
    for (unsigned i = 0; i < 16; ++i) {
        const uint64_t word = i < 8 ? low : high;
        const auto character = static_cast<unsigned char>(word >> (i % 8 * 8));
        if (character == 0) break;
        name += character >= 0x20 && character < 0x7f ? static_cast<char>(character) : '?';
    }
    return name;
}

}  // namespace

void RecordTranslator::record(uint64_t time, const TraceRecord& record) {
    switch (record.type) {
        case TraceType::None:
        case TraceType::FrameAllocate:
        case TraceType::FrameFree: return;  // these have a file of their own
        case TraceType::ThreadSwitch: return thread_switch(time, record);
        case TraceType::SystemCallEnter: return system_call_enter(time, record);
        case TraceType::SystemCallExit: return system_call_exit(time, record);
        case TraceType::Fault:
            return writer_->instant(
                time, track_of(record), fmt::format("fault: {}", describe_syndrome(record.b)),
                {{"address", Address{record.a}}, {"syndrome", Address{record.b}}});
        case TraceType::InterruptEnter:
            ++cpus_[record.cpu].open_interrupts;
            return writer_->slice_begin(time, interrupt_track(record.cpu),
                                        interrupt_name(record.a));
        case TraceType::InterruptExit: return interrupt_exit(time, record);
        case TraceType::ThreadCreate: return thread_create(time, id(record.a), id(record.b));
        case TraceType::ThreadExit: return thread_exit(time, id(record.a));
        case TraceType::TaskCreate: {
            const Task& task =
                tasks_[id(record.a)] = {id(record.b), fmt::format("task-{}", record.a)};
            return writer_->task(time, id(record.a), task.parent, task.name);
        }
        case TraceType::TaskName: return task_name(time, record);
        case TraceType::TaskExit: return task_exit(time, record);
        case TraceType::MemoryMap:
            return writer_->instant(time, track_of(record), "map memory",
                                    {{"address", Address{record.a}}, {"size", record.b}});
        case TraceType::MemoryUnmap:
            return writer_->instant(time, track_of(record), "unmap memory",
                                    {{"address", Address{record.a}}, {"size", record.b}});
        case TraceType::FramesFree:
            if (!frames_free_) frames_free_ = writer_->counter_track("Free frames");
            return writer_->counter(time, *frames_free_, std::bit_cast<int64_t>(record.a));
        case TraceType::ThreadWake:
            return writer_->thread_waking(time, record.cpu, record.thread, label(id(record.a)),
                                          id(record.b));
        case TraceType::CpuFrequency: return cpu_frequency(time, record);
        case TraceType::CpuOnline:
            return writer_->instant(time, kernel_track(record.cpu), "CPU online",
                                    {{"cpu", record.a}});
        case TraceType::ContainerName:
            containers_[record.thread] = unpack_name(record.a, record.b);
            return;
        case TraceType::ContainerState:
            return writer_->instant(
                time, track_of(record), fmt::format("container {}", container_state(record.b)),
                {{"container", record.a}, {"name", std::string_view(containers_[id(record.a)])}});
        case TraceType::ContainerThrottle:
            return writer_->instant(time, track_of(record), "container throttled",
                                    {{"container", record.a}, {"nanoseconds", record.b}});
    }
}

// The record does not say why the previous thread left. A thread inside a system call is taken to
// wait in it, except for a yield; outside one it was preempted and could go on.
void RecordTranslator::thread_switch(uint64_t time, const TraceRecord& record) {
    // What ran here is known from the switch to it; the record's own word counts when that is
    // missing.
    Cpu& cpu = cpus_[record.cpu];
    const uint32_t before = cpu.running.value_or(id(record.a));
    ThreadState state = ThreadState::Runnable;
    if (before != 0) {
        const Thread& left = thread(before);
        constexpr auto yield = static_cast<uint64_t>(abi::SystemCall::ThreadYield);
        if (left.open_call && *left.open_call != yield) state = ThreadState::Sleeping;
        if (left.ended) state = ThreadState::Ended;
    }
    writer_->thread_switch(time, record.cpu, label(before), state, label(record.thread));
    cpu.running = record.thread;
    forget_if_gone(before);
}

void RecordTranslator::system_call_enter(uint64_t time, const TraceRecord& record) {
    if (record.thread == 0) {
        ++unmatched_;
        return;
    }
    Thread& caller = thread(record.thread);
    const Track track = thread_track(record.thread);
    // A thread is in one call at a time, so the end of the one before has been lost.
    close_call(time, caller);
    caller.open_call = record.a;
    writer_->slice_begin(time, track, call_name(record.a), {{"argument", Address{record.b}}});
}

void RecordTranslator::system_call_exit(uint64_t time, const TraceRecord& record) {
    const auto caller = threads_.find(record.thread);
    if (caller == threads_.end() || caller->second.open_call != record.a) {
        ++unmatched_;
        return;
    }
    const auto result = std::bit_cast<int64_t>(record.b);
    if (result < 0 && result >= static_cast<int64_t>(abi::Status::UnknownCall)) {
        const std::string_view status =
            abi::status_name(static_cast<abi::Status>(static_cast<int>(result)));
        close_call(time, caller->second, {{"result", result}, {"status", status}});
    } else {
        close_call(time, caller->second, {{"result", result}});
    }
}

void RecordTranslator::cpu_frequency(uint64_t time, const TraceRecord& record) {
    for (uint32_t cpu = 0; cpu < abi::max_cpus; ++cpu) {
        if ((record.b >> cpu & 1) != 0) writer_->cpu_frequency(time, cpu, id(record.a));
    }
}

void RecordTranslator::interrupt_exit(uint64_t time, const TraceRecord& record) {
    Cpu& cpu = cpus_[record.cpu];
    if (cpu.open_interrupts == 0) {
        ++unmatched_;
        return;
    }
    --cpu.open_interrupts;
    writer_->slice_end(time, interrupt_track(record.cpu));
}

void RecordTranslator::thread_create(uint64_t time, uint32_t created, uint32_t task) {
    Thread fresh;
    fresh.task = task;
    const auto owner = tasks_.find(task);
    fresh.name = owner != tasks_.end() ? owner->second.name : fmt::format("task-{}", task);
    writer_->thread(time, created, task, fresh.name);
    threads_[created] = std::move(fresh);
}

void RecordTranslator::thread_exit(uint64_t time, uint32_t ended) {
    const auto found = threads_.find(ended);
    if (found == threads_.end()) return;
    close_call(time, found->second);
    found->second.ended = true;
    forget_if_gone(ended);
}

void RecordTranslator::task_name(uint64_t time, const TraceRecord& record) {
    // In this record the thread field holds the task's id.
    Task& task = tasks_[record.thread];
    task.name = unpack_name(record.a, record.b);
    writer_->task(time, record.thread, task.parent, task.name);
    for (auto& [number, thread] : threads_) {
        if (thread.task != record.thread || thread.ended) continue;
        thread.name = task.name;
        writer_->thread(time, number, thread.task, thread.name);
    }
}

void RecordTranslator::task_exit(uint64_t time, const TraceRecord& record) {
    const uint32_t ended = id(record.a);
    writer_->instant(time, track_of(record), "task exit",
                     {{"task", record.a}, {"reason", std::string_view(end_reason(record.b))}});
    std::vector<uint32_t> threads;
    for (const auto& [number, thread] : threads_) {
        if (thread.task == ended && ended != 0) threads.push_back(number);
    }
    for (const uint32_t number : threads) thread_exit(time, number);
    tasks_.erase(ended);
}

void RecordTranslator::lost(uint64_t time, uint32_t cpu, uint64_t count) {
    // What was open may have ended in the gap, and would never be closed.
    for (; cpus_[cpu].open_interrupts != 0; --cpus_[cpu].open_interrupts) {
        writer_->slice_end(time, interrupt_track(cpu));
    }
    cpus_[cpu].running.reset();
    writer_->data_loss(cpu);
    writer_->instant(time, kernel_track(cpu), "records lost", {{"count", count}});
}

void RecordTranslator::broken(uint64_t time, uint32_t cpu, std::string_view reason) {
    writer_->data_loss(cpu);
    writer_->instant(time, kernel_track(cpu), "trace ring unreadable", {{"reason", reason}});
}

void RecordTranslator::device(uint64_t time, DeviceEventKind kind, std::string_view device,
                              std::string_view event, int64_t value) {
    if (kind == DeviceEventKind::Level) {
        const Track track = device_track(fmt::format("{} {}", device, event), kind);
        return writer_->counter(time, track, value);
    }
    writer_->instant(time, device_track(device, kind), event, {{"value", value}});
}

// A thread that existed before the trace began is met here for the first time.
RecordTranslator::Thread& RecordTranslator::thread(uint32_t number) {
    const auto [place, fresh] = threads_.try_emplace(number);
    if (fresh) place->second.name = fmt::format("thread-{}", number);
    return place->second;
}

ThreadLabel RecordTranslator::label(uint32_t number) {
    if (number == 0) return {0, "idle"};
    return {number, thread(number).name};
}

void RecordTranslator::close_call(uint64_t time, Thread& thread, Annotations annotations) {
    if (!thread.open_call) return;
    writer_->slice_end(time, *thread.track, annotations);
    thread.open_call.reset();
}

// An ended thread is kept while it is still on a CPU, to name it in the switch away from it.
void RecordTranslator::forget_if_gone(uint32_t number) {
    const auto found = threads_.find(number);
    if (found == threads_.end() || !found->second.ended) return;
    for (const Cpu& cpu : cpus_) {
        if (cpu.running == number) return;
    }
    threads_.erase(found);
}

Track RecordTranslator::track_of(const TraceRecord& record) {
    return record.thread == 0 ? kernel_track(record.cpu) : thread_track(record.thread);
}

Track RecordTranslator::thread_track(uint32_t number) {
    Thread& owner = thread(number);
    if (!owner.track) {
        owner.track = owner.task != 0 ? writer_->thread_track(number, owner.task, owner.name)
                                      : writer_->named_track(owner.name);
    }
    return *owner.track;
}

Track RecordTranslator::kernel_track(uint32_t cpu) {
    std::optional<Track>& track = cpus_[cpu].kernel;
    if (!cpu_group_) cpu_group_ = writer_->group_track("CPUs");
    if (!track) track = writer_->named_track(fmt::format("CPU {} kernel", cpu), cpu_group_);
    return *track;
}

Track RecordTranslator::interrupt_track(uint32_t cpu) {
    std::optional<Track>& track = cpus_[cpu].interrupts;
    if (!cpu_group_) cpu_group_ = writer_->group_track("CPUs");
    if (!track) track = writer_->named_track(fmt::format("CPU {} interrupts", cpu), cpu_group_);
    return *track;
}

Track RecordTranslator::device_track(std::string_view name, DeviceEventKind kind) {
    if (!device_group_) device_group_ = writer_->group_track("Devices");
    auto& tracks = kind == DeviceEventKind::Level ? level_tracks_ : device_tracks_;
    auto found = tracks.find(name);
    if (found == tracks.end()) {
        const Track track = kind == DeviceEventKind::Level
                                ? writer_->counter_track(name, device_group_)
                                : writer_->named_track(name, device_group_);
        found = tracks.emplace(name, track).first;
    }
    return found->second;
}

}  // namespace orrery::trace
