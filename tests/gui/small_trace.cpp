// SPDX-License-Identifier: Apache-2.0
// small_trace: see the header.
#include "tests/gui/small_trace.hpp"

#include "tests/gui/trace/written_trace.hpp"

namespace inspector::testing {

void write_small_trace(const std::filesystem::path& path) {
    PerfettoWriter writer(path);
    RecordTranslator translator(writer);
    using abi::TraceType;
    const auto put = [&](uint64_t time, TraceType type, uint32_t cpu, uint32_t thread, uint64_t a,
                         uint64_t b = 0) {
        translator.record(time, record(type, cpu, thread, a, b));
    };
    put(100, TraceType::TaskCreate, 0, 0, 1, 0);
    put(100, TraceType::TaskName, 0, 1, 0x74696e69, 0);  // "init"
    put(100, TraceType::ThreadCreate, 0, 0, 2, 1);
    put(100, TraceType::ThreadCreate, 0, 0, 3, 1);
    put(200, TraceType::CpuOnline, 0, 0, 0);
    put(300, TraceType::CpuOnline, 1, 0, 1);
    put(1000, TraceType::ThreadSwitch, 0, 2, 0);
    put(2000, TraceType::SystemCallEnter, 0, 2, 1, 4096);
    put(2500, TraceType::ThreadWake, 0, 2, 3, 1);
    put(3000, TraceType::SystemCallExit, 0, 2, 1, 0);
    put(4000, TraceType::ThreadSwitch, 1, 3, 0);
    put(5000, TraceType::ThreadSwitch, 0, 0, 2);
    put(6000, TraceType::FramesFree, 1, 3, 1000, 2000);
    put(7000, TraceType::ThreadSwitch, 0, 2, 0);
    put(8000, TraceType::ThreadSwitch, 0, 0, 2);
    put(10000, TraceType::FramesFree, 1, 3, 500, 2000);
    writer.finish();
}

}  // namespace inspector::testing
