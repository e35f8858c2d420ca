// SPDX-License-Identifier: Apache-2.0
// numa: where memory lies that is asked for locally, on one node, or on several in turn, as the
// kernel says of each page; and how long an access takes to each node.
#include "user/lib/console.hpp"
#include "user/lib/thread.hpp"

namespace user {
namespace {

constexpr uint64_t pages = 64;
constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;
constexpr uint32_t most_nodes = 4;
constexpr uint32_t none = UINT32_MAX;

uint64_t failures = 0;

void check(bool good, std::string_view what) {
    if (good) return;
    __atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED);
    print("numa: wrong: {}\n", what);
}

template <typename T>
void check(const Result<T>& result, std::string_view what) {
    check(result.status() == Status::Ok, what);
}

// Zeroed memory of a new object; `address` 0 where the kernel refuses.
class Placed {
  public:
    Placed(uint64_t size, abi::MemoryPolicy policy, uint32_t nodes) : size_(size) {
        const auto handle = system::create_object(size);
        if (!handle) return;
        const auto address = system::map_object(abi::MapArguments{.handle = *handle,
                                                                  .protection = read_write,
                                                                  .flags = 0,
                                                                  .policy = policy,
                                                                  .offset = 0,
                                                                  .size = 0,
                                                                  .address = 0,
                                                                  .nodes = nodes,
                                                                  .task = 0});
        (void)system::close_object(*handle);
        if (address) address_ = *address;
    }
    ~Placed() {
        if (address_ != 0) (void)system::unmap_memory(address_, size_);
    }
    Placed(const Placed&) = delete;
    Placed& operator=(const Placed&) = delete;

    explicit operator bool() const { return address_ != 0; }
    volatile uint64_t& word(uint64_t offset) const {
        return *reinterpret_cast<volatile uint64_t*>(address_ + offset);
    }
    // The node of a page, which is touched.
    uint32_t node_of(uint64_t page) const {
        word(page * abi::page_size) = page + 1;
        const auto info = system::query_memory(address_ + page * abi::page_size);
        return info && info->resident != 0 ? info->node : none;
    }
    // The node of all pages; none if they are on several.
    uint32_t node() const {
        const uint32_t first = node_of(0);
        for (uint64_t page = 1; page < pages; ++page) {
            if (node_of(page) != first) return none;
        }
        return first;
    }

  private:
    uint64_t size_;
    uint64_t address_ = 0;
};

constexpr uint64_t buffer = pages * abi::page_size;

// Nodes are tried until the kernel knows none.
uint32_t count_nodes() {
    for (uint32_t node = 0; node < most_nodes; ++node) {
        if (!Placed(buffer, abi::MemoryPolicy::Bound, 1U << node)) return node;
    }
    return most_nodes;
}

uint64_t local_node(void*) {
    const Placed memory(buffer, abi::MemoryPolicy::Local, 0);
    return memory ? memory.node() : none;
}

void place_locally(uint32_t cpus) {
    for (uint32_t cpu = 0; cpu < cpus; ++cpu) {
        const auto started = Thread::create(local_node, nullptr, uint64_t{1} << cpu);
        check(started, "a thread cannot be started");
        if (!started) return;
        Thread thread = *started;
        const auto node = thread.join();
        check(node && *node != none, "local memory is on several nodes");
        print("numa: CPU {} is at home on node {}\n", cpu, node ? *node : none);
    }
}

void place_bound(uint32_t nodes) {
    for (uint32_t node = 0; node < nodes; ++node) {
        const Placed memory(buffer, abi::MemoryPolicy::Bound, 1U << node);
        check(memory && memory.node() == node, "memory is not on the node it was bound to");
    }
}

void interleave(uint32_t nodes) {
    const uint32_t mask = (1U << nodes) - 1;
    const Placed memory(buffer, abi::MemoryPolicy::Interleaved, mask);
    check(bool{memory}, "interleaved memory cannot be had");
    if (!memory) return;
    uint64_t wrong = 0;
    for (uint64_t page = 0; page < pages; ++page) wrong += memory.node_of(page) != page % nodes;
    check(wrong == 0, "interleaved pages are not on the nodes in turn");
}

// Nanoseconds for an access whose address is known only when the one before has come, in an order
// that no prefetcher follows.
uint64_t time_access(uint32_t node) {
    constexpr uint64_t line = 64;
    constexpr uint64_t lines = (4 << 20) / line;
    constexpr uint64_t steps = 20'000;
    const Placed memory(lines * line, abi::MemoryPolicy::Bound, 1U << node);
    check(bool{memory}, "memory to measure cannot be had");
    if (!memory) return 0;
    // A linear congruential generator of full period (Knuth, TAOCP 2, 3.2.1.2, theorem A).
    constexpr auto next = [](uint64_t at) { return (at * 20'021 + 12'345) % lines; };
    for (uint64_t at = 0; at < lines; ++at) memory.word(at * line) = next(at) * line;
    uint64_t at = 0;
    const uint64_t begin = system::clock_now();
    for (uint64_t step = 0; step < steps; ++step) at = memory.word(at);
    const uint64_t end = system::clock_now();
    check(at % line == 0, "the chain is broken");
    return (end - begin) * 1000 / steps;
}

}  // namespace

int user_main(std::string_view) {
    const auto info = system::system_info();
    const uint32_t nodes = count_nodes();
    print("numa: {} nodes\n", nodes);
    place_locally(info ? info->cpus_online : 1);
    place_bound(nodes);
    interleave(nodes);
    check(!Placed(buffer, abi::MemoryPolicy::Bound, 1U << nodes), "a node that is not there");
    check(!Placed(buffer, abi::MemoryPolicy::Interleaved, 0), "no node at all");
    for (uint32_t node = 0; node < nodes; ++node) {
        print("numa: node {} takes {} ps an access\n", node, time_access(node));
    }
    print("numa: {}\n", failures == 0 ? std::string_view("ok") : std::string_view("failed"));
    return failures == 0 ? 0 : 1;
}

}  // namespace user
