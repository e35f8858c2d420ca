// SPDX-License-Identifier: Apache-2.0
// TraceSearch: searches the trace's events on a thread of its own, and goes from hit to hit.
#pragma once

#include <QObject>
#include <QString>
#include <atomic>
#include <optional>
#include <vector>

#include "gui/timeline/worker.hpp"
#include "gui/trace/search.hpp"
#include "gui/trace/trace_loader.hpp"

namespace inspector {

class TraceSearch final : public QObject {
    Q_OBJECT

  public:
    // So many hits are looked for; more are not told of.
    static constexpr size_t most_hits = 10'000;

    // Precondition: the loader outlives this.
    explicit TraceSearch(const TraceLoader& loader);
    ~TraceSearch() override;

    // Begins anew; an empty query finds nothing. With `runs` threads' runs are found too.
    void start(const QString& query, bool runs);

    [[nodiscard]] const std::vector<EventRef>& hits() const { return hits_; }
    [[nodiscard]] bool done() const { return done_; }
    // Which hit next() has gone to, from 0 on.
    [[nodiscard]] std::optional<size_t> current() const { return current_; }
    // The next hit, or the one before; the first one follows the last.
    [[nodiscard]] std::optional<EventRef> next(int direction);
    // "3 of 17"
    [[nodiscard]] QString state_text() const;

  signals:
    void changed();

  private:
    void look_on(uint64_t number, const std::shared_ptr<Search>& search);

    const TraceLoader* loader_;
    std::vector<EventRef> hits_;
    std::optional<size_t> current_;
    bool done_ = true;
    bool asked_ = false;
    std::atomic<uint64_t> number_ = 0;  // of the search; older ones give up
    Worker worker_;                     // last, for it uses the others
};

}  // namespace inspector
