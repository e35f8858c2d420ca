// SPDX-License-Identifier: Apache-2.0
// pressure: more memory in use than there is. Workers whose pages are swapped out and back,
// compaction while they run, a task that is asked for pages and one that has to be forced, and in
// the end two tasks too large for memory and swap together, of which one is ended. Every page of
// everybody is verified by whoever has it (pressure_load), the kernel's books by audits. An
// argument chooses a part; "node", which is no part of the whole, fills one of several nodes.
#include <span>

#include "user/lib/console.hpp"
#include "user/lib/format.hpp"
#include "user/lib/task.hpp"
#include "user/lib/words.hpp"
#include "user/programs/pressure_pages.hpp"

namespace user {

namespace {

constexpr uint64_t millisecond = 1'000'000;

uint64_t failures = 0;

void check(bool good, std::string_view what) {
    if (good) return;
    ++failures;
    print("pressure: wrong: {}\n", what);
}

template <typename... Arguments>
uint32_t start(FormatString<std::type_identity_t<Arguments>...> text,
               const Arguments&... arguments) {
    const Text<128> words(text, arguments...);
    const auto task = system::spawn_task("bin/pressure_load", words.view());
    check(task.status() == Status::Ok, "a task cannot be started");
    return task ? *task : 0;
}

abi::TaskResult end_of(uint32_t task) {
    const auto result = system::wait_task(task);
    check(result.status() == Status::Ok, "a task cannot be waited for");
    return result ? *result : abi::TaskResult{};
}

void check_end(uint32_t task) {
    const abi::TaskResult result = end_of(task);
    check(result.reason == abi::EndReason::Exited && result.exit_code == 0,
          "a task did not find what it had written");
}

void audit() {
    const auto report = system::audit_memory();
    check(report.status() == Status::Ok, "there is no audit");
    if (!report) return;
    check(report->mismatch == abi::MemoryMismatch::None, "the audit found a mismatch");
    uint64_t sum = 0;
    for (const uint64_t owner : report->owners) sum += owner;
    check(sum == report->frames_total, "frames are lost");
}

uint64_t free_frames() {
    const auto info = system::system_info();
    return info ? info->frames_free : 0;
}

// Workers that want three halves of all memory together, and compaction meanwhile.
void swap_and_compact(uint64_t frames) {
    constexpr uint32_t workers = 4;
    uint32_t tasks[workers];
    for (uint32_t i = 0; i < workers; ++i) {
        tasks[i] = start("worker {} {} {} 1", i, frames * 3 / 2 / workers, i % 2);
    }
    uint64_t blocks = 0;
    for (uint32_t i = 0; i < 10; ++i) {
        system::sleep(2 * millisecond);
        const auto made = system::compact_memory(1);
        if (made) blocks += *made;
        audit();
    }
    for (const uint32_t task : tasks) check_end(task);
    audit();
    print("pressure: workers are done, compaction made {} blocks\n", blocks);
}

// Pages all over memory, which is mostly free: blocks can be made.
void compact() {
    const uint64_t pages = free_frames() / 2;
    const auto memory = system::map_memory(
        pages * abi::page_size, abi::ProtectionRead | abi::ProtectionWrite | abi::MapOvercommit);
    check(memory.status() == Status::Ok, "memory cannot be mapped");
    if (!memory) return;
    auto word = [&](uint64_t page) -> uint64_t& {
        return *reinterpret_cast<uint64_t*>(*memory + page * abi::page_size + page % 512 * 8);
    };
    constexpr uint64_t piece = 64;
    constexpr uint64_t kept = 8;
    // A page of each piece first: what the kernel needs for them cannot be moved, and comes
    // together so.
    for (uint64_t page = 0; page < pages; page += piece) word(page) = page + 1;
    for (uint64_t page = 0; page < pages; ++page) word(page) = page + 1;
    for (uint64_t page = 0; page + piece <= pages; page += piece) {
        check(system::advise_memory(*memory + (page + kept) * abi::page_size,
                                    (piece - kept) * abi::page_size,
                                    abi::MemoryAdvice::Discard) == Status::Ok,
              "pages cannot be discarded");
    }
    const auto made = system::compact_memory(4);
    for (uint64_t page = 0; page < pages; ++page) {
        const bool is_kept = page % piece < kept || page >= pages / piece * piece;
        check(word(page) == (is_kept ? page + 1 : 0), "compaction lost a page");
    }
    audit();
    print("pressure: compaction made {} blocks of free memory: {}\n", made ? *made : 0,
          made.status());
}

void balloon(uint64_t frames) {
    const uint64_t pages = frames / 8;
    const uint32_t pool = start("pool 7 {}", pages);
    const uint32_t stubborn = start("stubborn 8 {} 1", pages);
    system::sleep(300 * millisecond);

    // Free pages are taken without asking; for more than those the task is asked.
    const auto taken = system::request_pages(pool, pages / 4, 20 * millisecond);
    check(taken && taken->pages >= pages / 4 && taken->forced == 0, "a pool was not taken from");
    const auto asked = system::request_pages(pool, pages / 2, 40 * millisecond);
    check(asked && asked->pages >= pages / 2 && asked->forced == 0, "a pool was not asked");

    const uint64_t before = system::clock_now();
    const auto forced = system::request_pages(stubborn, pages / 2, 20 * millisecond);
    const uint64_t waited = system::clock_now() - before;
    print("pressure: {} pages of the pool, then {}, and {} by force: {}\n",
          taken ? taken->pages : 0, asked ? asked->pages : 0, forced ? forced->pages : 0,
          forced.status());
    check(forced && forced->pages >= pages / 2, "a task was not forced");
    check(forced && forced->forced != 0, "nothing was taken by force");
    check(waited >= 20 * millisecond, "force came before the deadline");

    check(system::request_pages(1, 1, 0).status() == Status::NotFound, "init was asked");
    check(system::request_pages(9999, 1, 0).status() == Status::NotFound, "nobody was asked");
    audit();
    // How that ends is not looked at: they may do so before it is over.
    for (const uint32_t task : {pool, stubborn}) {
        static_cast<void>(system::request_pages(task, last_request, 20 * millisecond));
        check_end(task);
    }
    print("pressure: balloon is done\n");
}

// Together they are larger than memory and swap; the largest is to go, the others must not suffer.
void run_out(uint64_t frames) {
    const uint32_t small = start("worker 20 {} 1 4", frames / 16);
    const uint32_t stubborn = start("stubborn 21 {} 8", frames * 5 / 8);
    const uint32_t large = start("worker 22 {} 8 1", frames * 31 / 32);
    check(end_of(large).reason == abi::EndReason::OutOfMemory, "the largest was not ended");
    check_end(small);
    // It may still be filling its pages, and is told again until it has ended.
    for (int tries = 0; tries < 500; ++tries) {
        if (!system::request_pages(stubborn, last_request, 20 * millisecond)) break;
    }
    check_end(stubborn);
    audit();
    print("pressure: the largest was ended for memory\n");
}

abi::FrameOperation on_node(abi::FrameOperationKind kind, uint32_t slot, uint32_t node) {
    return {.slot = slot,
            .kind = kind,
            .order = 4,
            .mobility = abi::FrameMobility::Movable,
            .policy = abi::FramePolicy::Bound,
            .nodes = 1U << node,
            .status = 0,
            .ticks = 0,
            .reserved = 0};
}

// Frames that can be had on a node, found out by holding them all for a moment.
uint64_t room_on(uint32_t node) {
    static abi::FrameOperation operations[abi::most_frame_operations];
    uint32_t slot = 0;
    for (abi::FrameOperation& one : operations) {
        one = on_node(abi::FrameOperationKind::Allocate, slot++, node);
    }
    check(system::operate_frames(operations, 0) == Status::Ok, "frames cannot be held");
    uint64_t blocks = 0;
    for (abi::FrameOperation& one : operations) {
        if (static_cast<Status>(one.status) != Status::Ok) continue;
        operations[blocks++] = on_node(abi::FrameOperationKind::Free, one.slot, node);
    }
    const std::span held(operations, blocks);
    check(system::operate_frames(held, 0) == Status::Ok, "frames cannot be given back");
    return blocks << 4;
}

// A task that is bound to a full node is ended for what it has there, though another has more
// elsewhere. The smaller of two nodes is filled.
void fill_node() {
    const uint64_t rooms[] = {room_on(0), room_on(1)};
    const uint32_t full = rooms[0] < rooms[1] ? 0 : 1;
    const uint64_t room = rooms[full];
    const uint32_t elsewhere = start("bound 30 {} 8 {}", room * 3 / 4, 1 - full);
    const uint32_t there = start("bound 31 {} 8 {}", room / 4, full);
    system::sleep(100 * millisecond);
    const uint32_t large = start("bound 32 {} 8 {}", room * 7 / 8, full);
    print("pressure: node {} of {} and {} pages is filled\n", full, rooms[0], rooms[1]);
    check(end_of(large).reason == abi::EndReason::OutOfMemory, "the largest there was not ended");
    for (const uint32_t task : {elsewhere, there}) {
        for (int tries = 0; tries < 500; ++tries) {
            if (!system::request_pages(task, last_request, 20 * millisecond)) break;
        }
        check_end(task);
    }
    audit();
    print("pressure: the largest on the node was ended for memory\n");
}

}  // namespace

int user_main(std::string_view arguments) {
    const auto info = system::system_info();
    const uint64_t frames = info ? info->frames_total : 0;
    const std::string_view what = take_word(arguments);
    // First, before frames that cannot be moved lie all over memory.
    if (what.empty() || what == "compact") compact();
    if (what.empty() || what == "swap") swap_and_compact(frames);
    if (what.empty() || what == "balloon") balloon(frames);
    if (what.empty() || what == "out") run_out(frames);
    if (what == "node") fill_node();
    print("pressure: {}\n", failures == 0 ? "ok" : "failed");
    return failures == 0 ? 0 : 1;
}

}  // namespace user
