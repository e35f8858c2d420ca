// SPDX-License-Identifier: Apache-2.0
// TraceSearch: see the header.
#include "gui/timeline/trace_search.hpp"

#include <memory>
#include <utility>

namespace inspector {

TraceSearch::TraceSearch(const TraceLoader& loader) : loader_(&loader) {}

TraceSearch::~TraceSearch() {
    ++number_;
}

void TraceSearch::start(const QString& query, bool runs) {
    hits_.clear();
    current_.reset();
    asked_ = !query.trimmed().isEmpty();
    done_ = !asked_;
    const uint64_t number = ++number_;
    emit changed();
    if (!asked_) return;
    const auto search = std::make_shared<Search>(query.toStdString(), runs);
    worker_.ask(0, [this, number, search] { look_on(number, search); });
}

void TraceSearch::look_on(uint64_t number, const std::shared_ptr<Search>& search) {
    size_t found = 0;
    while (number_ == number && found < most_hits) {
        SearchHits hits =
            loader_->read([&](const TraceStore& store) { return search->next(store); });
        found = (hits.anew ? 0 : found) + hits.hits.size();
        const bool last = hits.done || found >= most_hits;
        const auto take = [this, number, last, anew = hits.anew, fresh = std::move(hits.hits)] {
            if (number_ != number) return;
            if (anew) {
                hits_.clear();
                current_.reset();
            }
            hits_.insert(hits_.end(), fresh.begin(), fresh.end());
            done_ = last;
            emit changed();
        };
        QMetaObject::invokeMethod(this, take, Qt::QueuedConnection);
        if (last) return;
    }
}

std::optional<EventRef> TraceSearch::next(int direction) {
    if (hits_.empty()) return {};
    if (!current_) {
        current_ = direction > 0 ? 0 : hits_.size() - 1;
    } else if (direction > 0) {
        current_ = (*current_ + 1) % hits_.size();
    } else {
        current_ = (*current_ + hits_.size() - 1) % hits_.size();
    }
    emit changed();
    return hits_[*current_];
}

QString TraceSearch::state_text() const {
    if (!asked_) return {};
    const QString count = QString::number(hits_.size()) + (done_ ? QString() : tr(" so far"));
    if (hits_.empty()) return done_ ? tr("nothing found") : tr("searching");
    if (hits_.size() >= most_hits) return tr("the first %1").arg(count);
    return current_ ? tr("%1 of %2").arg(*current_ + 1).arg(count) : tr("%1 found").arg(count);
}

}  // namespace inspector
