// SPDX-License-Identifier: Apache-2.0
// The system as a tree: see the header.
#include "gui/models/system_tree.hpp"

#include <QJsonObject>
#include <map>

#include "gui/models/json.hpp"
#include "gui/models/run_state.hpp"
#include "gui/models/units.hpp"

namespace inspector {
namespace {

struct System {
    std::map<uint64_t, QString> task_names;
    std::map<uint64_t, uint64_t> task_of_thread;
    std::map<uint64_t, std::vector<QJsonObject>> threads;     // by task
    std::map<uint64_t, std::vector<QJsonObject>> tasks;       // by container; 0: of none
    std::map<uint64_t, std::vector<QJsonObject>> containers;  // by parent; 0: of none
    std::map<uint64_t, QJsonObject> task_limits;
    std::map<uint64_t, QJsonObject> container_limits;
};

System sorted(const SystemState& state) {
    System system;
    for (const QJsonValue& thread : state.threads.array()) {
        system.threads[natural(thread["task"])].push_back(thread.toObject());
        system.task_of_thread[natural(thread["id"])] = natural(thread["task"]);
    }
    std::map<uint64_t, bool> known;
    for (const QJsonValue& container : state.containers.array())
        known[natural(container["id"])] = true;
    for (const QJsonValue& task : state.tasks.array()) {
        const uint64_t container = natural(task["container"]);
        system.task_names[natural(task["id"])] = task["name"].toString();
        system.tasks[known.count(container) != 0 ? container : 0].push_back(task.toObject());
    }
    for (const QJsonValue& container : state.containers.array()) {
        const uint64_t parent = natural(container["parent"]);
        system.containers[known.count(parent) != 0 ? parent : 0].push_back(container.toObject());
    }
    for (const QJsonValue& limit : state.limits["tasks"].toArray()) {
        system.task_limits[natural(limit["id"])] = limit.toObject();
    }
    for (const QJsonValue& limit : state.limits["containers"].toArray()) {
        system.container_limits[natural(limit["id"])] = limit.toObject();
    }
    return system;
}

QJsonObject limit_of(const std::map<uint64_t, QJsonObject>& limits, uint64_t id) {
    const auto found = limits.find(id);
    return found == limits.end() ? QJsonObject() : found->second;
}

// Memory in frames; empty for no limit, or none that the machine could reach.
QString frames_text(const QJsonValue& frames) {
    constexpr uint64_t unreachable = uint64_t{1} << 36;
    return !frames.isDouble() || natural(frames) >= unreachable
               ? QString()
               : bytes_text(natural(frames) * frame_size);
}

// A container's part of the CPUs: its weight, and its quota if it has one.
QString cpu_limit_text(const QJsonObject& limit) {
    if (limit.isEmpty()) return {};
    QString text = "weight " + number_text(limit["weight"]);
    if (limit["quota"].isDouble()) {
        text += QString(", %1 in %2")
                    .arg(duration_label(natural(limit["quota"]) * 1000),
                         duration_label(natural(limit["period"]) * 1000));
    }
    return text;
}

QString with_limit(const QString& count, const QJsonValue& limit) {
    return limit.isDouble() ? count + " of " + number_text(limit) : count;
}

QString task_text(const System& system, uint64_t task) {
    const auto name = system.task_names.find(task);
    const QString number = "task " + QString::number(task);
    return name == system.task_names.end() ? number : name->second + " (" + number + ")";
}

QString thread_text(const System& system, uint64_t thread) {
    const auto task = system.task_of_thread.find(thread);
    const QString number = "thread " + QString::number(thread);
    return task == system.task_of_thread.end() ? number
                                               : number + " of " + task_text(system, task->second);
}

QString port_text(const QJsonObject& wait) {
    return wait.contains("object") ? "port " + address_text(natural(wait["object"])) : "a port";
}

QString wait_text(const System& system, const QJsonObject& wait) {
    const QString type = wait["type"].toString();
    const uint64_t thread = natural(wait["thread"]);
    QString text;
    if (type == "thread") {
        text = "the end of " + thread_text(system, thread);
    } else if (type == "task") {
        text = wait.contains("task") ? "the end of " + task_text(system, natural(wait["task"]))
                                     : "the end of any child";
    } else if (type == "console") {
        text = "console input";
    } else if (type == "message") {
        text = "a message at " + port_text(wait);
    } else if (type == "reply") {
        text = "an answer from " +
               (thread != 0 ? thread_text(system, thread) : port_text(wait) + ", not taken yet");
    } else if (type == "room") {
        text = "room at " + port_text(wait);
    } else if (type == "futex") {
        text = QString("a word of memory object %1, at %2")
                   .arg(natural(wait["object"]))
                   .arg(address_text(natural(wait["offset"])));
    }
    if (type == "time" && !wait.contains("until")) text = "being woken";
    if (wait.contains("until")) {
        text +=
            (text.isEmpty() ? "" : ", ") + QString("until ") + time_label(natural(wait["until"]));
    }
    return text;
}

QString cpu_list(const QJsonArray& cpus) {
    QStringList numbers;
    for (const QJsonValue& cpu : cpus) numbers.append(number_text(cpu));
    return numbers.join(' ');
}

QString state_of_task(const QJsonObject& task) {
    const QString state = task["state"].toString();
    return state == "exited" ? QString("exited with %1").arg(task["exit_code"].toInt()) : state;
}

TreeRow thread_row(const System& system, const QJsonObject& thread, Selected selected) {
    selected.thread = static_cast<uint32_t>(natural(thread["id"]));
    const QJsonObject wait = thread["waits_for"].toObject();
    return {.key = "thread " + number_text(thread["id"]),
            .cells = {"thread " + number_text(thread["id"]),
                      thread["state"].toString().replace('_', ' '), wait_text(system, wait),
                      number_text(thread["cpu"])},
            .tag = system_tag(selected)};
}

TreeRow task_row(const System& system, const QJsonObject& task, Selected selected) {
    const uint64_t id = natural(task["id"]);
    selected.task = static_cast<uint32_t>(id);
    TreeRow row{.key = "task " + QString::number(id),
                .cells = {task["name"].toString() + " (task " + QString::number(id) + ")",
                          state_of_task(task),
                          {},
                          cpu_list(task["cpus"].toArray()),
                          duration_label(natural(task["cpu_time"])),
                          bytes_text(natural(task["frames"]) * frame_size),
                          frames_text(limit_of(system.task_limits, id)["frames"]),
                          {},
                          number_text(task["threads"])},
                .tag = system_tag(selected)};
    const auto threads = system.threads.find(id);
    if (threads == system.threads.end()) return row;
    for (const QJsonObject& thread : threads->second) {
        row.children.push_back(thread_row(system, thread, selected));
    }
    return row;
}

std::vector<TreeRow> rows_in(const System& system, uint64_t container, const Selected& selected);

TreeRow container_row(const System& system, const QJsonObject& container) {
    const uint64_t id = natural(container["id"]);
    Selected selected;
    selected.container = static_cast<uint32_t>(id);
    const bool is_root = natural(container["parent"]) == 0;
    const QJsonValue limit = container["memory_max"];
    const QJsonObject limits = limit_of(system.container_limits, id);
    const QString paused = container["paused"].toBool() ? ", paused" : "";
    return {.key = "container " + QString::number(id),
            .cells = {container["name"].toString() + " (container " + QString::number(id) + ")",
                      container["state"].toString() + paused,
                      {},
                      {},
                      duration_label(natural(container["cpu_time"])),
                      is_root ? "not counted" : bytes_text(natural(container["memory"])),
                      is_root || limit.isNull() ? QString() : bytes_text(natural(limit)),
                      cpu_limit_text(limits),
                      with_limit(number_text(container["pids"]), limits["pids"])},
            .tag = system_tag(selected),
            .children = rows_in(system, id, selected)};
}

// Numbers of containers grow, so a parent's is the smaller one, and this ends whatever comes.
std::vector<TreeRow> rows_in(const System& system, uint64_t container, const Selected& selected) {
    std::vector<TreeRow> rows;
    const auto containers = system.containers.find(container);
    if (containers != system.containers.end()) {
        for (const QJsonObject& below : containers->second) {
            if (natural(below["id"]) > container) rows.push_back(container_row(system, below));
        }
    }
    const auto tasks = system.tasks.find(container);
    if (tasks != system.tasks.end()) {
        for (const QJsonObject& task : tasks->second) {
            rows.push_back(task_row(system, task, selected));
        }
    }
    return rows;
}

QVariant number(const std::optional<uint32_t>& value) {
    return value ? QVariant(*value) : QVariant();
}

std::optional<uint32_t> number(const QVariant& value) {
    return value.isValid() ? std::optional(value.toUInt()) : std::nullopt;
}

}  // namespace

QList<TreeColumn> system_columns() {
    return {{"Name"},
            {"State"},
            {"Waits for"},
            {"CPU"},
            {"CPU time", Qt::AlignRight},
            {"Memory", Qt::AlignRight},
            {"At most", Qt::AlignRight},
            {"CPU limit"},
            {"Threads, pids", Qt::AlignRight}};
}

std::vector<TreeRow> system_tree(const SystemState& state) {
    return rows_in(sorted(state), 0, {});
}

Selected completed(const SystemState& state, Selected selected) {
    for (const QJsonValue& thread : state.threads.array()) {
        if (selected.thread != natural(thread["id"])) continue;
        selected.task = static_cast<uint32_t>(natural(thread["task"]));
    }
    for (const QJsonValue& task : state.tasks.array()) {
        if (selected.task != natural(task["id"])) continue;
        selected.container = static_cast<uint32_t>(natural(task["container"]));
    }
    return selected;
}

QVariant system_tag(const Selected& selected) {
    return QVariantList{number(selected.container), number(selected.task), number(selected.thread)};
}

Selected selected_by(const QVariant& tag) {
    const QVariantList parts = tag.toList();
    Selected selected;
    selected.container = number(parts.value(0));
    selected.task = number(parts.value(1));
    selected.thread = number(parts.value(2));
    return selected;
}

}  // namespace inspector
