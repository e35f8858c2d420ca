// SPDX-License-Identifier: Apache-2.0
// kernel_bench: bulk data through shared memory, from this task to another one. The child is
// `kernel_bench ring`; it reads every word in place. Says how long how many bytes took, from a full
// ring to a full ring.
#include "user/lib/ring.hpp"
#include "user/programs/kernel_bench_parts.hpp"

namespace user {

namespace {

constexpr uint32_t capacity = 64 * 1024;
constexpr uint64_t piece = 4096;
constexpr uint64_t total = 4 << 20;
constexpr uint64_t first = 2 * capacity;  // meets cold memory, and does not count

bool write_all(RingProducer& out, uint64_t size) {
    alignas(64) static uint8_t bytes[piece];
    for (uint64_t sent = 0; sent < size; sent += piece) {
        if (out.write(bytes) != Status::Ok) return false;
    }
    return true;
}

}  // namespace

bool measure_ring(std::string_view name, uint64_t consumer_mask) {
    const auto memory = create_ring(capacity);
    if (!memory) return false;
    const auto ring = open_ring(*memory, capacity);
    if (!ring) return false;
    const uint32_t passed[] = {*memory};
    const auto consumer = system::spawn_task("bin/kernel_bench", "ring", consumer_mask, passed);
    if (!consumer) return false;
    RingProducer out(*ring);
    if (!write_all(out, first)) return false;
    const uint64_t begin = counter();
    if (!write_all(out, total)) return false;
    report(name, total, nanoseconds_of(counter() - begin));
    out.close();
    const auto end = system::wait_task(*consumer);
    return end && end->exit_code == 0;
}

int be_ring_consumer() {
    const auto ring = open_ring(abi::given_name(0), capacity);
    if (!ring) return 1;
    RingConsumer in(*ring);
    uint64_t sum = 0;
    for (;;) {
        const auto data = in.data();
        if (!data) return data.status() == Status::PortDead && sum == 0 ? 0 : 2;
        const size_t size = data->size() < piece ? data->size() : piece;
        const auto* words = reinterpret_cast<const uint64_t*>(data->data());
        for (size_t i = 0; i < size / sizeof(uint64_t); ++i) sum += words[i];
        in.release(size);
    }
}

}  // namespace user
