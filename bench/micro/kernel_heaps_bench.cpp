// SPDX-License-Identifier: Apache-2.0
// The kernel heaps on the host, the very same sources as in the kernel, beside jemalloc, mimalloc
// and the C library's malloc on the same patterns in the same process.
//
// All times are for one pair of allocate and free. With several threads they are wall-clock time of
// a thread, so that flat means that threads do not hinder each other; there is no more of that than
// the host has CPUs. jemalloc and mimalloc are loaded by name and called by their own entry points,
// so that neither replaces malloc; jemalloc's thread-local data then needs room that the loader
// keeps only with GLIBC_TUNABLES=glibc.rtld.optional_static_tls=65536, which bench/micro.py sets.
#include <benchmark/benchmark.h>
#include <dlfcn.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "kernel/memory/frames/node_frames.hpp"
#include "kernel/memory/heap/heap_choice.hpp"
#include "tests/kernel/frame_accounts.hpp"
#include "tests/kernel/mapped_memory.hpp"
#include "tests/kernel/thread_machine.hpp"

namespace {

using kernel::FrameMap;
using kernel::FrameRange;
using kernel::Frames;
using kernel::KernelHeap;
using kernel::NodeFrames;
using kernel::Status;

// Page frames for a kernel heap: a buddy under the page cache.
class HeapMemory {
  public:
    explicit HeapMemory(const kernel::HeapKind& kind) {
        const kernel::StrategyKind& strategy = *kernel::find_strategy("buddy");
        const FrameRange range = memory_.range();
        FrameMap map;
        if (map.initialise(&range, 1) != Status::Ok) std::abort();
        metadata_.resize(NodeFrames::metadata_size(strategy, map, true) / sizeof(Line) + 1);
        accounts_ = std::make_unique<kernel::FrameAccounts>(map);
        frames_.initialise(*node_->initialise(strategy, map, true, metadata_.data()),
                           accounts_->records, accounts_->counts);
        heap_.choose(kind, frames_, false);
    }
    HeapMemory(const HeapMemory&) = delete;
    HeapMemory& operator=(const HeapMemory&) = delete;

    [[nodiscard]] KernelHeap& heap() { return heap_; }

  private:
    struct alignas(64) Line {
        std::array<char, 64> bytes;
    };
    kernel::MappedMemory memory_{uint64_t{1} << 16};
    std::vector<Line> metadata_;
    std::unique_ptr<NodeFrames> node_ = std::make_unique<NodeFrames>();
    std::unique_ptr<kernel::FrameAccounts> accounts_;
    Frames frames_;
    kernel::ChosenHeap heap_;
};

// An allocator as the patterns see it: two functions and what they are called with.
struct KernelCalls {
    KernelHeap* heap;
    void* allocate(size_t size) const { return heap->allocate(size).value(); }
    void free(void* object) const { heap->free(object); }
};
struct LibraryCalls {
    void* (*malloc_entry)(size_t);
    void (*free_entry)(void*);
    void* allocate(size_t size) const { return malloc_entry(size); }
    void free(void* object) const { free_entry(object); }
};

unsigned thread_of(const benchmark::State& state) {
    return static_cast<unsigned>(state.thread_index());
}

// A 64-byte object again and again.
template <class Calls>
void hot(benchmark::State& state, const Calls& calls) {
    for (auto _ : state) {
        void* object = calls.allocate(64);
        benchmark::DoNotOptimize(object);
        calls.free(object);
    }
}

// No allocator: what the pattern itself costs, which is in every other figure of it.
struct NothingCalls {
    alignas(64) static inline std::array<char, 4096> memory;
    [[gnu::noinline]] void* allocate(size_t) const {
        void* object = memory.data();
        benchmark::DoNotOptimize(object);
        return object;
    }
    [[gnu::noinline]] void free(void* object) const { benchmark::DoNotOptimize(object); }
};

struct Sizes {
    static constexpr unsigned count = 4096;  // a power of two
    std::array<uint16_t, count> of;
};

Sizes random_sizes(unsigned seed) {
    std::minstd_rand random(seed);
    Sizes sizes{};
    for (uint16_t& size : sizes.of) size = static_cast<uint16_t>(16 + random() % 1009);
    return sizes;
}

// As kernels use them: half of the objects are below 64 bytes, few are large (the sizes of slab
// caches in Linux are as uneven).
Sizes class_sizes(unsigned seed) {
    constexpr uint16_t classes[] = {16,  24,  32,  32,  48,  56,  64,   96,
                                    128, 128, 192, 256, 320, 512, 1000, 2000};
    std::minstd_rand random(seed);
    Sizes sizes{};
    for (uint16_t& size : sizes.of) size = classes[random() % std::size(classes)];
    return sizes;
}

// A thread's objects; a slot is freed and filled anew.
struct Slots {
    explicit Slots(unsigned count) : objects(count) {}
    std::vector<void*> objects;
};

// Objects of random sizes that live as long as 64 others take to come.
template <class Calls>
void random(benchmark::State& state, const Calls& calls) {
    constexpr unsigned live = 64;
    const Sizes sizes = random_sizes(thread_of(state) + 1);
    Slots slots(live);
    unsigned at = 0;
    for (auto _ : state) {
        void*& slot = slots.objects[at % live];
        if (slot != nullptr) calls.free(slot);
        slot = calls.allocate(sizes.of[at % Sizes::count]);
        *static_cast<unsigned*>(slot) = at;
        ++at;
    }
    for (void* object : slots.objects) {
        if (object != nullptr) calls.free(object);
    }
}

// Slots to be replaced: most of a few that live short, some of many that live long.
struct Victims {
    static constexpr unsigned live = 1024;
    std::array<uint16_t, Sizes::count> of{};
    explicit Victims(unsigned seed) {
        std::minstd_rand generator(seed);
        for (uint16_t& victim : of) {
            const bool short_lived = generator() % 10 < 7;
            victim = static_cast<uint16_t>(generator() % (short_lived ? 32 : live));
        }
    }
};

// A ring of mailboxes, to each thread one, for objects that another thread is to free.
struct alignas(64) Mailbox {
    std::array<std::atomic<void*>, 64> slots;
};
std::array<Mailbox, hal::max_cpus> mailboxes;

// Size classes with lifetimes; of ten objects, `remote` are freed by the next thread, and alone by
// the same one after they have gone through the mailbox.
template <class Calls>
void mix(benchmark::State& state, const Calls& calls, unsigned remote) {
    const unsigned me = thread_of(state);
    const auto threads = static_cast<unsigned>(state.threads());
    const Sizes sizes = class_sizes(me + 1);
    const Victims victims(me + 77);
    Slots slots(Victims::live);
    Mailbox& theirs = mailboxes[(me + 1) % threads];
    Mailbox& mine = mailboxes[me];
    unsigned at = 0;
    for (auto _ : state) {
        void*& slot = slots.objects[victims.of[at % Sizes::count]];
        if (slot != nullptr) {
            if (at % 10 < remote) {
                void* back = theirs.slots[at / 10 % 64].exchange(slot, std::memory_order_acq_rel);
                if (back != nullptr) calls.free(back);
            } else {
                calls.free(slot);
            }
        }
        if (remote != 0 && at % 10 == 5) {
            void* got =
                mine.slots[(at / 10 + 32) % 64].exchange(nullptr, std::memory_order_acq_rel);
            if (got != nullptr) calls.free(got);
        }
        slot = calls.allocate(sizes.of[at % Sizes::count]);
        *static_cast<unsigned*>(slot) = at;
        ++at;
    }
    // The threads have met behind the loop: nobody puts anything into a mailbox any more.
    for (auto& slot : mine.slots) slots.objects.push_back(slot.exchange(nullptr));
    for (void* object : slots.objects) {
        if (object != nullptr) calls.free(object);
    }
}

template <class Calls>
void mix_own(benchmark::State& state, const Calls& calls) {
    mix(state, calls, 0);
}
template <class Calls>
void mix_remote(benchmark::State& state, const Calls& calls) {
    mix(state, calls, 1);
}

template <class Calls>
using Pattern = void (*)(benchmark::State&, const Calls&);

template <class Calls>
void add(const std::string& pattern_name, Pattern<Calls> pattern, const std::string& allocator,
         const Calls& calls, int most_threads) {
    benchmark::RegisterBenchmark(("heap/" + pattern_name + "/" + allocator).c_str(),
                                 [=](benchmark::State& state) {
                                     kernel::ThreadMachine::set_cpu(thread_of(state));
                                     pattern(state, calls);
                                 })
        ->ThreadRange(1, most_threads)
        ->UseRealTime();
}

template <class Calls>
void add_all(const std::string& allocator, const Calls& calls, int most_threads = hal::max_cpus) {
    add<Calls>("hot", hot<Calls>, allocator, calls, most_threads);
    add<Calls>("random", random<Calls>, allocator, calls, most_threads);
    add<Calls>("mix", mix_own<Calls>, allocator, calls, most_threads);
    add<Calls>("mix_remote", mix_remote<Calls>, allocator, calls, most_threads);
}

// From a library that was loaded by name; without it, these rows are missing.
void add_library(const char* name, const char* file, const char* malloc_name,
                 const char* free_name) {
    void* library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    void* malloc_entry = library == nullptr ? nullptr : dlsym(library, malloc_name);
    void* free_entry = library == nullptr ? nullptr : dlsym(library, free_name);
    if (malloc_entry == nullptr || free_entry == nullptr) {
        std::fprintf(stderr, "no rows of %s: %s\n", name, dlerror());
        return;
    }
    add_all(name, LibraryCalls{reinterpret_cast<void* (*)(size_t)>(malloc_entry),
                               reinterpret_cast<void (*)(void*)>(free_entry)});
}

const int registered = [] {
    static const kernel::ThreadMachine machine;
    add_all("none", NothingCalls{});
    for (unsigned i = 0; i < kernel::heap_count(); ++i) {
        const kernel::HeapKind& kind = kernel::heap_at(i);
        static std::vector<std::unique_ptr<HeapMemory>> memories;
        memories.push_back(std::make_unique<HeapMemory>(kind));
        // More threads than CPUs that want one ticket lock wait for each other's time slices.
        const int most_threads = kind.name == "slab" ? hal::max_cpus : 2;
        add_all(std::string(kind.name), KernelCalls{&memories.back()->heap()}, most_threads);
    }
    add_library("mimalloc", "libmimalloc.so.2", "mi_malloc", "mi_free");
    add_library("jemalloc", "libjemalloc.so.2", "malloc", "free");
    add_all("glibc", LibraryCalls{std::malloc, std::free});
    return 0;
}();

}  // namespace
