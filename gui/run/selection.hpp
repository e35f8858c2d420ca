// SPDX-License-Identifier: Apache-2.0
// Selection: the one thing that is selected in the inspector. Every panel shows it in its own way
// and may change it; nobody else is told who did.
#pragma once

#include <QObject>
#include <QString>
#include <cstdint>
#include <optional>

namespace inspector {

// What is selected. Fields that do not apply are empty: a selected thread has its task and
// container too, where they are known; a page frame has only its number.
struct Selected {
    std::optional<uint64_t> time;  // nanoseconds of simulated time: the cursor
    std::optional<uint64_t> end;   // with `time`: an area up to here
    std::optional<uint32_t> cpu;
    std::optional<uint32_t> thread;     // the thread's id
    std::optional<uint32_t> task;       // the task's id
    std::optional<uint32_t> container;  // the container's id
    std::optional<uint64_t> address;    // virtual, in `task` if there is one, else the kernel's
    std::optional<uint64_t> frame;      // a page frame's number
    QString module;                     // the path of a module in the object tree, such as "gic"

    bool operator==(const Selected&) const = default;
};

class Selection final : public QObject {
    Q_OBJECT

  public:
    using QObject::QObject;

    [[nodiscard]] const Selected& selected() const { return selected_; }

  public slots:
    // Selects it and tells everybody, unless it is selected already.
    void select(const inspector::Selected& selected);

  signals:
    void changed(const inspector::Selected& selected);

  private:
    Selected selected_;
};

}  // namespace inspector
