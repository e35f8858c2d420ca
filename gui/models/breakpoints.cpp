// SPDX-License-Identifier: Apache-2.0
// Breakpoints: see the header.
#include "gui/models/breakpoints.hpp"

#include "gui/models/units.hpp"

namespace inspector {

Breakpoints::Breakpoints(Session& session, QObject* parent) : QObject(parent), session_(session) {
    connect(&session_, &Session::changed, this, &Breakpoints::session_changed);
}

void Breakpoints::toggle(uint64_t address, const QStringList& targets) {
    if (all_.contains(address)) {
        remove(address);
    } else if (targets.isEmpty()) {
        emit refused("There is no CPU to set a breakpoint on yet: let the run go on first.");
    } else {
        for (const QString& target : targets) insert(address, target);
    }
}

void Breakpoints::insert(uint64_t address, const QString& target) {
    session_.request({"mkbp", target, hexadecimal(address)}, this,
                     [this, address, target](const Reply& reply) {
                         if (!reply.ok) {
                             emit refused(reply.error);
                             return;
                         }
                         // "inserted breakpoint N"
                         all_[address][target] = reply.fields.value(0).section(' ', -1);
                         emit changed();
                     });
}

void Breakpoints::remove(uint64_t address) {
    const QMap<QString, QString> numbers = all_.value(address);
    for (auto number = numbers.begin(); number != numbers.end(); ++number) {
        session_.request({"rmbp", number.value()}, this,
                         [this, address, target = number.key()](const Reply& reply) {
                             if (!reply.ok) {
                                 emit refused(reply.error);
                                 return;
                             }
                             all_[address].remove(target);
                             if (all_[address].isEmpty()) all_.remove(address);
                             emit changed();
                         });
    }
}

QSet<uint64_t> Breakpoints::addresses() const {
    const QList<uint64_t> keys = all_.keys();
    return {keys.begin(), keys.end()};
}

QList<TreeColumn> Breakpoints::columns() {
    return {{"Address"}, {"CPUs"}, {"Numbers"}};
}

std::vector<TreeRow> Breakpoints::rows() const {
    std::vector<TreeRow> rows;
    for (auto row = all_.begin(); row != all_.end(); ++row) {
        rows.push_back(
            {.key = address_text(row.key()),
             .cells = {address_text(row.key()), row->keys().join(' '), row->values().join(' ')},
             .tag = QVariant::fromValue<quint64>(row.key())});
    }
    return rows;
}

void Breakpoints::session_changed() {
    // They go with the connection.
    if (session_.state() != Session::State::Lost || all_.isEmpty()) return;
    all_.clear();
    emit changed();
}

}  // namespace inspector
