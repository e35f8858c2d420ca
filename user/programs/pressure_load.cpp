// SPDX-License-Identifier: Apache-2.0
// pressure_load: a task that holds memory and verifies every page of it. Its arguments choose:
//
//   worker SEED PAGES NOISE ROUNDS   fills pages, then changes and verifies them over and over
//   pool SEED PAGES                  has a page pool whose free pages the kernel may take, and
//                                    gives pages back when it is asked
//   stubborn SEED PAGES NOISE        fills pages, gives none, verifies them after the last request
//   bound SEED PAGES NOISE NODE      the same with pages that are bound to a node
//
// Exit code 0: nothing was wrong.
#include "user/lib/console.hpp"
#include "user/lib/page_pool.hpp"
#include "user/lib/words.hpp"
#include "user/programs/pressure_pages.hpp"

namespace user {

namespace {

constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;
constexpr uint64_t for_ever = ~uint64_t{0};

uint64_t map_pages(uint64_t pages) {
    const auto mapped = system::map_memory(pages * abi::page_size, read_write | abi::MapOvercommit);
    if (!mapped) print("pressure_load: {} pages cannot be mapped: {}\n", pages, mapped.status());
    return mapped ? *mapped : 0;
}

// The task's own, so that they count as its.
uint64_t map_on_node(uint64_t pages, uint64_t node) {
    const uint64_t size = pages * abi::page_size;
    const auto handle = system::create_object(size);
    if (!handle) return 0;
    const auto mapped = system::map_object(abi::MapArguments{.handle = *handle,
                                                             .protection = read_write,
                                                             .flags = abi::MapPrivate,
                                                             .policy = abi::MemoryPolicy::Bound,
                                                             .offset = 0,
                                                             .size = size,
                                                             .address = 0,
                                                             .nodes = 1U << node,
                                                             .task = 0});
    if (!mapped) print("pressure_load: node {} cannot be had: {}\n", node, mapped.status());
    return mapped ? *mapped : 0;
}

uint64_t number(std::string_view& arguments) {
    const auto value = parse_number(take_word(arguments));
    return value ? *value : 0;
}

struct Pages {
    uint64_t address;
    uint64_t count;
    uint64_t seed;
    uint64_t noise;

    void fill(uint64_t page, uint64_t round) const {
        fill_page(address + page * abi::page_size, seed + round, page, noise);
    }
    uint64_t wrong(uint64_t round) const {
        uint64_t sum = 0;
        for (uint64_t page = 0; page < count; ++page) {
            const uint64_t at = address + page * abi::page_size;
            if (!page_is_right(at, seed + round, page, noise)) ++sum;
        }
        return sum;
    }
};

Pages fill_pages(std::string_view& arguments, bool is_bound = false) {
    Pages pages{};
    pages.seed = number(arguments) << 32;
    pages.count = number(arguments);
    pages.noise = number(arguments);
    pages.address = is_bound ? map_on_node(pages.count, number(arguments)) : map_pages(pages.count);
    for (uint64_t page = 0; page < pages.count; ++page) pages.fill(page, 0);
    return pages;
}

int report(std::string_view who, uint64_t wrong, uint64_t pages) {
    print("pressure_load: {} verified {} pages, {} wrong\n", who, pages, wrong);
    return wrong == 0 ? 0 : 1;
}

int work(std::string_view arguments) {
    const Pages pages = fill_pages(arguments);
    const uint64_t rounds = number(arguments);
    uint64_t wrong = 0;
    for (uint64_t round = 0; round < rounds; ++round) {
        wrong += pages.wrong(round);
        for (uint64_t page = 0; page < pages.count; ++page) pages.fill(page, round + 1);
    }
    wrong += pages.wrong(rounds);
    return report("worker", wrong, pages.count * (rounds + 1));
}

int stay(std::string_view arguments, bool is_bound) {
    const Pages pages = fill_pages(arguments, is_bound);
    if (pages.address == 0) return 2;
    print("pressure_load: stubborn is ready\n");
    for (;;) {
        const auto wanted = system::wait_for_request(for_ever);
        if (!wanted) return 3;
        if (*wanted == last_request) break;
    }
    return report("stubborn", pages.wrong(0), pages.count);
}

// Half of the pages are in use, half are free; of those in use, half go when a manager asks.
class PoolUser final {
  public:
    PoolUser(uint64_t seed, uint64_t pages) : seed_(seed), count_(pages) {
        const uint64_t state =
            map_pages((abi::page_pool_state_size(pages) + abi::page_size - 1) / abi::page_size);
        const uint64_t memory = map_pages(pages);
        pool_ = PagePool(reinterpret_cast<void*>(state), reinterpret_cast<void*>(memory), pages);
        ready_ =
            state != 0 && memory != 0 && system::register_page_pool(pool_.state()) == Status::Ok;
    }

    bool is_ready() const { return ready_; }
    void take(uint64_t pages) {
        for (; pages != 0 && used_ < most; --pages) {
            void* page = pool_.allocate();
            if (page == nullptr) return;
            held_[used_] = reinterpret_cast<uint64_t>(page);
            fill_page(held_[used_], seed_, used_, 2);
            ++used_;
        }
    }
    void give(uint64_t pages) {
        for (; pages != 0 && used_ != 0; --pages) {
            --used_;
            if (!page_is_right(held_[used_], seed_, used_, 2)) ++wrong_;
            pool_.free(reinterpret_cast<void*>(held_[used_]));
        }
    }
    // Touches pages and frees them again: frames in free pages, for others to take.
    void leave_frames() {
        const uint64_t kept = used_;
        take(count_);
        give(used_ - kept);
    }
    uint64_t used() const { return used_; }
    uint64_t wrong() const { return wrong_; }

  private:
    static constexpr uint64_t most = 4096;
    static uint64_t held_[most];

    PagePool pool_;
    uint64_t seed_;
    uint64_t count_;
    uint64_t used_ = 0;
    uint64_t wrong_ = 0;
    bool ready_ = false;
};

uint64_t PoolUser::held_[PoolUser::most];

int serve_pool(std::string_view arguments) {
    const uint64_t seed = number(arguments);
    const uint64_t pages = number(arguments);
    PoolUser user(seed, pages);
    if (!user.is_ready()) return 2;
    user.take(pages / 2);
    user.leave_frames();
    print("pressure_load: pool is ready\n");
    for (;;) {
        const auto wanted = system::wait_for_request(for_ever);
        if (!wanted) return 3;
        if (*wanted == last_request) break;
        user.give(*wanted);
    }
    const uint64_t verified = pages + user.used();
    user.take(pages);
    user.give(pages);
    return report("pool", user.wrong(), verified);
}

}  // namespace

int user_main(std::string_view arguments) {
    const std::string_view mode = take_word(arguments);
    if (mode == "worker") return work(arguments);
    if (mode == "stubborn") return stay(arguments, false);
    if (mode == "bound") return stay(arguments, true);
    if (mode == "pool") return serve_pool(arguments);
    print("pressure_load: choose worker, stubborn, bound or pool\n");
    return 4;
}

}  // namespace user
