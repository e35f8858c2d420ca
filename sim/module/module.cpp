// SPDX-License-Identifier: Apache-2.0
// The Python module _orrery: the SystemC phone, and the view into a phone that runs elsewhere. The
// package `orrery` is what people use; this is its engine room.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "sim/module/inspection.hpp"
#include "sim/module/kernel_objects.hpp"
#include "sim/module/shared_phone.hpp"
#include "sim/phone/phone.hpp"
#include "sim/trace/disassembler.hpp"

namespace py = pybind11;
using namespace orrery;

namespace {

template <class T>
T taken(const py::dict& config, const char* key) {
    if (!config.contains(key)) {
        throw std::runtime_error(std::string("the configuration lacks \"") + key + "\"");
    }
    return config[key].cast<T>();
}

phone::CpuKind cpu_kind(const std::string& name) {
    if (name == "native") return phone::CpuKind::Native;
    if (name == "iss") return phone::CpuKind::InstructionSet;
    throw std::runtime_error("there is no kind of CPU \"" + name + "\": choose native or iss");
}

phone::Fidelity fidelity(const std::string& name) {
    if (name == "functional") return phone::Fidelity::Functional;
    if (name == "cycle") return phone::Fidelity::Cycle;
    if (name == "memory") return phone::Fidelity::Memory;
    throw std::runtime_error("there is no fidelity \"" + name +
                             "\": choose functional, cycle or memory");
}

phone::PhoneConfig phone_config(const py::dict& config) {
    return {.machine = taken<std::string>(config, "machine"),
            .cpu = cpu_kind(taken<std::string>(config, "cpu")),
            .fidelity = fidelity(taken<std::string>(config, "fidelity")),
            .seed = taken<uint64_t>(config, "seed"),
            .image = taken<std::string>(config, "image"),
            .archive = taken<std::string>(config, "archive"),
            .command_line = taken<std::string>(config, "bootargs"),
            .trace = taken<std::optional<std::string>>(config, "trace"),
            .allocations = taken<std::optional<std::string>>(config, "allocations"),
            .device_tree = taken<std::optional<std::string>>(config, "device_tree"),
            .huge_pages = taken<bool>(config, "huge_pages")};
}

const char* name_of(phone::StopReason reason) {
    switch (reason) {
        case phone::StopReason::Time: return "time";
        case phone::StopReason::Console: return "console";
        case phone::StopReason::PoweredOff: return "powered_off";
        case phone::StopReason::Panicked: return "panicked";
        case phone::StopReason::BatteryEmpty: return "battery_empty";
    }
    return "unknown";
}

void bind_kernel(py::module_& m) {
    using module::Container, module::Cpu, module::Epitaph, module::Fault, module::FrameNode,
        module::PageFrames, module::Kernel, module::KernelHeap, module::Task, module::CpuLoad,
        module::Pressure, module::Schedule;
    py::class_<Cpu>(m, "Cpu")
        .def_readonly("online", &Cpu::online)
        .def_readonly("thread", &Cpu::thread)
        .def_readonly("traps", &Cpu::traps)
        .def_readonly("system_calls", &Cpu::system_calls)
        .def_readonly("interrupts", &Cpu::interrupts)
        .def_readonly("faults", &Cpu::faults)
        .def_readonly("context_switches", &Cpu::context_switches)
        .def_readonly("idle_ns", &Cpu::idle_ns)
        .def_readonly("user_ns", &Cpu::user_ns);
    py::class_<Task>(m, "Task")
        .def_readonly("id", &Task::id)
        .def_readonly("parent", &Task::parent)
        .def_readonly("name", &Task::name)
        .def_readonly("reason", &Task::reason)
        .def_readonly("exit_code", &Task::exit_code)
        .def_readonly("threads", &Task::threads)
        .def_readonly("container", &Task::container)
        .def_readonly("frames", &Task::frames)
        .def_readonly("cpu_ns", &Task::cpu_ns)
        .def_readonly("cpu_mask", &Task::cpu_mask)
        .def_readonly("load_bias", &Task::load_bias);
    py::class_<Container>(m, "Container")
        .def_readonly("id", &Container::id)
        .def_readonly("parent", &Container::parent)
        .def_readonly("name", &Container::name)
        .def_readonly("state", &Container::state)
        .def_readonly("paused", &Container::paused)
        .def_readonly("depth", &Container::depth)
        .def_readonly("tasks", &Container::tasks)
        .def_readonly("pids", &Container::pids)
        .def_readonly("memory", &Container::memory)
        .def_readonly("memory_peak", &Container::memory_peak)
        .def_readonly("memory_max", &Container::memory_max)
        .def_readonly("cpu_ns", &Container::cpu_ns)
        .def_readonly("periods_throttled", &Container::periods_throttled)
        .def_readonly("out_of_memory_ends", &Container::out_of_memory_ends);
    py::class_<Fault>(m, "Fault")
        .def_readonly("task", &Fault::task)
        .def_readonly("thread", &Fault::thread)
        .def_readonly("name", &Fault::name)
        .def_readonly("time_ns", &Fault::time_ns)
        .def_readonly("syndrome", &Fault::syndrome)
        .def_readonly("address", &Fault::address)
        .def_readonly("pc", &Fault::pc)
        .def_readonly("sp", &Fault::sp)
        .def_readonly("pstate", &Fault::pstate)
        .def_readonly("load_bias", &Fault::load_bias)
        .def_readonly("x", &Fault::x)
        .def_readonly("instruction", &Fault::instruction)
        .def_readonly("disassembly", &Fault::disassembly)
        .def_readonly("explanation", &Fault::explanation);
    py::class_<Epitaph>(m, "Epitaph")
        .def_readonly("cpu", &Epitaph::cpu)
        .def_readonly("thread", &Epitaph::thread)
        .def_readonly("time_ns", &Epitaph::time_ns)
        .def_readonly("file", &Epitaph::file)
        .def_readonly("line", &Epitaph::line)
        .def_readonly("message", &Epitaph::message)
        .def_readonly("values", &Epitaph::values);
    py::class_<FrameNode>(m, "FrameNode")
        .def_readonly("id", &FrameNode::id)
        .def_readonly("frames_total", &FrameNode::frames_total)
        .def_readonly("frames_free", &FrameNode::frames_free)
        .def_readonly("metadata_bytes", &FrameNode::metadata_bytes)
        .def_readonly("free_blocks", &FrameNode::free_blocks);
    py::class_<PageFrames>(m, "PageFrames")
        .def_readonly("allocator", &PageFrames::allocator)
        .def_readonly("page_cache", &PageFrames::page_cache)
        .def_readonly("shown_ns", &PageFrames::shown_ns)
        .def_readonly("record_bytes", &PageFrames::record_bytes)
        .def_readonly("owners", &PageFrames::owners)
        .def_readonly("nodes", &PageFrames::nodes);
    py::class_<KernelHeap>(m, "KernelHeap")
        .def_readonly("allocator", &KernelHeap::allocator)
        .def_readonly("debug", &KernelHeap::debug)
        .def_readonly("frames", &KernelHeap::frames)
        .def_readonly("objects", &KernelHeap::objects)
        .def_readonly("bytes", &KernelHeap::bytes)
        .def_readonly("shown_ns", &KernelHeap::shown_ns);
    py::class_<CpuLoad>(m, "CpuLoad")
        .def_readonly("online", &CpuLoad::online)
        .def_readonly("isolated", &CpuLoad::isolated)
        .def_readonly("runnable", &CpuLoad::runnable)
        .def_readonly("averages", &CpuLoad::averages)
        .def_readonly("reserved", &CpuLoad::reserved)
        .def_readonly("runnable_ns", &CpuLoad::runnable_ns)
        .def_readonly("stolen", &CpuLoad::stolen);
    py::class_<Pressure>(m, "Pressure")
        .def_readonly("total_ns", &Pressure::total_ns)
        .def_readonly("averages", &Pressure::averages);
    py::class_<Schedule>(m, "Schedule")
        .def_readonly("policy", &Schedule::policy)
        .def_readonly("cpus", &Schedule::cpus)
        .def_readonly("some", &Schedule::some)
        .def_readonly("full", &Schedule::full);
    py::class_<Kernel>(m, "KernelView", "What the kernel shows of itself, at one moment.")
        .def_readonly("present", &Kernel::present)
        .def_readonly("state", &Kernel::state)
        .def_readonly("boot_ns", &Kernel::boot_ns)
        .def_readonly("init_ns", &Kernel::init_ns)
        .def_readonly("hold_ns", &Kernel::hold_ns)
        .def_readonly("holds", &Kernel::holds)
        .def_readonly("timer_frequency", &Kernel::timer_frequency)
        .def_readonly("power_off_code", &Kernel::power_off_code)
        .def_readonly("frames_total", &Kernel::frames_total)
        .def_readonly("frames_free", &Kernel::frames_free)
        .def_readonly("fault_count", &Kernel::fault_count)
        .def_readonly("trace_lost", &Kernel::trace_lost)
        .def_readonly("page_frames", &Kernel::page_frames)
        .def_readonly("memory", &Kernel::memory)
        .def_readonly("kernel_heap", &Kernel::kernel_heap)
        .def_readonly("schedule", &Kernel::schedule)
        .def_readonly("cpus", &Kernel::cpus)
        .def_readonly("tasks", &Kernel::tasks)
        .def_readonly("containers", &Kernel::containers)
        .def_readonly("faults", &Kernel::faults)
        .def_readonly("epitaph", &Kernel::epitaph);
}

power::PowerChoices power_choices(const py::dict& choices) {
    return {.ambient_celsius = taken<std::optional<double>>(choices, "ambient_celsius"),
            .battery_percent = taken<std::optional<double>>(choices, "battery_percent"),
            .trip_celsius = taken<std::optional<double>>(choices, "trip_celsius"),
            .autonomous_sleep = taken<std::optional<bool>>(choices, "autonomous_sleep")};
}

void bind_power(py::module_& m) {
    using phone::ClockReport, phone::PowerReport, phone::TemperatureReport;
    py::class_<power::Rail>(m, "Rail")
        .def_readonly("name", &power::Rail::name)
        .def_readonly("subsystem", &power::Rail::subsystem)
        .def_readonly("joules", &power::Rail::joules)
        .def_readonly("watts", &power::Rail::watts);
    py::class_<ClockReport>(m, "ClockReport")
        .def_readonly("name", &ClockReport::name)
        .def_readonly("kilohertz", &ClockReport::kilohertz)
        .def_readonly("throttled", &ClockReport::throttled);
    py::class_<TemperatureReport>(m, "TemperatureReport")
        .def_readonly("name", &TemperatureReport::name)
        .def_readonly("celsius", &TemperatureReport::celsius);
    py::class_<PowerReport>(m, "PowerReport", "Clocks, energy, heat and battery; modelled.")
        .def_readonly("rails", &PowerReport::rails)
        .def_readonly("clocks", &PowerReport::clocks)
        .def_readonly("temperatures", &PowerReport::temperatures)
        .def_readonly("ambient_celsius", &PowerReport::ambient_celsius)
        .def_readonly("battery_percent", &PowerReport::battery_percent)
        .def_readonly("battery_volts", &PowerReport::battery_volts)
        .def_readonly("battery_amperes", &PowerReport::battery_amperes)
        .def_readonly("battery_empty", &PowerReport::battery_empty);
}

// For each CPU: instructions and cycles, of EL0 and of the kernel.
py::list cpu_work(const phone::Phone& phone) {
    py::list all;
    for (const phone::Phone::CpuWork& work : phone.cpu_work()) {
        const auto cycles = [](const engine::Work& part) {
            return static_cast<double>(part.parts) / engine::parts_per_cycle;
        };
        py::dict cpu;
        cpu["user_instructions"] = work.user.instructions;
        cpu["user_cycles"] = cycles(work.user);
        cpu["kernel_instructions"] = work.kernel.instructions;
        cpu["kernel_cycles"] = cycles(work.kernel);
        all.append(cpu);
    }
    return all;
}

// For each CPU, as fields of orrery.MemoryCounts.
py::list memory_counts(const phone::Phone& phone) {
    py::list all;
    for (const memory::CpuCounts& counts : phone.memory_counts()) {
        py::dict cpu;
        const auto put = [&cpu](const std::string& name, const auto& level) {
            cpu[py::str(name + "_accesses")] = level.accesses;
            cpu[py::str(name + "_misses")] = level.misses;
        };
        put("l1i", counts.l1i);
        put("l1d", counts.l1d);
        put("l2", counts.l2);
        put("itlb", counts.translation.l1i);
        put("dtlb", counts.translation.l1d);
        put("l2_tlb", counts.translation.l2);
        cpu["walk_descriptors"] = counts.translation.descriptors;
        cpu["branches"] = counts.branches.branches;
        cpu["late_targets"] = counts.branches.late;
        cpu["mispredictions"] = counts.branches.mispredicted;
        cpu["prefetches"] = counts.prefetches;
        cpu["from_l3"] = counts.from_level3;
        cpu["from_another_cpu"] = counts.from_another_cpu;
        cpu["from_memory"] = counts.from_memory;
        all.append(cpu);
    }
    return all;
}

void bind_phone(py::module_& m) {
    using phone::Phone;
    module::PhoneClass phone(m, "Phone", "The phone in SystemC; one in a process.");
    phone
        .def(py::init([](const py::dict& config) {
                 return std::make_unique<Phone>(phone_config(config));
             }),
             py::arg("config"))
        .def("configure_power",
             [](Phone& self, const py::dict& choices) {
                 self.configure_power(power_choices(choices));
             })
        .def("power", &Phone::power, "Clocks, energy, heat and battery; modelled.")
        .def("boot", &Phone::boot, "Switches the phone on; no time passes.")
        .def(
            "run",
            [](Phone& self, uint64_t nanoseconds, bool until_console) {
                return name_of(self.run(nanoseconds, until_console));
            },
            py::arg("nanoseconds"), py::arg("until_console"),
            "Lets time pass; says why it stopped.")
        .def_property_readonly("now", &Phone::now)
        .def("console_take", [](Phone& self) { return py::bytes(self.take_console()); })
        .def("console_send",
             [](Phone& self, const py::bytes& data) {
                 const std::string text = data;
                 self.send_console({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
             })
        .def("kernel",
             [](const Phone& self) { return module::snapshot(self.kernel(), self.trace_lost()); })
        .def_property_readonly("cpu_work", &cpu_work)
        .def_property_readonly("memory_counts", &memory_counts)
        .def("finish", &Phone::finish, "Completes the trace.");
    module::bind_inspection(m, phone);
}

void bind_shared_phone(py::module_& m) {
    using module::SharedPhone;
    using Banks = std::vector<std::tuple<std::string, uint64_t, uint64_t>>;  // file, address, size
    py::class_<SharedPhone>(m, "SharedPhone", "A phone in another process, through its memory.")
        .def(py::init([](const Banks& banks, const py::bytes& image) {
            std::vector<trace::FileBank> file_banks;
            for (const auto& [file, physical, size] : banks) {
                file_banks.push_back({file, physical, size, 0});
            }
            return std::make_unique<SharedPhone>(file_banks, std::string(image));
        }))
        .def("locate", &SharedPhone::locate)
        .def_property_readonly("placed", &SharedPhone::placed)
        .def_property_readonly("hold_function", &SharedPhone::hold_function)
        .def("set_hold_at", &SharedPhone::set_hold_at)
        .def("kernel",
             [](const SharedPhone& self) {
                 return module::snapshot(self.view(), self.trace_lost());
             })
        .def("trace_open",
             [](SharedPhone& self, const std::optional<std::string>& target,
                const std::optional<std::string>& allocations) {
                 self.trace_open(target, allocations);
             })
        .def("tap_trace", &SharedPhone::tap_trace, py::arg("limit"))
        .def("trace_drain", &SharedPhone::trace_drain)
        .def("trace_finish", &SharedPhone::trace_finish)
        .def("close", &SharedPhone::close);
}

}  // namespace

PYBIND11_MODULE(_orrery, m) {
    m.doc() = "The engine room of the package `orrery`.";
    m.def("version", [] { return ORRERY_VERSION; });
    m.def(
        "disassemble",
        [](uint64_t pc, uint32_t word) { return trace::Disassembler().text(word, pc); },
        py::arg("pc"), py::arg("word"));
    bind_kernel(m);
    bind_power(m);
    module::bind_record_tap(m);
    bind_phone(m);
    bind_shared_phone(m);
}
