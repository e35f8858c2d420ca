// SPDX-License-Identifier: Apache-2.0
// Kernel workloads on memory, held out: written after native timing was frozen, to check it.
#include <array>

#include "user/lib/system.hpp"
#include "user/programs/kernel_load.hpp"

namespace user {
namespace {

constexpr uint32_t read_only = abi::ProtectionRead;
constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;
constexpr uint32_t read_execute = abi::ProtectionRead | abi::ProtectionExecute;
constexpr uint64_t page = abi::page_size;
constexpr uint64_t gibibyte = 1ULL << 30;
constexpr uint64_t base = 256 * gibibyte;

volatile uint64_t& word_at(uint64_t address) {
    return *reinterpret_cast<volatile uint64_t*>(address);
}

// Fixed places that are taken, wholly or in part, and the gap between them.
uint64_t map_taken_places(uint64_t rounds) {
    Checksum sum;
    sum.add(system::map_memory(4 * page, read_write, base).status());
    sum.add(system::map_memory(4 * page, read_write, base + 6 * page).status());
    for (uint64_t i = 0; i < rounds; ++i) {
        for (uint64_t at = 0; at < 11; ++at) {
            const uint64_t size = (1 + (i + at) % 3) * page;
            const auto place = system::map_memory(size, read_write, base + at * page);
            sum.add(place.status());
            if (place) sum.add(system::unmap_memory(*place, size));
        }
    }
    sum.add(system::unmap_memory(base, 4 * page));
    sum.add(system::unmap_memory(base + 6 * page, 4 * page));
    return sum.value();
}

// Many small regions with gaps: some requests fit into a gap, others only behind the last region.
uint64_t search_gaps(uint64_t rounds) {
    constexpr uint64_t count = 60;
    Checksum sum;
    std::array<uint64_t, count> places{};
    for (uint64_t& each : places) {
        const auto place = system::map_memory(page, read_write);
        if (!place) return 0;
        each = *place;
    }
    for (uint64_t k = 1; k < count; k += 3) sum.add(system::unmap_memory(places[k], page));
    for (uint64_t i = 0; i < rounds; ++i) {
        for (uint64_t pages = 1; pages <= 3; ++pages) {
            const auto place = system::map_memory(pages * page, read_write);
            if (!place) return 0;
            sum.add((*place - places[0]) / page);
            sum.add(system::unmap_memory(*place, pages * page));
        }
    }
    for (uint64_t k = 0; k < count; ++k) {
        if (k % 3 != 1) sum.add(system::unmap_memory(places[k], page));
    }
    return sum.value();
}

// Holes in a region, which then cannot go as a whole until they are filled.
uint64_t punch_holes(uint64_t rounds) {
    constexpr uint64_t pages = 24;
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        sum.add(system::map_memory(pages * page, read_write, base).status());
        for (uint64_t k = 1; k < pages; k += 3) {
            sum.add(system::unmap_memory(base + k * page, page));
        }
        sum.add(system::unmap_memory(base, pages * page));
        sum.add(system::protect_memory(base, 2 * page, read_only));
        for (uint64_t k = 1; k < pages; k += 3) {
            sum.add(system::map_memory(page, read_only, base + k * page).status());
        }
        sum.add(system::unmap_memory(base, pages * page));
    }
    return sum.value();
}

// Two megabytes change at once.
uint64_t protect_many_pages(uint64_t rounds) {
    constexpr uint64_t size = 512 * page;
    Checksum sum;
    const auto place = system::map_memory(size, read_write);
    if (!place) return 0;
    for (uint64_t i = 0; i < rounds; ++i) {
        sum.add(system::protect_memory(*place, size, read_only));
        sum.add(word_at(*place + (i * 37 % 512) * page));
        sum.add(system::protect_memory(*place, size, read_write));
        word_at(*place + (i * 91 % 512) * page) = i;
    }
    sum.add(system::unmap_memory(*place, size));
    return sum.value();
}

// Every other page changes by itself, then all of them together, whatever they were.
uint64_t protect_every_other(uint64_t rounds) {
    constexpr uint64_t pages = 40;
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        const auto place = system::map_memory(pages * page, read_write);
        if (!place) return 0;
        for (uint64_t k = pages; k-- > 0;) {
            if (k % 2 == i % 2) {
                sum.add(system::protect_memory(*place + k * page, page, read_only));
            }
        }
        sum.add(system::protect_memory(*place, pages * page, read_write));
        sum.add(system::protect_memory(*place, (pages + 1) * page, read_write));
        sum.add(system::unmap_memory(*place, pages * page));
    }
    return sum.value();
}

// A program that writes code and runs it.
uint64_t execute_written(uint64_t rounds) {
    constexpr uint32_t load_result = 0x5280'0000;  // mov w0, #0
    constexpr uint32_t return_instruction = 0xd65f'03c0;
    Checksum sum;
    const auto place = system::map_memory(page, read_write);
    if (!place) return 0;
    auto* words = reinterpret_cast<volatile uint32_t*>(*place);
    for (uint64_t i = 0; i < rounds; ++i) {
        words[0] = load_result | static_cast<uint32_t>(i % 1000) << 5;
        words[1] = return_instruction;
        sum.add(system::protect_memory(*place, page, read_execute));
        sum.add(reinterpret_cast<uint64_t (*)()>(*place)());
        sum.add(system::protect_memory(*place, page, read_write));
    }
    sum.add(system::unmap_memory(*place, page));
    return sum.value();
}

// Fresh pages that may be executed, and some that may be neither written nor executed.
uint64_t map_executable(uint64_t rounds) {
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        for (const uint32_t protection : {read_execute, read_only}) {
            const auto place = system::map_memory(6 * page, protection);
            if (!place) return 0;
            sum.add(word_at(*place + (i % 6) * page));
            sum.add(system::unmap_memory(*place, 6 * page));
        }
        sum.add(system::map_memory(page, read_write | abi::ProtectionExecute).status());
    }
    return sum.value();
}

// Pages that share tables down to different levels, there at the same time.
uint64_t keep_pages_apart(uint64_t rounds) {
    constexpr uint64_t distances[] = {page, 1ULL << 21, gibibyte, 1ULL << 39};
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        for (const uint64_t distance : distances) {
            for (uint64_t k = 1; k <= 5; ++k) {
                const auto place = system::map_memory(page, read_write, base + k * distance);
                sum.add(place.status());
                if (place) word_at(*place) = k;
            }
        }
        for (uint64_t k = 5; k > 0; --k) {
            for (const uint64_t distance : distances) {
                sum.add(system::unmap_memory(base + k * distance, page));
            }
        }
    }
    return sum.value();
}

// Regions over the border of two tables of the last level, of the level above, and of the next.
uint64_t cross_table_borders(uint64_t rounds) {
    constexpr uint64_t borders[] = {base + (1ULL << 21), base + gibibyte, 1ULL << 39};
    constexpr uint64_t half = 5 * page;
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        for (const uint64_t border : borders) {
            sum.add(system::map_memory(2 * half, read_write, border - half).status());
            word_at(border - 8) = i;
            word_at(border) = i;
            sum.add(system::protect_memory(border - page, 2 * page, read_only));
            sum.add(word_at(border - 8) + word_at(border));
            sum.add(system::unmap_memory(border - half, half));
            sum.add(system::unmap_memory(border, half));
        }
    }
    return sum.value();
}

// As many regions as a task may have.
uint64_t reach_region_limit(uint64_t rounds) {
    constexpr uint64_t most = 256;
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        uint64_t count = 0;
        Status status = Status::Ok;
        while (count < most && status == Status::Ok) {
            status = system::map_memory(page, read_only, base + 2 * count * page).status();
            if (status == Status::Ok) ++count;
        }
        sum.add(count);
        sum.add(status);
        while (count-- > 0) sum.add(system::unmap_memory(base + 2 * count * page, page));
    }
    return sum.value();
}

// The archive in pieces: memory that is not the program's own.
uint64_t cut_archive(uint64_t rounds) {
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        const auto archive = system::map_archive();
        if (!archive) return 0;
        const uint64_t begin = system::address_of(archive->data()) / page * page;
        const uint64_t size = (archive->size() + page - 1) / page * page;
        sum.add(system::protect_memory(begin, page, read_write));
        sum.add(system::unmap_memory(begin + 8 * page, 3 * page));
        sum.add(system::unmap_memory(begin, size));
        sum.add(system::unmap_memory(begin, 8 * page));
        sum.add(system::unmap_memory(begin + 11 * page, size - 11 * page));
    }
    return sum.value();
}

constexpr KernelWorkload workloads[] = {
    {"map_taken_places", map_taken_places},
    {"search_gaps", search_gaps},
    {"punch_holes", punch_holes},
    {"protect_many_pages", protect_many_pages},
    {"protect_every_other", protect_every_other},
    {"execute_written", execute_written},
    {"map_executable", map_executable},
    {"keep_pages_apart", keep_pages_apart},
    {"cross_table_borders", cross_table_borders},
    {"reach_region_limit", reach_region_limit},
    {"cut_archive", cut_archive},
};

}  // namespace

std::span<const KernelWorkload> held_out_memory() {
    return workloads;
}

}  // namespace user
