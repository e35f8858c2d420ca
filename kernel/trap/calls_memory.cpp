// SPDX-License-Identifier: Apache-2.0
// System calls on memory.
#include "kernel/kernel.hpp"
#include "kernel/trap/system_calls.hpp"

namespace kernel {

void note_memory_change(const Call& call, abi::TraceType type, uint64_t address, uint64_t size) {
    Kernel& k = kernel();
    k.info.tasks[call.task().slot].frames = call.task().space.frames_owned();
    k.trace.put(type, call.thread().id, address, size);
    k.trace.put(abi::TraceType::FramesFree, call.thread().id, k.frames.free_frames(),
                k.info.frames_total);
}

namespace calls {
namespace {

uint32_t protection_argument(uint64_t value) {
    // Bits that do not fit become an unknown bit, which is refused.
    return value > 0xff ? 0xffU : static_cast<uint32_t>(value);
}

}  // namespace

void memory_map(Call& call) {
    constexpr uint64_t flags = abi::MapOvercommit | abi::MapPopulate;
    const uint64_t size = call.argument(0);
    const Result<uint64_t> address = call.task().space.map(
        MapRequest{.size = size,
                   .protection = protection_argument(call.argument(1) & ~flags),
                   .flags = static_cast<uint32_t>(call.argument(1) & flags),
                   .address = call.argument(2)});
    if (address.ok()) note_memory_change(call, abi::TraceType::MemoryMap, address.value(), size);
    call.finish(address);
}

void memory_unmap(Call& call) {
    const uint64_t address = call.argument(0);
    const uint64_t size = call.argument(1);
    const Status status = call.task().space.unmap(address, size);
    if (status == Status::Ok) note_memory_change(call, abi::TraceType::MemoryUnmap, address, size);
    call.finish(status);
}

void memory_protect(Call& call) {
    call.finish(call.task().space.protect(call.argument(0), call.argument(1),
                                          protection_argument(call.argument(2))));
}

void archive_map(Call& call) {
    const FrameRange& archive = kernel().machine.archive;
    // Programs see whole pages; the file's own first byte need not be at a page's start.
    const uint64_t begin = archive.begin & ~(hal::page_size - 1);
    const Result<uint64_t> address =
        call.task().space.map_borrowed(begin, archive.end - begin, abi::ProtectionRead);
    if (!address.ok()) return call.finish(address.status());
    note_memory_change(call, abi::TraceType::MemoryMap, address.value(), archive.end - begin);
    call.finish(address.value() + (archive.begin - begin), archive.end - archive.begin);
}

void memory_copy(Call& call) {
    const uint64_t size = call.argument(1);
    const Result<uint64_t> address = call.task().space.copy(call.argument(0), size);
    if (address.ok()) {
        note_memory_change(call, abi::TraceType::MemoryMap, address.value(), size);
    }
    call.finish(address);
}

void memory_advise(Call& call) {
    AddressSpace& space = call.task().space;
    const uint64_t address = call.argument(0);
    const uint64_t size = call.argument(1);
    Status status = check_range(address, size);
    if (status == Status::Ok) {
        switch (call.argument(2)) {
            case static_cast<uint64_t>(abi::MemoryAdvice::Discard):
                status = space.discard(address, size);
                break;
            case static_cast<uint64_t>(abi::MemoryAdvice::WillNeed):
                status = space.populate(address, size);
                break;
            case static_cast<uint64_t>(abi::MemoryAdvice::PageOut):
                status = space.page_out(address, size);
                break;
            case static_cast<uint64_t>(abi::MemoryAdvice::Huge):
                status = space.want_blocks(address, size);
                break;
            case static_cast<uint64_t>(abi::MemoryAdvice::NoHuge):
                status = space.refuse_blocks(address, size);
                break;
            default: status = Status::InvalidArgument;
        }
    }
    kernel().info.tasks[call.task().slot].frames = space.frames_owned();
    call.finish(status);
}

void memory_query(Call& call) {
    abi::PageInfo info{};
    const Status status = call.task().space.query(call.argument(0), info);
    if (status != Status::Ok) return call.finish(status);
    call.finish(call.task().space.write(call.argument(1), &info, sizeof info));
}

}  // namespace calls
}  // namespace kernel
