// SPDX-License-Identifier: Apache-2.0
// Every heap beside a trivial oracle, over a million seeded operations on several CPUs: what is in
// use, where it lies, and what is in it.
#include <cstdint>
#include <map>
#include <random>

#include "tests/kernel/memory/heap/heap_bench.hpp"

namespace kernel {
namespace {

// Objects in use by address; no two of them overlap.
class Oracle {
  public:
    [[nodiscard]] bool fits(const Marked& object) const {
        const auto after = objects_.lower_bound(object.bytes);
        if (after != objects_.end() && object.bytes + object.size > after->first) return false;
        if (after == objects_.begin()) return true;
        const Marked& before = std::prev(after)->second;
        return before.bytes + std::max<size_t>(before.size, 1) <= object.bytes;
    }
    void add(const Marked& object) { objects_[object.bytes] = object; }
    void remove(const Marked& object) { objects_.erase(object.bytes); }
    [[nodiscard]] size_t count() const { return objects_.size(); }

  private:
    std::map<unsigned char*, Marked> objects_;
};

struct HeapDifferentialTest : testing::TestWithParam<HeapVariant> {
    static constexpr unsigned operations = 1'000'000;

    HeapBench bench{GetParam(), 160};
    Oracle oracle;
    std::vector<Marked> objects;
    std::mt19937_64 random{4};

    // Mostly small, every size of a heap, some frames and blocks of frames.
    size_t some_size() {
        const auto kind = random() % 1000;
        if (kind == 0 && GetParam().strategy != "freelist") return 1 + random() % (64 << 10);
        if (kind < 10) return 1 + random() % 4000;
        return random() % ((KernelHeap::largest >> (random() % 7)) + 1);
    }

    void allocate() {
        const size_t size = some_size();
        const Result<void*> memory = bench.allocate(size);
        if (!memory.ok()) {
            ASSERT_EQ(memory.status(), Status::NoMemory);
            ++refused;
            return;
        }
        const Marked object{static_cast<unsigned char*>(memory.value()), size,
                            static_cast<unsigned char>(random())};
        ASSERT_TRUE(oracle.fits(object));
        object.fill();
        oracle.add(object);
        objects.push_back(object);
    }

    void free() {
        std::swap(objects[random() % objects.size()], objects.back());
        ASSERT_TRUE(objects.back().intact());
        oracle.remove(objects.back());
        bench.free(objects.back().bytes);
        objects.pop_back();
    }

    uint64_t refused = 0;
};

TEST_P(HeapDifferentialTest, AgreesWithTheOracle) {
    for (unsigned step = 0; step < operations; ++step) {
        hal::host::present.cpu = static_cast<unsigned>(random() % 4);
        // Memory fills up, and empties again.
        const bool grows = step / 50'000 % 2 == 0;
        if (random() % 100 < (grows ? 55U : 45U) || objects.empty()) {
            allocate();
        } else {
            free();
        }
        if (HasFatalFailure()) return;
        if (step % 20'000 != 0) continue;
        bench.expect_sound();
        ASSERT_EQ(bench.heap->figures().objects, oracle.count());
        if (HasFailure()) return;
    }
    EXPECT_GT(refused, 0U) << "memory never ran out";
    while (!objects.empty() && !HasFatalFailure()) free();
    hal::host::present.cpu = 0;
    bench.expect_nothing_lost();
}

INSTANTIATE_TEST_SUITE_P(Heaps, HeapDifferentialTest, testing::ValuesIn(all_heaps()),
                         heap_variant_name);

}  // namespace
}  // namespace kernel
