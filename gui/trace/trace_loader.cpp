// SPDX-License-Identifier: Apache-2.0
// TraceLoader: reading a file piece by piece, and what to say of it.
#include "gui/trace/trace_loader.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace inspector {

namespace {

// Some 3,000 events, so that who asks meanwhile waits for a millisecond or two.
constexpr size_t piece = 256 * 1024;
// Memory is looked at when so much has been read.
constexpr uint64_t bytes_between_checks = uint64_t{2} << 20;

class File final {
  public:
    explicit File(const std::filesystem::path& path)
        : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    ~File() {
        if (descriptor_ >= 0) close(descriptor_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
    [[nodiscard]] uint64_t size() const {
        struct stat status {};
        return fstat(descriptor_, &status) == 0 ? static_cast<uint64_t>(status.st_size) : 0;
    }
    // Negative: errno says why not.
    [[nodiscard]] ssize_t read(std::string& buffer) const {
        ssize_t count = 0;
        do {
            count = ::read(descriptor_, buffer.data(), buffer.size());
        } while (count < 0 && errno == EINTR);
        return count;
    }

  private:
    int descriptor_;
};

}  // namespace

TraceLoader::TraceLoader(const LoadOptions& options)
    : options_(options), shown_(std::make_unique<Reading>(options, 0)) {}

TraceLoader::Reading::Reading(const LoadOptions& options, uint64_t edition)
    : store(options.memory_budget, edition), reader(store, options.window), stream(reader) {}

TraceLoader::~TraceLoader() {
    cancel();
    wait();
}

void TraceLoader::open(const std::filesystem::path& path) {
    {
        // At once, for what has no size is taken for a live run.
        std::error_code none;
        const uintmax_t size = std::filesystem::file_size(path, none);
        const std::unique_lock lock(mutex_);
        state_ = LoadState::Reading;
        bytes_total_ = none ? 0 : size;
    }
    thread_ = std::thread([this, path] { read_file(path); });
}

void TraceLoader::wait() {
    if (thread_.joinable()) thread_.join();
}

void TraceLoader::read_file(const std::filesystem::path& path) {
    const auto fail = [&](const char* action) {
        const std::string reason = std::strerror(errno);
        end(LoadState::Failed, fmt::format("cannot {} {}: {}; check its path and its rights",
                                           action, path.string(), reason));
    };
    const File file(path);
    if (!file.is_open()) return fail("open");
    {
        const std::unique_lock lock(mutex_);
        bytes_total_ = file.size();
    }
    std::string buffer(piece, '\0');
    while (!cancelled_) {
        const ssize_t count = file.read(buffer);
        if (count < 0) return fail("read");
        if (count == 0) return end(LoadState::Done);
        const std::unique_lock lock(mutex_);
        feed(*shown_, std::string_view(buffer).substr(0, static_cast<size_t>(count)));
        if (shown_->stream.state() != StreamState::Good) break;
    }
    end(cancelled_ ? LoadState::Cancelled : LoadState::Done);
}

void TraceLoader::append(std::string_view bytes) {
    if (aside_) return feed(*aside_, bytes);
    const std::unique_lock lock(mutex_);
    state_ = LoadState::Reading;
    feed(*shown_, bytes);
}

void TraceLoader::restart() {
    const uint64_t edition = shown_->store.edition();
    aside_ = std::make_unique<Reading>(options_, edition + 1);
}

void TraceLoader::take_over() {
    if (!aside_) return;
    {
        const std::unique_lock lock(mutex_);
        std::swap(shown_, aside_);
    }
    aside_.reset();
}

void TraceLoader::finish() {
    take_over();
    end(LoadState::Done);
}

void TraceLoader::feed(Reading& reading, std::string_view bytes) {
    reading.stream.feed(bytes);
    if (options_.window == 0) reading.reader.settle(true);
    reading.bytes += bytes.size();
    if (reading.bytes - reading.bytes_at_check < bytes_between_checks) return;
    reading.bytes_at_check = reading.bytes;
    reading.store.keep_budget();
}

void TraceLoader::end(LoadState state, std::string failure) {
    const std::unique_lock lock(mutex_);
    // A file that was given up in the middle is not cut off.
    state == LoadState::Done ? static_cast<void>(shown_->stream.finish())
                             : shown_->reader.settle(true);
    shown_->store.keep_budget();
    failure_ = std::move(failure);
    state_ = state;
}

LoadProgress TraceLoader::progress() const {
    const std::shared_lock lock(mutex_);
    const Reading& shown = *shown_;
    return {state_,       shown.stream.state(),  shown.store.edition(),       shown.bytes,
            bytes_total_, shown.reader.counts(), shown.reader.build_counts(), complaints()};
}

std::vector<std::string> TraceLoader::complaints() const {
    std::vector<std::string> result;
    if (!failure_.empty()) result.push_back(failure_);
    switch (shown_->stream.state()) {
        case StreamState::Good: break;
        case StreamState::Empty:
            result.emplace_back("the trace is empty: run the scenario with --trace again");
            break;
        case StreamState::NoTrace:
            result.emplace_back(
                "this is no Perfetto trace: choose the trace.pftrace of a run folder");
            break;
        case StreamState::CutOff:
            result.push_back(fmt::format(
                "the trace is cut off after {} bytes: what stands before is shown, the rest is "
                "missing; run the scenario again to have it all",
                shown_->stream.offset()));
            break;
        case StreamState::Damaged:
            result.push_back(fmt::format(
                "the trace is damaged at byte {}: what stands before is shown, the rest cannot be "
                "read; run the scenario again to have it all",
                shown_->stream.offset()));
            break;
    }
    const auto say = [&](uint64_t count, std::string_view sentence) {
        if (count != 0) result.push_back(fmt::format(fmt::runtime(sentence), count));
    };
    const ReadCounts& read = shown_->reader.counts();
    const BuildCounts& built = shown_->reader.build_counts();
    if (shown_->stream.state() != StreamState::NoTrace) {
        say(read.damaged, "{} packets are damaged inside and are left out");
        say(read.unknown, "{} packets are of a kind that the inspector does not read");
    }
    say(read.other_clock, "{} events have times of another clock than BOOTTIME and are left out");
    say(read.ignored, "{} events or arguments are of a kind that the inspector does not read");
    say(built.late, "{} events came too late to be put in order and are left out");
    say(built.too_deep, "{} slices nest too deep and are left out");
    say(built.losses, "records were lost in {} places: choose a larger trace_records");
    say(shown_->store.strings().left_out(), "{} names are left out, for there are too many");
    return result;
}

}  // namespace inspector
