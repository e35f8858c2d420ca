// SPDX-License-Identifier: Apache-2.0
// The capabilities of a task: see the header.
#include "gui/models/capability_rows.hpp"

#include <QJsonObject>

#include "gui/models/json.hpp"
#include "gui/models/units.hpp"
#include "kernel/abi/right.hpp"

namespace inspector {
namespace {

namespace abi = kernel::abi;

struct Word {
    uint32_t bit;
    const char* text;
};

constexpr Word common[] = {{abi::RightDuplicate, "duplicate"},
                           {abi::RightTransfer, "transfer"},
                           {abi::RightRevoke, "revoke"}};
constexpr Word of_port[] = {
    {abi::RightSend, "send"}, {abi::RightSendOnce, "send once"}, {abi::RightReceive, "receive"}};
constexpr Word of_memory[] = {
    {abi::RightRead, "read"}, {abi::RightWrite, "write"}, {abi::RightExecute, "execute"}};
constexpr Word of_system[] = {{abi::RightConsole, "console"},
                              {abi::RightArchive, "archive"},
                              {abi::RightPowerOff, "power off"},
                              {abi::RightPerformance, "performance"},
                              {abi::RightFrames, "frames"},
                              {abi::RightPhysical, "physical"},
                              {abi::RightInterrupts, "interrupts"},
                              {abi::RightAudit, "audit"},
                              {abi::RightInfo, "info"},
                              {abi::RightSchedule, "schedule"}};
constexpr Word of_others[] = {{abi::RightControl, "control"},
                              {abi::RightInspect, "inspect"},
                              {abi::RightWait, "wait"},
                              {abi::RightCreate, "create"},
                              {abi::RightEvents, "events"}};

template <size_t Count>
void add_words(const Word (&words)[Count], uint32_t& mask, QStringList& texts) {
    for (const Word& word : words) {
        if ((mask & word.bit) == 0) continue;
        texts.append(word.text);
        mask &= ~word.bit;
    }
}

QString object_text(const QJsonValue& object) {
    const uint64_t value = natural(object);
    if (value == 0) return {};
    // Numbers of tasks and the like are small, addresses are not.
    return value < 1U << 20 ? QString::number(value) : address_text(value);
}

QString badge_text(const QJsonValue& badge) {
    return natural(badge) == 0 ? QString() : address_text(natural(badge));
}

QString task_text(uint64_t task, const TaskNames& names) {
    const auto name = names.find(task);
    const QString number = "task " + QString::number(task);
    return name == names.end() ? number : name->second + " (" + number + ")";
}

QString queue_text(const QJsonObject& port) {
    const QString queued = number_text(port["queued"]);
    return natural(port["limit"]) == 0 ? queued : queued + " of " + number_text(port["limit"]);
}

bool names_it(const QJsonObject& port, uint64_t task) {
    for (const QJsonValue& right : port["rights"].toArray()) {
        if (natural(right["task"]) == task) return true;
    }
    return false;
}

TreeRow right_in_port(const QJsonObject& right, const QString& type, const TaskNames& names) {
    const uint64_t task = natural(right["task"]);
    const QString name = address_text(natural(right["name"]));
    return {.key = QString::number(task) + ' ' + name,
            .cells = {task_text(task, names),
                      mask_text(type, static_cast<uint32_t>(natural(right["mask"]))), name,
                      badge_text(right["badge"])},
            .tag = QVariant::fromValue(static_cast<quint64>(task))};
}

TreeRow port_row(const QJsonObject& port, const TaskNames& names) {
    const QString type = port["type"].toString();
    const QString place = address_text(natural(port["object"]));
    const uint64_t set = natural(port["set"]);
    TreeRow row{.key = place,
                .cells = {type + ' ' + place + (set == 0 ? "" : " in set " + address_text(set)),
                          {},
                          {},
                          {},
                          queue_text(port),
                          number_text(port["receivers"]),
                          number_text(port["senders"])}};
    for (const QJsonValue& right : port["rights"].toArray()) {
        row.children.push_back(right_in_port(right.toObject(), type, names));
    }
    return row;
}

}  // namespace

TaskNames task_names(const QJsonArray& tasks) {
    TaskNames names;
    for (const QJsonValue& task : tasks) names[natural(task["id"])] = task["name"].toString();
    return names;
}

QString mask_text(const QString& type, uint32_t mask) {
    QStringList texts;
    if (type == "port") {
        add_words(of_port, mask, texts);
    } else if (type == "memory") {
        add_words(of_memory, mask, texts);
    } else if (type == "system") {
        add_words(of_system, mask, texts);
    } else {
        add_words(of_others, mask, texts);
    }
    add_words(common, mask, texts);
    if (mask != 0) texts.append(address_text(mask));
    return texts.join(", ");
}

QList<TreeColumn> right_columns() {
    return {{"Name", Qt::AlignRight}, {"Type"}, {"Object"}, {"Allows"}, {"Badge"}};
}

std::vector<TreeRow> right_rows(const QJsonArray& rights) {
    std::vector<TreeRow> rows;
    for (const QJsonValue& right : rights) {
        const QString name = address_text(natural(right["name"]));
        const QString type = right["type"].toString();
        rows.push_back({.key = name,
                        .cells = {name, type, object_text(right["object"]),
                                  mask_text(type, static_cast<uint32_t>(natural(right["mask"]))),
                                  badge_text(right["badge"])}});
    }
    return rows;
}

QList<TreeColumn> port_columns() {
    return {{"Port, task"},
            {"Allows"},
            {"Name", Qt::AlignRight},
            {"Badge"},
            {"Queued", Qt::AlignRight},
            {"Receivers", Qt::AlignRight},
            {"Blocked senders", Qt::AlignRight}};
}

std::vector<TreeRow> port_rows(const QJsonArray& ports, uint64_t task, const TaskNames& names) {
    std::vector<TreeRow> rows;
    for (const QJsonValue& port : ports) {
        if (names_it(port.toObject(), task)) rows.push_back(port_row(port.toObject(), names));
    }
    return rows;
}

}  // namespace inspector
