// SPDX-License-Identifier: Apache-2.0
// ring: bulk data through memory that two tasks share (user/lib/ring.hpp): every byte is compared,
// either side ends early, and the other side makes nonsense of the counters. Says what is wrong,
// and "ring: ok" when nothing is. The child is the same program; it is given the memory.
#include "user/lib/ring.hpp"
#include "user/lib/console.hpp"
#include "user/lib/words.hpp"

namespace user {

namespace {

constexpr uint32_t capacity = 16 * 1024;
constexpr uint64_t total = 512 * 1024;
constexpr uint64_t moment = 1'000'000;  // nanoseconds

uint64_t failures = 0;

void check(bool good, std::string_view what) {
    if (good) return;
    ++failures;
    print("ring: wrong: {}\n", what);
}

// The bytes that both sides expect.
class Pattern final {
  public:
    uint8_t next() {
        state_ = state_ * 6364136223846793005 + 1442695040888963407;
        return static_cast<uint8_t>(state_ >> 56);
    }

  private:
    uint64_t state_ = 12345;
};

// Pieces of all sizes, of which many do not divide the capacity.
constexpr uint64_t piece_size(uint64_t turn) {
    return 1 + turn * 397 % 5000;
}

void produce(RingProducer& out) {
    static uint8_t piece[5000];
    Pattern pattern;
    uint64_t sent = 0;
    for (uint64_t turn = 0; sent < total; ++turn) {
        uint64_t size = piece_size(turn);
        if (size > total - sent) size = total - sent;
        for (uint64_t i = 0; i < size; ++i) piece[i] = pattern.next();
        check(out.write({piece, size}) == Status::Ok, "a write");
        sent += size;
    }
    out.close();
}

// Every second piece in place, the others copied.
int consume(RingConsumer& in) {
    static uint8_t piece[3000];
    Pattern pattern;
    uint64_t got = 0;
    uint64_t wrong = 0;
    Status status = Status::Ok;
    for (uint64_t turn = 0; status == Status::Ok; ++turn) {
        const bool in_place = turn % 2 == 0;
        std::span<const uint8_t> bytes;
        if (in_place) {
            const auto data = in.data();
            status = data.status();
            if (data) bytes = *data;
        } else {
            const auto size = in.read(piece);
            status = size.status();
            if (size) bytes = {piece, *size};
        }
        for (const uint8_t byte : bytes) {
            if (byte != pattern.next()) ++wrong;
        }
        got += bytes.size();
        if (in_place && status == Status::Ok) in.release(bytes.size());
    }
    check(status == Status::PortDead, "the end of a ring");
    check(wrong == 0, "bytes");
    check(got == total, "how many bytes came");
    return failures == 0 ? 0 : 1;
}

// A ring that a child has the other end of.
class Shared final {
  public:
    explicit Shared(std::string_view part, uint64_t cpu_mask = 0) {
        const auto memory = create_ring(capacity);
        check(memory.status() == Status::Ok, "memory for a ring");
        if (!memory) return;
        name_ = *memory;
        const auto ring = open_ring(name_, capacity);
        check(ring.status() == Status::Ok, "opening a ring");
        if (ring) ring_ = *ring;
        const uint32_t passed[] = {name_};
        const auto task = system::spawn_task("bin/ring", part, cpu_mask, passed);
        check(task.status() == Status::Ok, "a child");
        if (task) task_ = *task;
    }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;
    ~Shared() {
        const auto end = system::wait_task(task_);
        check(end && end->reason == abi::EndReason::Exited && end->exit_code == 0, "a child's end");
        system::unmap_memory(system::address_of(&ring_.header()),
                             RingBuffer::header_size + capacity);
        system::close_object(name_);
    }

    const RingBuffer& ring() const { return ring_; }

  private:
    RingBuffer ring_;
    uint32_t name_ = 0;
    uint32_t task_ = 0;
};

void pass_all(std::string_view where, uint64_t cpu_mask) {
    const uint64_t begin = system::clock_now();
    {
        Shared shared("consume", cpu_mask);
        RingProducer out(shared.ring());
        produce(out);
    }
    print("ring: {} bytes {} in {} us, compared\n", total, where,
          (system::clock_now() - begin) / 1000);
}

void end_early() {
    Shared shared("leave");
    RingProducer out(shared.ring());
    uint8_t byte = 0;
    Status status = Status::Ok;
    while (status == Status::Ok) status = out.write({&byte, 1});
    check(status == Status::PortDead, "a consumer that has closed");
}

void wait_in_vain() {
    const auto memory = create_ring(capacity);
    const auto ring = memory ? open_ring(*memory, capacity) : memory.status();
    if (!ring) return check(false, "a ring of one's own");
    RingConsumer in(*ring);
    check(in.data(system::clock_now() + moment).status() == Status::TimedOut, "data in time");
    RingProducer out(*ring);
    static const uint8_t bytes[capacity + 1] = {};
    check(out.write(bytes, system::clock_now() + moment) == Status::TimedOut, "room in time");
    const auto full = in.data();
    check(full && full->size() == capacity, "a full ring");
    system::unmap_memory(system::address_of(&ring->header()), RingBuffer::header_size + capacity);
    system::close_object(*memory);
}

// The child writes counters that cannot be, for ever new ones, until it is told to stop.
void suffer() {
    Shared shared("scribble");
    RingConsumer in(shared.ring());
    uint64_t broken = 0;
    for (uint64_t i = 0; i < 1000; ++i) {
        const auto data = in.data(system::clock_now() + moment);
        if (data.status() == Status::InvalidArgument) ++broken;
        if (!data) continue;
        check(data->size() <= capacity, "more data than a ring has");
        const uint8_t* const begin = reinterpret_cast<uint8_t*>(&shared.ring().header());
        check(data->data() >= begin + RingBuffer::header_size &&
                  data->data() + data->size() <= begin + RingBuffer::header_size + capacity,
              "data outside of the ring");
        in.release(data->size());
    }
    check(broken != 0, "nonsense that nobody saw");
    in.close();
}

int scribble(const RingBuffer& ring) {
    Pattern pattern;
    while (!ring.is_closed()) {
        uint32_t value = 0;
        for (int i = 0; i < 4; ++i) value = value << 8 | pattern.next();
        ring.header().produced.store(value, std::memory_order_relaxed);
    }
    return 0;
}

int be_child(std::string_view part) {
    const auto ring = open_ring(abi::given_name(0), capacity);
    if (!ring) return 2;
    RingConsumer in(*ring);
    if (part == "consume") return consume(in);
    if (part == "scribble") return scribble(*ring);
    const auto data = in.data();
    if (data) in.release(data->size());
    in.close();
    return data ? 0 : 1;
}

}  // namespace

int user_main(std::string_view arguments) {
    if (!arguments.empty()) return be_child(take_word(arguments));
    check(create_ring(abi::page_size + 1).status() == Status::InvalidArgument, "an odd capacity");
    check(create_ring(64).status() == Status::InvalidArgument, "less than a page");
    pass_all("to a child on CPU 0", 1);
    pass_all("to a child on any CPU", 0);
    end_early();
    wait_in_vain();
    suffer();
    print("ring: {}\n", failures == 0 ? "ok" : "failed");
    return failures == 0 ? 0 : 1;
}

}  // namespace user
