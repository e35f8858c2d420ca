// SPDX-License-Identifier: Apache-2.0
// shell: an interactive command line on the console.
#include "user/lib/archive.hpp"
#include "user/lib/sha256.hpp"
#include "user/lib/task.hpp"
#include "user/lib/words.hpp"

namespace user {

namespace {

constexpr size_t longest_line = 200;
constexpr uint64_t nanoseconds_per_millisecond = 1'000'000;
constexpr uint64_t longest_sleep = 24ull * 3600 * 1000;

struct Command {
    std::string_view name;
    std::string_view arguments;
    std::string_view purpose;
    void (*run)(std::string_view arguments);
};

std::span<const Command> commands();

void help(std::string_view) {
    for (const Command& command : commands()) {
        const Text<32> usage("{} {}", command.name, command.arguments);
        print("{:20} {}\n", usage.view(), command.purpose);
    }
}

void echo(std::string_view text) {
    print("{}\n", text);
}

// Mapped at the first use, and kept.
Result<std::span<const uint8_t>> archive() {
    static std::span<const uint8_t> bytes;
    if (bytes.empty()) {
        const auto mapped = system::map_archive();
        if (!mapped) return mapped.status();
        bytes = *mapped;
    }
    return bytes;
}

Result<ArchiveFile> find_file(std::string_view name) {
    const auto bytes = archive();
    if (!bytes) return bytes.status();
    return Archive(*bytes).find(name);
}

void ls(std::string_view) {
    const auto bytes = archive();
    if (!bytes) return print("ls: {}\n", bytes.status());
    Archive::Cursor files = Archive(*bytes).files();
    for (;;) {
        const auto file = files.next();
        if (file.status() == Status::NotFound) return;
        if (!file) return print("ls: {}\n", file.status());
        print("{:8} {}\n", file->data.size(), file->name);
    }
}

void cat(std::string_view name) {
    const auto file = find_file(name);
    if (!file) return print("cat: {}: {}\n", name, file.status());
    write_text({reinterpret_cast<const char*>(file->data.data()), file->data.size()});
}

void sha256(std::string_view name) {
    const auto file = find_file(name);
    if (!file) return print("sha256: {}: {}\n", name, file.status());
    print("{} {}\n", DigestText(Sha256::of(file->data)).view(), name);
}

void info(std::string_view) {
    const auto info = system::system_info();
    if (!info) return print("info: {}\n", info.status());
    print("cpus {} of {}, frames {} of {} free, tasks {}, threads {}\n", info->cpus_online,
          info->cpus_present, info->frames_free, info->frames_total, info->tasks, info->threads);
}

void uptime(std::string_view) {
    const uint64_t milliseconds = system::clock_now() / nanoseconds_per_millisecond;
    print("up {}.{:03} s\n", milliseconds / 1000, milliseconds % 1000);
}

void cpu(std::string_view) {
    print("cpu {}\n", system::cpu_number());
}

void show_clocks() {
    for (uint32_t index = 0;; ++index) {
        const auto domain = system::read_performance(index);
        if (domain.status() == Status::NotFound) {
            if (index == 0) print("clocks: frequencies are fixed\n");
            return;
        }
        if (!domain) return print("clocks: {}\n", domain.status());
        Text<longest_line> levels;
        for (uint32_t i = 0; i < domain->level_count; ++i) levels.append(" {}", domain->levels[i]);
        print("clock {} {} cpus={:x} now={} kHz levels:{}\n", index, domain->name, domain->cpu_mask,
              domain->current, levels.view());
    }
}

void clocks(std::string_view arguments) {
    if (arguments.empty()) return show_clocks();
    const auto domain = parse_number(take_word(arguments));
    const auto kilohertz = parse_number(arguments);
    if (!domain || !kilohertz || *domain > UINT32_MAX || *kilohertz > UINT32_MAX) {
        return print("clocks: wants a domain and a frequency in kHz, or nothing\n");
    }
    const Status status =
        system::set_performance(static_cast<uint32_t>(*domain), static_cast<uint32_t>(*kilohertz));
    print("clock {} to {} kHz: {}\n", *domain, *kilohertz, status);
}

void sleep(std::string_view arguments) {
    const auto milliseconds = parse_number(arguments);
    if (!milliseconds || *milliseconds > longest_sleep) {
        return print("sleep: wants milliseconds, at most {}\n", longest_sleep);
    }
    system::sleep(*milliseconds * nanoseconds_per_millisecond);
}

void run(std::string_view arguments) {
    const std::string_view name = take_word(arguments);
    const Text<longest_line + 4> in_bin("bin/{}", name);
    const bool bare = name.find('/') == name.npos;
    const std::string_view path = bare ? in_bin.view() : name;

    // Whatever of the machine the shell itself may use, its programs may.
    const auto task = system::spawn_task(path, arguments, 0, {}, abi::right_all_system);
    if (!task) return print("run: {}: {}\n", path, task.status());
    const auto result = system::wait_task(*task);
    if (!result) return print("run: {}: {}\n", path, result.status());
    print_end("", path, *result);
}

bool is_prime(uint64_t number) {
    if (number < 4) return number > 1;
    if (number % 2 == 0) return false;
    for (uint64_t divisor = 3; divisor * divisor <= number; divisor += 2) {
        if (number % divisor == 0) return false;
    }
    return true;
}

void primes(std::string_view arguments) {
    constexpr uint64_t largest = 10'000'000;
    const auto limit = parse_number(arguments);
    if (!limit || *limit > largest) return print("primes: wants a number, at most {}\n", largest);
    uint64_t count = 0;
    for (uint64_t number = 2; number < *limit; ++number) count += is_prime(number) ? 1 : 0;
    print("{} primes below {}\n", count, *limit);
}

void exit(std::string_view arguments) {
    constexpr uint64_t largest = 255;
    const auto code = arguments.empty() ? Result(uint64_t{0}) : parse_number(arguments);
    if (!code || *code > largest) return print("exit: wants a code, at most {}\n", largest);
    system::exit_task(static_cast<int>(*code));
}

std::span<const Command> commands() {
    static constexpr Command table[] = {
        {"help", "", "lists the commands", help},
        {"echo", "TEXT", "prints the text", echo},
        {"ls", "", "lists the files of the archive with their sizes", ls},
        {"cat", "FILE", "prints a file", cat},
        {"sha256", "FILE", "prints a file's SHA-256", sha256},
        {"info", "", "shows CPUs, page frames, tasks and threads", info},
        {"uptime", "", "shows the time since boot", uptime},
        {"cpu", "", "shows the CPU this runs on", cpu},
        {"clocks", "[DOMAIN KHZ]", "shows the CPUs' clocks, or sets one", clocks},
        {"sleep", "MS", "sleeps for milliseconds", sleep},
        {"run", "PROGRAM [ARGS]", "runs a program and says how it ended", run},
        {"primes", "N", "counts the primes below N", primes},
        {"exit", "CODE", "ends the shell", exit},
    };
    return table;
}

void execute(std::string_view line) {
    const std::string_view name = take_word(line);
    if (name.empty()) return;
    for (const Command& command : commands()) {
        if (command.name == name) return command.run(line);
    }
    print("unknown command: {} (try help)\n", name);
}

}  // namespace

int user_main(std::string_view) {
    LineReader reader;
    char buffer[longest_line];
    for (;;) {
        print("orrery> ");
        const auto line = reader.read_line(buffer);
        if (line) {
            execute(*line);
        } else if (line.status() == Status::LimitReached) {
            print("line too long: at most {} characters\n", longest_line);
        } else {
            print("shell: console: {}\n", line.status());
            return 1;
        }
    }
}

}  // namespace user
