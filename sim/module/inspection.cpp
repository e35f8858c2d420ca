// SPDX-License-Identifier: Apache-2.0
// What a session sees of the SystemC phone.
#include "sim/module/inspection.hpp"

#include <pybind11/stl.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <systemc>
#include <vector>

#include "sim/phone/cpu.hpp"
#include "sim/phone/native_memory.hpp"
#include "sim/phone/native_objects.hpp"

namespace py = pybind11;

namespace orrery::module {
namespace {

// An object of the simulation: its name, kind and children. Processes and sockets are left out:
// they are how a module is made, not what it is made of.
py::list objects_of(const std::vector<sc_core::sc_object*>& objects) {
    py::list all;
    for (const sc_core::sc_object* object : objects) {
        if (dynamic_cast<const sc_core::sc_module*>(object) == nullptr) continue;
        all.append(py::make_tuple(object->basename(), object->kind(),
                                  objects_of(object->get_child_objects())));
    }
    return all;
}

phone::Cpu& cpu_at(const phone::Phone& phone, size_t cpu) {
    if (cpu >= phone.cpus().size()) throw std::runtime_error("there is no such CPU");
    return *phone.cpus()[cpu];
}

py::dict registers(const phone::Phone& phone, size_t cpu) {
    const engine::UserRegisters values = cpu_at(phone, cpu).registers();
    py::dict all;
    for (size_t i = 0; i < values.x.size(); ++i)
        all[py::str("x" + std::to_string(i))] = values.x[i];
    all["sp"] = values.sp;
    all["pc"] = values.pc;
    all["pstate"] = values.pstate;
    all["tpidr_el0"] = values.tpidr;
    return all;
}

// Sets some of the registers, by the names of registers(). False: not in the middle of what the CPU
// does.
bool set_registers(const phone::Phone& phone, size_t cpu,
                   const std::map<std::string, uint64_t>& values) {
    phone::Cpu& target = cpu_at(phone, cpu);
    engine::UserRegisters registers = target.registers();
    std::map<std::string, uint64_t*> places{{"sp", &registers.sp},
                                            {"pc", &registers.pc},
                                            {"pstate", &registers.pstate},
                                            {"tpidr_el0", &registers.tpidr}};
    for (size_t i = 0; i < registers.x.size(); ++i)
        places["x" + std::to_string(i)] = &registers.x[i];
    for (const auto& [name, value] : values) *places.at(name) = value;
    return target.set_registers(registers);
}

// V0 to V31 of 16 bytes each, FPSR and FPCR of four, lowest byte first.
py::bytes vectors(const phone::Phone& phone, size_t cpu) {
    const engine::VectorRegisters values = cpu_at(phone, cpu).vectors();
    std::string data(reinterpret_cast<const char*>(values.v.data()), sizeof values.v);
    for (const uint32_t word : {values.fpsr, values.fpcr})
        data.append(reinterpret_cast<const char*>(&word), sizeof word);
    return data;
}

// The handler is called with a CPU and an address, before the instruction there is executed. After
// it run() comes back early.
void on_breakpoint(phone::Phone& phone, const py::function& handler) {
    for (size_t cpu = 0; cpu < phone.cpus().size(); ++cpu) {
        phone.cpus()[cpu]->on_breakpoint = [&phone, cpu, handler](uint64_t address) {
            try {
                handler(cpu, address);
            } catch (py::error_already_set& error) {
                error.discard_as_unraisable("a breakpoint's handler");  // it must not throw
            }
            phone.cut();
        };
    }
}

py::bytes read_physical(const phone::Phone& phone, uint64_t address, size_t size) {
    std::string data(size, '\0');
    const std::span<char> bytes(data);
    data.resize(phone.read_physical(address, std::as_writable_bytes(bytes)));
    return data;
}

unsigned write_physical(phone::Phone& phone, uint64_t address, const py::bytes& data) {
    const std::string bytes = data;
    return phone.write_physical(address, std::as_bytes(std::span(bytes)));
}

// None while the kernel changes them.
template <class Row, class Fill>
py::object rows(const std::optional<std::vector<Row>>& rows, const Fill& fill) {
    if (!rows) return py::none();
    py::list all;
    for (const Row& row : *rows) {
        py::dict entry;
        fill(entry, row);
        all.append(entry);
    }
    return all;
}

// None for nothing that is waited for; what does not apply is left out.
py::object waited_for(const phone::NativeWait& wait, const trace::KernelView& view) {
    if (wait.type.empty()) return py::none();
    py::dict entry;
    entry["type"] = wait.type;
    if (wait.object != 0) entry["object"] = wait.object;
    if (wait.type == "futex") entry["offset"] = wait.offset;
    if (wait.thread != 0) entry["thread"] = wait.thread;
    if (wait.task != 0) entry["task"] = wait.task;
    const bool has_end = wait.until != 0 && wait.until != UINT64_MAX;
    if (has_end) entry["until"] = view.nanoseconds(wait.until);
    return entry;
}

py::object threads(const phone::Phone& phone) {
    const std::optional<trace::KernelView> view = phone.kernel();
    if (!view) return py::list();
    return rows(phone::native_threads(), [&](py::dict& entry, const phone::NativeThread& thread) {
        entry["id"] = thread.id;
        entry["task"] = thread.task;
        entry["state"] = thread.state;
        entry["cpu"] = thread.cpu;
        entry["pc"] = thread.pc;
        entry["sp"] = thread.sp;
        entry["system_call"] =
            thread.call == 0 ? py::object(py::none()) : py::int_(thread.call - 1);
        entry["waits_for"] = waited_for(thread.wait, *view);
    });
}

py::object rights(uint32_t task) {
    return rows(phone::native_rights(task), [](py::dict& entry, const phone::NativeRight& right) {
        entry["name"] = right.name;
        entry["type"] = right.type;
        entry["mask"] = right.mask;
        entry["badge"] = right.badge;
        entry["object"] = right.object;
    });
}

py::object ports() {
    return rows(phone::native_ports(), [](py::dict& entry, const phone::NativePort& port) {
        entry["object"] = port.object;
        entry["type"] = port.is_set ? "port set" : "port";
        entry["set"] = port.set;
        entry["queued"] = port.queued;
        entry["limit"] = port.limit;
        entry["receivers"] = port.receivers;
        entry["senders"] = port.senders;
        py::list all;
        for (const phone::NativePortRight& right : port.rights) {
            py::dict row;
            row["task"] = right.task;
            row["name"] = right.name;
            row["mask"] = right.mask;
            row["badge"] = right.badge;
            all.append(row);
        }
        entry["rights"] = all;
    });
}

// What is unlimited is None.
py::object limit_of(uint64_t value) {
    return value == kernel::abi::unlimited ? py::object(py::none()) : py::int_(value);
}

py::object limits() {
    const std::optional<phone::NativeLimits> all = phone::native_limits();
    if (!all) return py::none();
    py::list tasks;
    for (const phone::NativeTaskLimit& limit : all->tasks) {
        py::dict entry;
        entry["id"] = limit.task;
        entry["frames"] = limit_of(limit.frames);
        tasks.append(entry);
    }
    py::list containers;
    for (const phone::NativeContainerLimit& limit : all->containers) {
        py::dict entry;
        entry["id"] = limit.container;
        entry["pids"] = limit_of(limit.pids);
        entry["weight"] = limit.weight;
        entry["quota"] = limit_of(limit.quota);
        entry["period"] = limit.period;
        containers.append(entry);
    }
    py::dict limits;
    limits["tasks"] = tasks;
    limits["containers"] = containers;
    return limits;
}

// Rows without names, as there are many; and where to go on.
py::tuple frames(uint64_t position, size_t most) {
    const phone::NativeFramesPart part = phone::native_frames(position, most);
    py::list all;
    for (const phone::NativeFrames& row : part.frames) {
        all.append(
            py::make_tuple(row.first, row.count, row.owner, row.task, row.movable, row.order));
    }
    return py::make_tuple(all, part.next);
}

// None for another heap.
py::object caches(const phone::Phone& phone) {
    const std::optional<trace::KernelView> view = phone.kernel();
    if (!view) return py::none();
    const kernel::abi::HeapInfo heap = view->heap();
    if (heap.debug != 0 || std::string_view(heap.allocator) != "slab") return py::none();
    py::list all;
    for (const phone::NativeCache& cache : phone::native_caches()) {
        py::dict entry;
        entry["name"] = cache.name;
        entry["size"] = cache.size;
        entry["frames"] = cache.frames;
        entry["capacity"] = cache.capacity;
        entry["used"] = cache.used;
        entry["kept"] = cache.kept;
        all.append(entry);
    }
    return all;
}

}  // namespace

void bind_record_tap(py::module_& m) {
    using trace::RecordTap;
    py::class_<RecordTap, std::shared_ptr<RecordTap>>(m, "RecordTap",
                                                      "Records of the trace, until they are taken.")
        .def(
            "take",
            [](RecordTap& self, size_t most) {
                py::list all;
                for (const trace::TappedRecord& record : self.take(most)) {
                    all.append(py::make_tuple(record.time, record.source, record.name,
                                              record.thread, record.a, record.b));
                }
                return all;
            },
            py::arg("most"))
        .def_property_readonly("size", &RecordTap::size)
        .def_property_readonly("dropped", &RecordTap::dropped);
}

void bind_inspection(py::module_& m, PhoneClass& phone) {
    using phone::Phone;
    m.def("systemc_version", [] { return std::string(sc_core::sc_release()); });
    phone
        .def("objects",
             [](const Phone&) { return objects_of(sc_core::sc_get_top_level_objects()); })
        .def_property_readonly("delta_cycles",
                               [](const Phone&) { return sc_core::sc_delta_count(); })
        .def_property_readonly("cpu_count", [](const Phone& self) { return self.cpus().size(); })
        .def_property_readonly("kernel_begin", &Phone::kernel_begin)
        .def("registers", &registers, py::arg("cpu"))
        .def("set_registers", &set_registers, py::arg("cpu"), py::arg("values"))
        .def("vectors", &vectors, py::arg("cpu"))
        .def(
            "exception_return",
            [](const Phone& self, size_t cpu) { return cpu_at(self, cpu).exception_return(); },
            py::arg("cpu"), "Program counter and PSTATE; None at EL0.")
        .def(
            "address_space",
            [](const Phone& self, size_t cpu) { return cpu_at(self, cpu).address_space(); },
            py::arg("cpu"), "What EL0 of the CPU is translated by.")
        .def(
            "translate",
            [](const Phone& self, size_t cpu, uint64_t address) {
                return cpu_at(self, cpu).translate(address);
            },
            py::arg("cpu"), py::arg("address"))
        .def(
            "set_breakpoint",
            [](const Phone& self, size_t cpu, uint64_t address, bool set) {
                cpu_at(self, cpu).set_breakpoint(address, set);
            },
            py::arg("cpu"), py::arg("address"), py::arg("set"))
        .def("on_breakpoint", &on_breakpoint, py::arg("handler"))
        .def("read_physical", &read_physical, py::arg("address"), py::arg("size"))
        .def("write_physical", &write_physical, py::arg("address"), py::arg("data"))
        .def("memory_digests", &Phone::memory_digests)
        .def("threads", &threads, "Of a native kernel, as all that follow.")
        .def(
            "rights", [](const Phone&, uint32_t task) { return rights(task); }, py::arg("task"))
        .def(
            "task", [](const Phone&, unsigned cpu) { return phone::native_task(cpu); },
            py::arg("cpu"), "Of a native kernel: whose thread runs on a CPU.")
        .def("limits", [](const Phone&) { return limits(); })
        .def("ports", [](const Phone&) { return ports(); })
        .def(
            "frames",
            [](const Phone&, uint64_t position, size_t most) { return frames(position, most); },
            py::arg("position"), py::arg("most"))
        .def("caches", &caches)
        .def("new_future", &Phone::new_future)
        .def("show_trace", &Phone::show_trace)
        .def("tap_trace", &Phone::tap_trace, py::arg("limit"));
}

}  // namespace orrery::module
