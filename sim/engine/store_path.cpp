// SPDX-License-Identifier: Apache-2.0
// Which frames hold translated code, and from that which stores may take the fast path.
#include "sim/engine/store_path.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include "sim/engine/library.hpp"
#include "sim/engine/system_registers.hpp"

namespace orrery::engine {

StoreMode store_mode_from_environment() {
    const char* value = std::getenv("ORRERY_ENGINE_STORES");
    if (value == nullptr) return StoreMode::Accelerated;
    const std::string_view name = value;
    if (name.empty() || name == "accelerated") return StoreMode::Accelerated;
    if (name == "stock") return StoreMode::Stock;
    throw std::runtime_error("ORRERY_ENGINE_STORES is \"" + std::string(name) +
                             "\"; it must be \"accelerated\" or \"stock\"");
}

void StorePath::add_bank(const MemoryBank& bank, std::uint64_t ram_address) {
    banks_.push_back({bank, ram_address, std::vector<Frame>(bank.size / bits::page_size)});
}

StorePath::Frame* StorePath::frame_at_ram(std::uint64_t ram_address, std::byte*& host) {
    for (Bank& bank : banks_) {
        const std::uint64_t offset = ram_address - bank.ram_address;
        if (offset >= bank.memory.size) continue;
        host = bank.memory.host + (offset & ~bits::page_mask);
        return &bank.frames[offset / bits::page_size];
    }
    return nullptr;
}

StorePath::Frame* StorePath::frame_at_physical(std::uint64_t physical) {
    for (Bank& bank : banks_) {
        const std::uint64_t offset = physical - bank.memory.physical_base;
        if (offset < bank.memory.size) return &bank.frames[offset / bits::page_size];
    }
    return nullptr;
}

void StorePath::first_block_translated(void* cpu, std::uint64_t ram_address) {
    ++counters_.frames_translated;
    std::byte* host = nullptr;
    Frame* frame = frame_at_ram(ram_address, host);
    if (frame == nullptr) return;
    frame->holds_code = true;
    if (!frame->marked_dirty) return;
    frame->marked_dirty = false;
    Library::instance().tlb_reset_dirty(cpu, reinterpret_cast<std::uintptr_t>(host),
                                        bits::page_size);
}

void StorePath::last_block_dropped(std::uint64_t ram_address) {
    ++counters_.frames_dropped;
    std::byte* host = nullptr;
    if (Frame* frame = frame_at_ram(ram_address, host)) {
        frame->holds_code = false;
        change_code(*frame);
    }
}

void StorePath::stored(std::uint64_t ram_address, std::uint64_t size) {
    std::byte* host = nullptr;
    Frame* frame = frame_at_ram(ram_address, host);
    if (frame == nullptr) return;
    const std::uint64_t offset = ram_address & bits::page_mask;
    if (offset < frame->watched_end && offset + size > frame->watched_begin) change_code(*frame);
}

void StorePath::change_code(Frame& frame) {
    if (frame.watched_end == 0) return;
    frame.watched_begin = frame.watched_end = 0;
    ++frame.generation;
    on_code_change();
}

std::uint32_t StorePath::watch_code(const std::byte* host, std::uint64_t size) {
    for (Bank& bank : banks_) {
        const auto at = static_cast<std::uint64_t>(host - bank.memory.host);
        if (at >= bank.memory.size) continue;
        Frame& frame = bank.frames[at / bits::page_size];
        const auto begin = static_cast<std::uint16_t>(at & bits::page_mask);
        const auto end = static_cast<std::uint16_t>(begin + size);
        frame.watched_begin = frame.watched_end == 0 ? begin : std::min(frame.watched_begin, begin);
        frame.watched_end = std::max(frame.watched_end, end);
        return frame.generation;
    }
    return 0;
}

void StorePath::writable_page_entered(void* cpu, std::uint64_t virtual_address,
                                      std::uint64_t physical) {
    ++counters_.writable_pages;
    if (mode_ == StoreMode::Stock) return;
    Frame* frame = frame_at_physical(physical);
    if (frame == nullptr || frame->holds_code) return;
    frame->marked_dirty = true;
    Library::instance().tlb_set_dirty(cpu, virtual_address);
}

void StorePath::invalidate(uc_struct* engine, const std::byte* host, std::uint64_t size) {
    const Library& library = Library::instance();
    const auto begin = reinterpret_cast<std::uintptr_t>(host);
    for (Bank& bank : banks_) {
        const auto base = reinterpret_cast<std::uintptr_t>(bank.memory.host);
        const std::uintptr_t first = std::max(begin, base);
        const std::uintptr_t last = std::min(begin + size, base + bank.memory.size);
        for (std::uintptr_t at = first; at < last;) {
            const std::uint64_t offset = at - base;
            const std::uintptr_t next = base + (offset | bits::page_mask) + 1;
            const std::uintptr_t end = std::min(next, last);
            Frame& frame = bank.frames[offset / bits::page_size];
            change_code(frame);
            if (frame.holds_code)
                library.tb_invalidate_phys_range(engine, bank.ram_address + offset,
                                                 bank.ram_address + (end - base));
            at = end;
        }
    }
}

}  // namespace orrery::engine
