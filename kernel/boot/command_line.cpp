// SPDX-License-Identifier: Apache-2.0
// The kernel command line.
#include "kernel/boot/command_line.hpp"

#include "kernel/memory/frames/strategy_choice.hpp"
#include "kernel/memory/heap/heap_choice.hpp"
#include "kernel/schedule/policies/policy_choice.hpp"

namespace kernel {
namespace {

constexpr uint64_t least_memory = 1 << 20;

bool parse_number(std::string_view text, uint64_t& value) {
    if (text.empty() || text.size() > 19) return false;
    value = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '9') return false;
        value = value * 10 + static_cast<uint64_t>(digit - '0');
    }
    return true;
}

// A number of bytes; K, M and G are powers of 1024.
bool parse_size(std::string_view text, uint64_t& value) {
    constexpr std::string_view units = "KMG";
    constexpr uint64_t most = uint64_t{1} << 48;
    uint64_t factor = 1;
    if (!text.empty()) {
        const size_t unit = units.find(text.back());
        if (unit != std::string_view::npos) {
            factor <<= 10 * (unit + 1);
            text.remove_suffix(1);
        }
    }
    if (!parse_number(text, value) || value > most / factor) return false;
    value *= factor;
    return true;
}

bool parse_switch(std::string_view text, bool& value) {
    value = text == "on";
    return value || text == "off";
}

bool parse_huge_pages(std::string_view text, Memory::HugePages& mode) {
    using Mode = Memory::HugePages;
    mode = text == "always" ? Mode::Always : text == "promote" ? Mode::Promote : Mode::Never;
    return text == "always" || text == "promote" || text == "never";
}

bool parse_performance(std::string_view text, PerformanceWish& wish) {
    using Kind = PerformanceWish::Kind;
    wish = {};
    if (text == "highest") return true;
    wish.kind = Kind::Lowest;
    if (text == "lowest") return true;
    wish.kind = text.ends_with('%') ? Kind::Percent : Kind::Kilohertz;
    if (wish.kind == Kind::Percent) text.remove_suffix(1);
    if (!parse_number(text, wish.value) || wish.value == 0) return false;
    return wish.kind == Kind::Kilohertz || wish.value <= 100;
}

bool parse_governor(std::string_view text, Governor& governor) {
    for (const Governor each :
         {Governor::None, Governor::Performance, Governor::Powersave, Governor::Schedutil}) {
        governor = each;
        if (text == governor_name(each)) return true;
    }
    return false;
}

// Numbers and ranges, such as 1,4-6. The boot CPU serves everybody.
bool parse_cpus(std::string_view text, uint64_t& mask) {
    mask = 0;
    for (;;) {
        const size_t comma = text.find(',');
        const std::string_view part = text.substr(0, comma);
        const size_t dash = part.find('-');
        uint64_t first = 0;
        if (!parse_number(part.substr(0, dash), first)) return false;
        uint64_t last = first;
        if (dash != std::string_view::npos && !parse_number(part.substr(dash + 1), last)) {
            return false;
        }
        if (first == 0 || last < first || last >= hal::max_cpus) return false;
        for (uint64_t cpu = first; cpu <= last; ++cpu) mask |= uint64_t{1} << cpu;
        if (comma == std::string_view::npos) return true;
        text.remove_prefix(comma + 1);
    }
}

bool take(std::string_view key, std::string_view value, CommandLine& result) {
    if (key == "page_allocator") {
        result.page_allocator = value;
        return find_strategy(value) != nullptr;
    }
    if (key == "page_cache") return parse_switch(value, result.page_cache);
    if (key == "aslr") return parse_switch(value, result.aslr);
    if (key == "kaslr") return parse_switch(value, result.kaslr);
    if (key == "kernel_heap") {
        result.kernel_heap = value;
        return find_heap(value) != nullptr;
    }
    if (key == "heap_debug") return parse_switch(value, result.heap_debug);
    if (key == "kernel_preemption") return parse_switch(value, result.kernel_preemption);
    if (key == "init") {
        result.init = value;
        return !value.empty();
    }
    if (key == "trace") return parse_switch(value, result.trace);
    if (key == "record_allocations") return parse_switch(value, result.record_allocations);
    if (key == "hold") return parse_number(value, result.hold_nanoseconds);
    if (key == "cpus") return parse_number(value, result.cpus) && result.cpus >= 1;
    if (key == "trace_records") {
        const bool number = parse_number(value, result.trace_records);
        return number && result.trace_records >= 256 && result.trace_records <= (1U << 22) &&
               (result.trace_records & (result.trace_records - 1)) == 0;
    }
    if (key == "task_memory") {
        return parse_number(value, result.task_memory_percent) && result.task_memory_percent >= 1 &&
               result.task_memory_percent <= 100;
    }
    if (key == "memory_limit") {
        return parse_size(value, result.memory_limit) && result.memory_limit >= least_memory;
    }
    if (key == "reclaim") return parse_switch(value, result.reclaim);
    if (key == "swap_memory") {
        return parse_number(value, result.swap_memory_percent) && result.swap_memory_percent <= 50;
    }
    if (key == "swap_disk") return parse_size(value, result.swap_disk);
    if (key == "huge_pages") return parse_huge_pages(value, result.huge_pages);
    if (key == "cpu_performance") return parse_performance(value, result.cpu_performance);
    if (key == "scheduler") {
        result.scheduler = value;
        return find_policy(value) != nullptr;
    }
    if (key == "input_boost") {
        return parse_number(value, result.input_boost_milliseconds) &&
               result.input_boost_milliseconds <= 1000;
    }
    if (key == "isolated_cpus") return parse_cpus(value, result.isolated_cpus);
    if (key == "governor") return parse_governor(value, result.governor);
    if (key == "placement") {
        result.energy_placement = value == "energy";
        return result.energy_placement || value == "idle_first";
    }
    return false;
}

}  // namespace

Status parse_command_line(std::string_view text, CommandLine& result) {
    while (!text.empty()) {
        if (text.front() == ' ') {
            text.remove_prefix(1);
            continue;
        }
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(word.size());
        if (word == "--") {
            if (!text.empty()) text.remove_prefix(1);
            result.init_arguments = text;
            return Status::Ok;
        }
        const size_t equals = word.find('=');
        const bool good = equals != std::string_view::npos &&
                          take(word.substr(0, equals), word.substr(equals + 1), result);
        if (!good) {
            result.bad_word = word;
            return Status::InvalidArgument;
        }
    }
    return Status::Ok;
}

}  // namespace kernel
