// SPDX-License-Identifier: Apache-2.0
// WrittenTrace: a trace that a test writes with Orrery's own writer, and then reads.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "gui/trace/trace_loader.hpp"
#include "sim/trace/perfetto_writer.hpp"
#include "sim/trace/record_translator.hpp"
#include "tests/sim/trace/scratch_folder.hpp"

namespace inspector::testing {

using orrery::trace::PerfettoWriter;
using orrery::trace::RecordTranslator;
using orrery::trace::testing::ScratchFolder;
namespace abi = orrery::trace::abi;

class WrittenTrace final {
  public:
    WrittenTrace() : writer_(std::in_place, path()) {}

    [[nodiscard]] std::filesystem::path path() const { return folder_.file("trace.pftrace"); }
    [[nodiscard]] PerfettoWriter& writer() { return *writer_; }

    // The whole file.
    [[nodiscard]] std::string bytes() {
        finish();
        return orrery::trace::testing::read_file(path());
    }

    // Reads what was written; the store is asked without a lock, since reading is over.
    [[nodiscard]] const TraceStore& read(const LoadOptions& options = {}) {
        finish();
        loader_ = std::make_unique<TraceLoader>(options);
        loader_->open(path());
        loader_->wait();
        const TraceStore* store = nullptr;
        loader_->read([&](const TraceStore& there) { store = &there; });
        return *store;
    }
    [[nodiscard]] LoadProgress progress() const { return loader_->progress(); }

  private:
    void finish() {
        if (writer_) writer_->finish();
        writer_.reset();
    }

    ScratchFolder folder_;
    std::optional<PerfettoWriter> writer_;
    std::unique_ptr<TraceLoader> loader_;
};

// A trace record as the kernel makes it.
inline abi::TraceRecord record(abi::TraceType type, uint32_t cpu, uint32_t thread, uint64_t a = 0,
                               uint64_t b = 0) {
    abi::TraceRecord result{};
    result.type = type;
    result.cpu = static_cast<decltype(result.cpu)>(cpu);
    result.thread = thread;
    result.a = a;
    result.b = b;
    return result;
}

// The child of a track that has a name; no_track if there is none.
inline TrackId child(const TraceStore& store, TrackId parent, std::string_view name) {
    for (const TrackId id : store.children(parent)) {
        if (store.name(id) == name) return id;
    }
    return no_track;
}

inline TrackId track_at(const TraceStore& store, std::initializer_list<std::string_view> path) {
    TrackId at = root_track;
    for (const std::string_view name : path) {
        at = child(store, at, name);
        if (at == no_track) break;
    }
    return at;
}

}  // namespace inspector::testing
