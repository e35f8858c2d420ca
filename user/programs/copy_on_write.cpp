// SPDX-License-Identifier: Apache-2.0
// copy_on_write: memory objects that several tasks share and copy. What one of them writes is seen
// by those who share it and by nobody else; frames are shared for as long as they can be, and the
// kernel's counts of that are exact. Everything is given back in the end.
#include "user/lib/console.hpp"
#include "user/lib/task.hpp"
#include "user/lib/thread.hpp"

namespace user {

namespace {

constexpr uint64_t pages = 64;
constexpr uint64_t size = pages * abi::page_size;
constexpr uint32_t children = 3;
constexpr uint32_t threads_each = 2;
constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;

uint64_t failures = 0;

void check(bool good, std::string_view what) {
    if (good) return;
    __atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED);
    print("copy_on_write: wrong: {}\n", what);
}

template <typename T>
void check(const Result<T>& result, std::string_view what) {
    check(result.status() == Status::Ok, what);
}

volatile uint64_t& word(uint64_t address, uint64_t page) {
    return *reinterpret_cast<volatile uint64_t*>(address + page * abi::page_size + 8 * page);
}

constexpr uint64_t pattern(uint64_t page) {
    return 0x0123'4567'89ab'0000 + page;
}

uint64_t free_frames() {
    const auto info = system::system_info();
    return info ? info->frames_free : 0;
}

uint32_t shares(uint64_t address, uint64_t page) {
    const auto info = system::query_memory(address + page * abi::page_size);
    return info ? info->shares : 0;
}

uint64_t map_whole(uint32_t handle, uint32_t flags = 0) {
    const auto address = system::map_object(handle, read_write, flags);
    check(address, "an object cannot be mapped");
    return address ? *address : 0;
}

struct Part {
    uint64_t address;
    uint64_t first;
    uint64_t mark;
};

// Every second page from the first on: checks what was there and writes something else.
uint64_t write_part(void* argument) {
    const Part& part = *static_cast<const Part*>(argument);
    uint64_t wrong = 0;
    for (uint64_t page = part.first; page < pages; page += threads_each) {
        if (word(part.address, page) != pattern(page)) ++wrong;
        word(part.address, page) = part.mark + page;
    }
    for (uint64_t page = part.first; page < pages; page += threads_each) {
        if (word(part.address, page) != part.mark + page) ++wrong;
    }
    return wrong;
}

// The first right it is given is to what is shared with all, the second to what it takes a copy of.
int child(uint64_t number) {
    const uint64_t shared = map_whole(abi::given_name(0));
    const uint64_t own = map_whole(abi::given_name(1), abi::MapPrivate);
    if (failures != 0) return 1;
    for (uint64_t page = children; page < pages; ++page) {
        check(word(shared, page) == pattern(page), "what the parent wrote");
    }
    word(shared, number) = pattern(number) ^ ~uint64_t{0};

    Thread threads[threads_each];
    Part parts[threads_each];
    for (uint64_t i = 0; i < threads_each; ++i) {
        parts[i] = {own, i, (number + 1) << 32};
        const auto thread = Thread::create(write_part, &parts[i]);
        check(thread, "a thread cannot be started");
        if (!thread) return 1;
        threads[i] = *thread;
    }
    for (Thread& thread : threads) {
        const auto wrong = thread.join();
        check(wrong && *wrong == 0, "a private copy");
    }
    for (uint64_t page = 0; page < pages; ++page) {
        check(shares(own, page) == 1, "a page that was written to is still shared");
    }
    return failures == 0 ? 0 : 1;
}

void run_children(uint32_t shared, uint32_t copy) {
    constexpr std::string_view arguments[children] = {"0", "1", "2"};
    const uint32_t objects[] = {shared, copy};
    uint32_t tasks[children] = {};
    for (uint32_t i = 0; i < children; ++i) {
        const auto task = system::spawn_task("bin/copy_on_write", arguments[i], 0, objects);
        check(task, "a child cannot be started");
        if (task) tasks[i] = *task;
    }
    for (const uint32_t task : tasks) {
        const auto result = system::wait_task(task);
        check(result && result->reason == abi::EndReason::Exited && result->exit_code == 0,
              "a child has failed");
    }
}

void share_and_copy() {
    const auto object = system::create_object(size);
    check(object, "no object");
    if (!object) return;
    const uint64_t shared = map_whole(*object);
    for (uint64_t page = 0; page < pages; ++page) {
        check(word(shared, page) == 0, "new memory is not zero");
        word(shared, page) = pattern(page);
        check(shares(shared, page) == 1, "a page of one object is shared");
    }

    // Copying takes no frames for pages, writing does.
    const uint64_t before = free_frames();
    const auto copied = system::copy_object(*object);
    check(copied, "no copy");
    if (!copied) return;
    const uint64_t copy = map_whole(*copied);
    for (uint64_t page = 0; page < pages; ++page) {
        check(word(copy, page) == pattern(page), "the copy's content");
        check(shares(copy, page) == 2 && shares(shared, page) == 2, "two objects share a page");
    }
    check(before - free_frames() < pages / 4, "a copy has taken frames");

    run_children(*object, *copied);
    for (uint64_t page = 0; page < pages; ++page) {
        const bool touched = page < children;
        const uint64_t expected = touched ? ~pattern(page) : pattern(page);
        check(word(shared, page) == expected, "what a child wrote for all");
        check(word(copy, page) == pattern(page), "what a child wrote for itself");
        check(shares(copy, page) == (touched ? 1 : 2), "shares after the children");
    }

    const uint64_t middle = free_frames();
    for (uint64_t page = 0; page < pages; ++page) word(copy, page) = page;
    check(middle - free_frames() >= pages - children, "pages that were written to have no frames");
    for (uint64_t page = children; page < pages; ++page) {
        check(word(shared, page) == pattern(page), "the original after its copy was written to");
        check(shares(shared, page) == 1, "shares after all was written to");
    }
    check(system::close_object(*object) == Status::Ok, "close");
    check(system::close_object(*copied) == Status::Ok, "close");
    check(word(shared, pages - 1) == pattern(pages - 1), "a mapping goes with its handle");
    system::unmap_memory(shared, size);
    system::unmap_memory(copy, size);
}

void copy_in_space() {
    const auto memory = system::map_memory(size, read_write);
    if (!memory) return check(false, "no memory");
    for (uint64_t page = 0; page < pages; page += 2) word(*memory, page) = pattern(page);
    const auto copy = system::copy_memory(*memory, size);
    if (!copy) return check(false, "no copy of memory");
    word(*memory, 0) = 1;
    word(*copy, 2) = 2;
    check(word(*copy, 0) == pattern(0), "the copy has changed");
    check(word(*memory, 2) == pattern(2), "the original has changed");
    check(word(*copy, 1) == 0 && shares(*copy, 4) == 2, "pages of a copy in the space");
    check(system::advise_memory(*copy, size, abi::MemoryAdvice::Discard) == Status::Ok, "discard");
    check(word(*copy, 4) == 0 && word(*memory, 4) == pattern(4), "discarded pages");
    check(shares(*memory, 4) == 1, "shares of what was discarded");
    system::unmap_memory(*memory, size);
    system::unmap_memory(*copy, size);
}

void map_file() {
    const auto file = system::open_object("bin/copy_on_write");
    if (!file) return check(false, "no file object");
    const auto shared = system::map_object(*file, abi::ProtectionRead);
    const auto own = system::map_object(*file, read_write, abi::MapPrivate);
    if (!shared || !own) return check(false, "a file cannot be mapped");
    const auto& constant = *reinterpret_cast<const volatile uint32_t*>(*shared);
    auto& variable = *reinterpret_cast<volatile uint32_t*>(*own);
    check(constant == 0x464c457f, "the file's content");  // "\x7f" "ELF"
    check(variable == constant && shares(*shared, 0) == 2, "a file's page in two objects");
    variable = 7;
    check(constant == 0x464c457f && variable == 7, "a private copy of a file");
    check(!system::map_object(*file, read_write), "a file can be mapped for writing");
    check(system::protect_memory(*shared, abi::page_size, read_write) == Status::PermissionDenied,
          "a file can be made writable");
}

// 2 MiB that become one mapping, where the page-frame strategy has such blocks, and pages again.
void map_block() {
    constexpr uint64_t block = 2 << 20;
    constexpr uint64_t block_pages = block / abi::page_size;
    const auto memory = system::map_memory(2 * block, read_write);
    if (!memory) return check(false, "no memory for a block");
    const uint64_t at = (*memory + block - 1) & ~(block - 1);
    const auto first_word = [](uint64_t address, uint64_t page) -> volatile uint64_t& {
        return *reinterpret_cast<volatile uint64_t*>(address + page * abi::page_size);
    };
    for (uint64_t page = 0; page < block_pages; page += 3) first_word(at, page) = pattern(page);
    const Status advised = system::advise_memory(at, block, abi::MemoryAdvice::Huge);
    const auto info = system::query_memory(at + 5 * abi::page_size);
    const bool is_huge = info && info->huge != 0;
    check(advised == Status::Unsupported || (advised == Status::Ok && is_huge), "no block");
    first_word(at, 7) = 7;
    const auto copy = system::copy_memory(at, block);
    if (!copy) return check(false, "no copy of a block");
    first_word(*copy, 8) = 8;
    uint64_t wrong = 0;
    for (uint64_t page = 0; page < block_pages; ++page) {
        const uint64_t expected = page == 7 ? 7 : page % 3 == 0 ? pattern(page) : 0;
        if (first_word(at, page) != expected) ++wrong;
        if (first_word(*copy, page) != (page == 8 ? 8 : expected)) ++wrong;
    }
    check(wrong == 0, "the content of a block");
    check(system::unmap_memory(at + 9 * abi::page_size, abi::page_size) == Status::Ok, "a hole");
    check(first_word(at, 12) == pattern(12), "a block with a hole");
    system::unmap_memory(*copy, block);
    print("copy_on_write: a block of 2 MiB: {}\n", is_huge ? "yes" : "no");
}

int parent() {
    share_and_copy();
    copy_in_space();
    const uint64_t first = free_frames();
    share_and_copy();
    copy_in_space();
    const uint64_t second = free_frames();
    check(first == second, "frames are lost");
    map_file();
    map_block();
    print("copy_on_write: {} pages, {} children, frames {} and {}\n", pages, children, first,
          second);
    print("copy_on_write: {}\n", failures == 0 ? "ok" : "failed");
    return failures == 0 ? 0 : 1;
}

}  // namespace

int user_main(std::string_view arguments) {
    if (arguments.empty()) return parent();
    return child(static_cast<uint64_t>(arguments[0] - '0'));
}

}  // namespace user
