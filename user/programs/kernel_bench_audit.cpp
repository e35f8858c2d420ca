// SPDX-License-Identifier: Apache-2.0
// What an audit log costs: the same calls and messages in a container without one, with one of
// capability operations alone, and with one of all calls.
#include "user/lib/console.hpp"
#include "user/lib/container.hpp"
#include "user/lib/thread.hpp"
#include "user/lib/words.hpp"
#include "user/programs/kernel_bench_parts.hpp"

namespace user {

namespace {

constexpr uint64_t rounds = 4000;
constexpr uint64_t patience = 60'000'000'000;

// A kind of container: what its figures begin with, and abi::AuditMode bits.
struct Kind {
    std::string_view name;
    uint32_t mode;
};

constexpr Kind kinds[] = {
    {"contained", 0},
    {"audited_rights", abi::AuditCapabilities},
    {"audited", abi::AuditCalls},
};

// Whether the log has what `mode` says, and no more.
bool verify_log(Container container, uint32_t mode) {
    static abi::AuditRecord records[abi::audit_capacity];
    uint64_t forgotten = 0;
    const auto count = container.take_audit(records, forgotten);
    if (mode == 0) return count.status() == Status::NotFound;
    if (!count || *count == 0) return false;
    for (uint64_t i = 0; i < *count; ++i) {
        if (mode == abi::AuditCapabilities && !abi::is_capability_call(records[i].call)) {
            return false;
        }
    }
    // Each of the calls that are measured was recorded.
    return mode != abi::AuditCalls || *count + forgotten >= 3 * rounds;
}

bool measure_in(const Kind& kind, uint64_t cpu) {
    const Text<64> arguments("contained {} {}", kind.name, cpu);
    ContainerPlan plan{.name = kind.name};
    plan.program = "bin/kernel_bench";
    plan.arguments = arguments.view();
    const auto container = Container::create(plan);
    if (!container) return false;
    bool good = kind.mode == 0 || container->audit(kind.mode) == Status::Ok;
    good = good && container->start() == Status::Ok;
    good = good && container->wait_stopped(patience) == Status::Ok;
    const auto seen = container->statistics();
    good = good && seen && seen->exit_code == 0 && verify_log(*container, kind.mode);
    (void)container->kill();
    return container->wait_stopped(patience) == Status::Ok && container->remove() == Status::Ok &&
           good;
}

struct Contained {
    std::string_view name;
    uint64_t mask;
};

uint64_t measure_contained(void* argument) {
    const Contained& contained = *static_cast<Contained*>(argument);
    const Text<32> name("{}_null", contained.name);
    report(name.view(), rounds, time_of(rounds, [] { (void)system::null(); }));
    return measure_short_messages(contained.name, contained.mask) ? 0 : 1;
}

}  // namespace

bool measure_audit(uint64_t cpu) {
    for (const Kind& kind : kinds) {
        if (!measure_in(kind, cpu)) return false;
    }
    return true;
}

int be_contained(std::string_view arguments) {
    const std::string_view name = take_word(arguments);
    const auto cpu = parse_number(take_word(arguments));
    if (!cpu) return 2;
    Contained contained{.name = name, .mask = uint64_t{1} << *cpu};
    const auto thread = Thread::create(measure_contained, &contained, contained.mask);
    if (!thread) return 2;
    Thread started = *thread;
    const auto result = started.join();
    return result ? static_cast<int>(*result) : 1;
}

}  // namespace user
