// SPDX-License-Identifier: Apache-2.0
// memory_basics: maps memory in pieces of many sizes on several threads, fills it, checks that it
// was zero and that nobody else has written to it, and unmaps it in another order, while two
// threads have the kernel audit its books; then maps as much as a task may have, twice.
#include "user/lib/console.hpp"
#include "user/lib/thread.hpp"

namespace user {

namespace {

constexpr uint32_t thread_count = 4;
constexpr uint32_t pieces = 24;
constexpr uint32_t rounds = 6;
constexpr uint32_t auditor_count = 2;
constexpr uint32_t audits = 3;
constexpr uint64_t words_a_page = abi::page_size / sizeof(uint64_t);

// Two words a page, the first and the last, that say which page of which piece it is.
void fill(uint64_t address, uint64_t size, uint64_t mark) {
    for (uint64_t at = address; at < address + size; at += abi::page_size) {
        auto* words = reinterpret_cast<uint64_t*>(at);
        words[0] = at ^ mark;
        words[words_a_page - 1] = at + mark;
    }
}

uint64_t wrong_pages(uint64_t address, uint64_t size, uint64_t mark) {
    uint64_t wrong = 0;
    for (uint64_t at = address; at < address + size; at += abi::page_size) {
        const auto* words = reinterpret_cast<const uint64_t*>(at);
        if (words[0] != (at ^ mark) || words[words_a_page - 1] != at + mark) ++wrong;
    }
    return wrong;
}

// New memory is zero, whatever was in the frames before.
uint64_t dirty_pages(uint64_t address, uint64_t size) {
    uint64_t dirty = 0;
    for (uint64_t at = address; at < address + size; at += abi::page_size) {
        const auto* words = reinterpret_cast<const uint64_t*>(at);
        if (words[0] != 0 || words[words_a_page - 1] != 0) ++dirty;
    }
    return dirty;
}

Result<uint64_t> map(uint64_t size) {
    return system::map_memory(size, abi::ProtectionRead | abi::ProtectionWrite, 0);
}

// How many things were not as they should be.
uint64_t work(void* argument) {
    const auto self = reinterpret_cast<uint64_t>(argument);
    uint64_t addresses[pieces];
    uint64_t failures = 0;
    const auto size_of = [self](uint32_t piece) {
        return ((piece * 7 + self * 3) % 40 + 1) * abi::page_size;
    };
    for (uint32_t round = 0; round < rounds; ++round) {
        const uint64_t mark = (self + 1) << 56 | uint64_t{round} << 48;
        for (uint32_t piece = 0; piece < pieces; ++piece) {
            const Result<uint64_t> mapped = map(size_of(piece));
            addresses[piece] = mapped ? *mapped : 0;
            if (!mapped) ++failures;
            if (!mapped) continue;
            failures += dirty_pages(*mapped, size_of(piece));
            fill(*mapped, size_of(piece), mark + piece);
        }
        // 7 and 24 have no common divisor: each piece once, and not in the order they came.
        for (uint32_t i = 0; i < pieces; ++i) {
            const uint32_t piece = (i * 7 + round) % pieces;
            if (addresses[piece] == 0) continue;
            failures += wrong_pages(addresses[piece], size_of(piece), mark + piece);
            if (system::unmap_memory(addresses[piece], size_of(piece)) != Status::Ok) {
                ++failures;
            }
        }
    }
    return failures;
}

// Maps and fills until there is no more, then gives all of it back; the pages there were.
uint64_t exhaust(uint64_t& failures) {
    constexpr uint64_t piece = 256 * abi::page_size;
    constexpr uint64_t most = 4096;
    static uint64_t addresses[most];
    uint64_t count = 0;
    for (; count < most; ++count) {
        const Result<uint64_t> mapped = map(piece);
        if (!mapped) break;
        addresses[count] = *mapped;
        failures += dirty_pages(*mapped, piece);
        fill(*mapped, piece, count);
    }
    for (uint64_t i = 0; i < count; ++i) {
        failures += wrong_pages(addresses[i], piece, i);
        if (system::unmap_memory(addresses[i], piece) != Status::Ok) ++failures;
    }
    return count * piece / abi::page_size;
}

// Whether records, counters and free memory agree, and add up.
uint64_t audit(uint64_t& failures) {
    const Result<abi::MemoryAuditReport> report = system::audit_memory();
    if (!report) {
        ++failures;
        return 0;
    }
    uint64_t sum = 0;
    for (const uint64_t owner : report->owners) sum += owner;
    if (report->mismatch == abi::MemoryMismatch::None && sum == report->frames_total) return sum;
    print("memory_basics: audit says {}, detail {}, {} of {} frames\n",
          memory_mismatch_name(report->mismatch), report->detail, sum, report->frames_total);
    ++failures;
    return sum;
}

// Several times while the others are at it.
uint64_t audit_meanwhile(void*) {
    uint64_t failures = 0;
    for (uint32_t i = 0; i < audits; ++i) {
        static_cast<void>(audit(failures));
        system::sleep(1'000'000);
    }
    return failures;
}

uint64_t work_on_threads() {
    Thread threads[thread_count];
    Thread auditors[auditor_count];
    uint64_t failures = 0;
    for (Thread& auditor : auditors) {
        const auto thread = Thread::create(audit_meanwhile, nullptr);
        if (!thread) return 1;
        auditor = *thread;
    }
    for (uint64_t i = 0; i < thread_count; ++i) {
        const auto thread = Thread::create(work, reinterpret_cast<void*>(i));
        if (!thread) return 1;
        threads[i] = *thread;
    }
    for (Thread& thread : threads) {
        const Result<uint64_t> result = thread.join();
        failures += result ? *result : 1;
    }
    for (Thread& auditor : auditors) {
        const Result<uint64_t> result = auditor.join();
        failures += result ? *result : 1;
    }
    return failures;
}

}  // namespace

int user_main(std::string_view) {
    uint64_t failures = work_on_threads();
    print("memory_basics: {} threads, {} failures\n", thread_count, failures);
    const uint64_t first = exhaust(failures);
    const uint64_t second = exhaust(failures);
    print("memory_basics: {} pages, then {}\n", first, second);
    if (first == 0 || first != second) ++failures;
    print("memory_basics: {} frames in the books\n", audit(failures));
    print("memory_basics: {}\n", failures == 0 ? "ok" : "failed");
    return failures == 0 ? 0 : 1;
}

}  // namespace user
