// SPDX-License-Identifier: Apache-2.0
// The synthetic trace: CPUs take turns; in each turn a CPU is interrupted, wakes a thread,
// switches, and its thread makes calls.
#include "bench/trace_store/synthetic_trace.hpp"

#include <array>
#include <random>
#include <string>

#include "kernel/abi/trace.hpp"
#include "sim/trace/perfetto_writer.hpp"
#include "sim/trace/record_translator.hpp"

namespace trace_bench {

namespace {

using kernel::abi::TraceRecord;
using kernel::abi::TraceType;

constexpr uint32_t cpus = 8;
constexpr uint32_t tasks = 40;
constexpr uint32_t threads_of_task = 5;
constexpr uint32_t threads_of_cpu = tasks * threads_of_task / cpus;

uint64_t name_word(std::string_view text) {
    uint64_t word = 0;
    for (size_t i = 0; i < text.size() && i < 8; ++i) {
        word |= uint64_t{static_cast<unsigned char>(text[i])} << (8 * i);
    }
    return word;
}

class Phone final {
  public:
    explicit Phone(const std::filesystem::path& path) : writer_(path), translator_(writer_) {}

    void start() {
        for (uint32_t cpu = 0; cpu < cpus; ++cpu) put(TraceType::CpuOnline, cpu, 0, cpu, 0);
        for (uint32_t task = 1; task <= tasks; ++task) {
            put(TraceType::TaskCreate, 0, 0, task, 0);
            put(TraceType::TaskName, 0, task, name_word("task-" + std::to_string(task)), 0);
            for (uint32_t i = 0; i < threads_of_task; ++i) {
                put(TraceType::ThreadCreate, 0, 0, 1 + (task - 1) * threads_of_task + i, task);
            }
        }
    }

    void turn() {
        const auto cpu = static_cast<uint32_t>(random_() % cpus);
        // Some threads run much, most of them little.
        const uint64_t draw = random_() % threads_of_cpu;
        const auto thread = static_cast<uint32_t>(1 + cpu + cpus * (draw * draw / threads_of_cpu));
        interrupt(cpu, thread);
        if (running_[cpu] != thread) {
            put(TraceType::ThreadSwitch, cpu, thread, running_[cpu], 0);
            running_[cpu] = thread;
        }
        const uint64_t calls = 1 + random_() % 5;
        for (uint64_t i = 0; i < calls; ++i) call(cpu, thread);
        if (random_() % 4 != 0) return;
        put(TraceType::ThreadSwitch, cpu, 0, thread, 0);
        running_[cpu] = 0;
    }

    uint64_t finish() {
        writer_.finish();
        return events_;
    }
    [[nodiscard]] uint64_t events() const { return events_; }

  private:
    void interrupt(uint32_t cpu, uint32_t thread) {
        const uint64_t number = random_() % 5 == 0 ? 33 + random_() % 4 : 30;
        if (number != 30) {
            device("uart0 irq", 1);
            device("uart0", static_cast<int64_t>(random_() % 256));
        }
        put(TraceType::InterruptEnter, cpu, running_[cpu], number, 0);
        put(TraceType::ThreadWake, cpu, 0, thread, cpu);
        put(TraceType::InterruptExit, cpu, running_[cpu], number, 0);
        if (number != 30) device("uart0 irq", 0);
    }

    void call(uint32_t cpu, uint32_t thread) {
        const uint64_t number = 1 + random_() % 20;
        put(TraceType::SystemCallEnter, cpu, thread, number, random_() % 4096);
        if (random_() % 8 == 0) {
            put(TraceType::MemoryMap, cpu, thread, (random_() % 65536) << 12, 4096);
            put(TraceType::FramesFree, cpu, thread, 500'000 - random_() % 100'000, 1'000'000);
        }
        put(TraceType::SystemCallExit, cpu, thread, number, random_() % 16 == 0 ? ~uint64_t{1} : 0);
        if (random_() % 64 == 0) {
            put(TraceType::CpuFrequency, cpu, 0, 500'000 + random_() % 10 * 190'000, 0xf);
            events_ += 3;  // it becomes one for each of four CPUs
        }
    }

    void device(std::string_view name, int64_t value) {
        time_ += 1 + random_() % 400;
        const bool level = name.ends_with("irq");
        using Kind = orrery::trace::DeviceEventKind;
        translator_.device(time_, level ? Kind::Level : Kind::Instant, name,
                           level ? "level" : "receive", value);
        ++events_;
    }

    void put(TraceType type, uint32_t cpu, uint32_t thread, uint64_t a, uint64_t b) {
        time_ += 1 + random_() % 1500;
        TraceRecord record{};
        record.type = type;
        record.cpu = static_cast<uint16_t>(cpu);
        record.thread = thread;
        record.a = a;
        record.b = b;
        translator_.record(time_, record);
        const bool names = type == TraceType::TaskCreate || type == TraceType::TaskName ||
                           type == TraceType::ThreadCreate;
        events_ += names ? 0 : 1;
    }

    orrery::trace::PerfettoWriter writer_;
    orrery::trace::RecordTranslator translator_;
    std::mt19937_64 random_{1};
    std::array<uint32_t, cpus> running_{};
    uint64_t time_ = 0;
    uint64_t events_ = 0;
};

}  // namespace

uint64_t write_synthetic_trace(const std::filesystem::path& path, uint64_t events) {
    Phone phone(path);
    phone.start();
    while (phone.events() < events) phone.turn();
    return phone.finish();
}

}  // namespace trace_bench
