// SPDX-License-Identifier: Apache-2.0
// Breakpoints: addresses at which this session holds the run, on all CPUs.
#pragma once

#include <QMap>
#include <QObject>
#include <QSet>
#include <QStringList>
#include <cstdint>
#include <vector>

#include "gui/models/tree_model.hpp"
#include "gui/session/session.hpp"

namespace inspector {

class Breakpoints final : public QObject {
    Q_OBJECT

  public:
    explicit Breakpoints(Session& session, QObject* parent = nullptr);

    // Sets one at an address on each of the CPUs, or removes it there. The run must be held.
    void toggle(uint64_t address, const QStringList& targets);
    void remove(uint64_t address);

    [[nodiscard]] QSet<uint64_t> addresses() const;
    [[nodiscard]] static QList<TreeColumn> columns();
    [[nodiscard]] std::vector<TreeRow> rows() const;

  signals:
    void changed();
    // One was not set or removed; the sentence says why.
    void refused(const QString& sentence);

  private:
    void session_changed();
    void insert(uint64_t address, const QString& target);

    Session& session_;
    // By address: the CPUs, and the number of the breakpoint on each.
    QMap<uint64_t, QMap<QString, QString>> all_;
};

}  // namespace inspector
