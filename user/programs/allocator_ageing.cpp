// SPDX-License-Identifier: Apache-2.0
// allocator_ageing: executes the plan that the archive has as `ageing/plan`, and prints what came
// of it for scenarios/allocator_ageing.py to read.
//
// A plan has a line for each step. `memory frames=N` leaves about N frames free and takes the rest
// out of the way; `run` executes a recipe of user/lib/ageing on threads that are bound to CPUs 0 to
// N - 1. Operations on frames go to the kernel in batches, and are timed there.
#include "user/lib/ageing/recipes.hpp"
#include "user/lib/archive.hpp"
#include "user/lib/console.hpp"
#include "user/lib/thread.hpp"
#include "user/lib/words.hpp"
#include "user/programs/ageing_memory.hpp"
#include "user/programs/ageing_results.hpp"

namespace user {
namespace {

using ageing::Plan;
using ageing::Work;
using Recipe = ageing::Recipe<CallMemory>;

// All there is of memory beside what the program was loaded with.
struct Stage final {
    std::span<const uint8_t> archive;
    uint32_t frames = 0;  // that runs play in
    Work work{};
    uint32_t counts[ageing::most_threads] = {};
    Tally* tallies = nullptr;  // one for each thread
    Run run{};
    const Recipe* recipe = nullptr;
    Plan plan;
    bool map = false;  // whether a map of memory is wanted at the end of the run
};

constinit Stage stage;

template <typename T>
T* map_array(uint64_t count) {
    const uint64_t size = (count * sizeof(T) + abi::page_size - 1) & ~(abi::page_size - 1);
    // All of it at once: later there may be no frame left for it, and a fault would be measured.
    const auto mapped =
        system::map_memory(size, abi::ProtectionRead | abi::ProtectionWrite | abi::MapPopulate);
    return mapped ? reinterpret_cast<T*>(*mapped) : nullptr;
}

// Takes frames out of the way, on the nodes of the mask, in blocks as large as can be had. Ends
// when `excess` frames are taken or there are no more.
class Ballast final {
  public:
    explicit Ballast(uint32_t first_slot) : slot_(first_slot) {}

    uint64_t take(uint64_t excess, uint32_t nodes) {
        for (uint8_t order = abi::frame_orders; order-- > 0;) {
            while (excess >> order != 0) {
                const uint64_t taken = take_batch(excess >> order, order, nodes);
                excess -= taken << order;
                if (taken < batch) break;
            }
        }
        return excess;
    }

  private:
    static constexpr uint64_t batch = 128;

    uint64_t take_batch(uint64_t wanted, uint8_t order, uint32_t nodes) {
        abi::FrameOperation operations[batch];
        const uint64_t count = wanted < batch ? wanted : batch;
        for (uint64_t i = 0; i < count; ++i) {
            operations[i] = {};
            operations[i].slot = slot_ + static_cast<uint32_t>(i);
            operations[i].order = order;
            operations[i].policy = abi::FramePolicy::Bound;
            operations[i].nodes = nodes;
        }
        if (system::operate_frames({operations, count}) != Status::Ok) return 0;
        uint64_t taken = 0;
        while (taken < count && operations[taken].status == 0) ++taken;
        slot_ += static_cast<uint32_t>(taken);
        return taken;
    }

    uint32_t slot_;
};

// The kernel needs some frames of its own meanwhile: slots' tables, the heap.
uint64_t margin(uint64_t frames) {
    return frames / 64 + 256;
}

// Leaves this many frames free, the kernel's margin and its reserve. The table of the slots that
// ballast lies in takes frames too, so it goes step by step.
bool take_ballast(uint32_t frames, uint64_t reserve) {
    const uint64_t kept = frames + margin(frames) + reserve;
    Ballast ballast(frames);
    for (;;) {
        const auto now = system::read_frames();
        if (!now) return false;
        if (now->free <= kept) return true;
        const uint64_t excess = now->free - kept;
        const uint64_t step = excess - excess / 128;
        // Runs play on the node of the CPUs that they are bound to, the first one.
        const uint64_t rest = ballast.take(step, ~uint32_t{1});
        if (ballast.take(rest, 1) != 0) return false;
    }
}

bool set_memory(uint32_t wanted) {
    const auto all = system::read_frames();
    if (!all) return false;
    const uint64_t usable = all->free > all->reserve ? all->free - all->reserve : 0;
    if (usable <= margin(usable)) return false;
    const uint64_t most = usable - margin(usable);
    const auto frames = static_cast<uint32_t>(wanted == 0 || wanted > most ? most : wanted);
    stage.frames = frames;
    stage.work = {map_array<uint32_t>(frames), map_array<uint8_t>(frames), frames, stage.counts};
    stage.run.held = map_array<uint8_t>(frames);
    stage.tallies = map_array<Tally>(ageing::most_threads);
    if (stage.work.slots == nullptr || stage.work.orders == nullptr || stage.run.held == nullptr ||
        stage.tallies == nullptr) {
        return false;
    }
    if (wanted != 0 && !take_ballast(frames, all->reserve)) return false;
    const auto report = system::read_frames();
    if (!report) return false;
    print("ageing: memory {} frames of {}, {} free, {} bytes of metadata, {} ticks a second\n",
          frames, report->total, report->free, report->metadata_bytes, report->frequency);
    // Where runs will play.
    const auto areas = system::map_frames(stage.run.free_in_area, 0);
    if (areas) print_map("memory", {stage.run.free_in_area, *areas});
    return true;
}

uint64_t work(void* argument) {
    const auto thread = static_cast<uint32_t>(reinterpret_cast<uint64_t>(argument));
    CallMemory memory(stage.run, stage.tallies[thread], thread);
    stage.recipe->run(memory, stage.plan, stage.work, thread);
    if (memory.together() && stage.map) {
        const auto areas = system::map_frames(stage.run.free_in_area, 0);
        stage.run.areas = areas ? *areas : 0;
    }
    (void)memory.together();
    // What the recipe has left; each thread a part of the slots.
    const uint32_t each = stage.frames / stage.run.threads;
    const uint32_t end = thread + 1 == stage.run.threads ? stage.frames : (thread + 1) * each;
    for (uint32_t slot = thread * each; slot < end; ++slot) {
        if (stage.run.held[slot] != 0) memory.free(slot, stage.run.held[slot] - 1U);
    }
    memory.settle();
    return 0;
}

bool execute(std::string_view name) {
    stage.run.threads = stage.plan.threads;
    stage.run.points = 0;
    stage.run.areas = 0;
    for (uint32_t i = 0; i < ageing::most_threads; ++i) stage.tallies[i] = {};
    Thread threads[ageing::most_threads];
    uint32_t created = 0;
    for (; created < stage.plan.threads; ++created) {
        const auto thread = Thread::create(work, reinterpret_cast<void*>(uint64_t{created}),
                                           uint64_t{1} << created);
        if (!thread) break;
        threads[created] = *thread;
    }
    // Those that were created wait for the others for ever; the task's end ends them.
    if (created != stage.plan.threads) {
        print("ageing: there is no CPU {} to run on\n", created);
        return false;
    }
    for (uint32_t i = 0; i < created; ++i) {
        if (!threads[i].join()) return false;
    }
    print_results(name, stage.run, {stage.tallies, stage.plan.threads});
    return true;
}

bool read_orders(std::string_view text, ageing::Orders& orders) {
    orders.count = 0;
    while (!text.empty() && orders.count < ageing::most_orders) {
        const std::string_view word = text.substr(0, text.find(','));
        const auto order = parse_number(word);
        if (!order || *order >= abi::frame_orders) return false;
        orders.order[orders.count++] = static_cast<uint8_t>(*order);
        text.remove_prefix(word.size() == text.size() ? word.size() : word.size() + 1);
    }
    return text.empty() && orders.count != 0;
}

// The words after the first one of a line, as KEY=VALUE.
struct Step {
    std::string_view name;
    std::string_view recipe;
    std::string_view trace;
    Plan plan;
    bool map = false;

    bool take(std::string_view key, std::string_view value) {
        if (key == "name") return (name = value, true);
        if (key == "recipe") return (recipe = value, true);
        if (key == "trace") return (trace = value, true);
        if (key == "orders") return read_orders(value, plan.orders);
        const auto number = parse_number(value);
        if (!number) return false;
        if (key == "seed") return (plan.seed = *number, true);
        if (*number > UINT32_MAX) return false;
        const auto small = static_cast<uint32_t>(*number);
        if (key == "frames") return (plan.frames = small, true);
        if (key == "rounds") return (plan.rounds = small, true);
        if (key == "map") return (map = small != 0, true);
        if (key == "fill") return (plan.fill = small, small <= 100);
        if (key == "threads") {
            return (plan.threads = small, small >= 1 && small <= ageing::most_threads);
        }
        return false;
    }
    bool read(std::string_view words) {
        while (!words.empty()) {
            const std::string_view word = take_word(words);
            const size_t equals = word.find('=');
            if (equals == word.npos) return false;
            if (!take(word.substr(0, equals), word.substr(equals + 1))) return false;
        }
        return true;
    }
};

bool find_trace(std::string_view name, Plan& plan) {
    if (name.empty()) return true;
    const auto file = Archive(stage.archive).find(name);
    // The archive aligns files to four bytes.
    if (!file || file->data.size() % 4 != 0) return false;
    plan.trace = reinterpret_cast<const uint32_t*>(file->data.data());
    plan.trace_length = static_cast<uint32_t>(file->data.size() / 4);
    return true;
}

// A line of the plan; false if there is something wrong with it, or it went wrong.
bool execute_line(std::string_view line) {
    const std::string_view verb = take_word(line);
    Step step;
    if (!step.read(line)) return false;
    if (verb == "memory") return set_memory(step.plan.frames);
    if (verb != "run" || stage.frames == 0) return false;
    stage.recipe = ageing::find_recipe<CallMemory>(step.recipe);
    if (stage.recipe == nullptr || !find_trace(step.trace, step.plan)) return false;
    stage.plan = step.plan;
    stage.plan.frames = stage.frames;
    stage.map = step.map;
    return execute(step.name);
}

}  // namespace

int user_main(std::string_view) {
    const auto bytes = system::map_archive();
    if (!bytes) return 1;
    stage.archive = *bytes;
    const auto file = Archive(stage.archive).find("ageing/plan");
    if (!file) {
        print("ageing: the archive has no ageing/plan\n");
        return 2;
    }
    std::string_view plan(reinterpret_cast<const char*>(file->data.data()), file->data.size());
    while (!plan.empty()) {
        const std::string_view line = plan.substr(0, plan.find('\n'));
        plan.remove_prefix(line.size() == plan.size() ? line.size() : line.size() + 1);
        if (execute_line(line)) continue;
        print("ageing: cannot do: {}\n", line);
        return 1;
    }
    print("ageing: done\n");
    return 0;
}

}  // namespace user
