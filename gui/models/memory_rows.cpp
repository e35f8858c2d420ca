// SPDX-License-Identifier: Apache-2.0
// Memory in tables: see the header.
#include "gui/models/memory_rows.hpp"

#include <algorithm>

#include "gui/models/frame_map.hpp"
#include "gui/models/json.hpp"
#include "gui/models/run_state.hpp"
#include "gui/models/units.hpp"

namespace inspector {
namespace {

uint64_t free_frames(const std::vector<uint64_t>& blocks) {
    uint64_t sum = 0;
    for (size_t order = 0; order < blocks.size(); ++order) sum += blocks[order] << order;
    return sum;
}

// Blocks of an order that larger ones hold too.
uint64_t suitable_blocks(const std::vector<uint64_t>& blocks, size_t order) {
    uint64_t sum = 0;
    for (size_t i = order; i < blocks.size(); ++i) sum += blocks[i] << (i - order);
    return sum;
}

QJsonArray nodes_of(const QJsonObject& memory) {
    return memory["page_frames"]["nodes"].toArray();
}

QString index_text(double index) {
    return QString::number(index, 'f', 3);
}

TreeRow owner_row(const QString& name, uint64_t frames, uint64_t total) {
    return {.key = name,
            .cells = {name, QString::number(frames), bytes_text(frames * frame_size),
                      share_text(frames, total)}};
}

}  // namespace

QList<TreeColumn> owner_columns() {
    return {{"Owner"},
            {"Frames", Qt::AlignRight},
            {"Memory", Qt::AlignRight},
            {"Share", Qt::AlignRight}};
}

std::vector<TreeRow> owner_rows(const QJsonObject& memory) {
    const uint64_t total = natural(memory["frames_total"]);
    std::vector<TreeRow> rows{owner_row("free", natural(memory["frames_free"]), total)};
    QJsonObject owners = memory["page_frames"]["owners"].toObject();
    // In the order of the legend; names that are new to this program come last.
    for (int i = 1; i < frame_owner_count - 1; ++i) {
        const QString name = owner_name(static_cast<FrameOwner>(i));
        if (owners.contains(name)) {
            rows.push_back(owner_row(name, natural(owners.take(name)), total));
        }
    }
    for (auto owner = owners.begin(); owner != owners.end(); ++owner) {
        rows.push_back(owner_row(owner.key(), natural(owner.value()), total));
    }
    rows.push_back(owner_row("total", total, total));
    return rows;
}

std::vector<uint64_t> free_blocks(const QJsonObject& memory) {
    std::vector<uint64_t> sums;
    for (const QJsonValue& node : nodes_of(memory)) {
        const QJsonArray blocks = node["free_blocks"].toArray();
        sums.resize(std::max(sums.size(), static_cast<size_t>(blocks.size())));
        for (qsizetype i = 0; i < blocks.size(); ++i) {
            sums[static_cast<size_t>(i)] += natural(blocks[i]);
        }
    }
    return sums;
}

double unusable_index(const std::vector<uint64_t>& blocks, size_t order) {
    const uint64_t free = free_frames(blocks);
    if (free == 0) return 1;
    const uint64_t usable = suitable_blocks(blocks, order) << order;
    return static_cast<double>(free - usable) / static_cast<double>(free);
}

double fragmentation_index(const std::vector<uint64_t>& blocks, size_t order) {
    uint64_t count = 0;
    for (const uint64_t number : blocks) count += number;
    if (count == 0) return 0;
    if (suitable_blocks(blocks, order) != 0) return -1;
    const auto wanted = static_cast<double>(uint64_t{1} << order);
    const double free = static_cast<double>(free_frames(blocks));
    return 1 - (1 + free / wanted) / static_cast<double>(count);
}

QList<TreeColumn> order_columns(const QJsonObject& memory) {
    QList<TreeColumn> columns{{"Order", Qt::AlignRight}, {"Block", Qt::AlignRight}};
    for (const QJsonValue& node : nodes_of(memory)) {
        columns.append({"Free, node " + number_text(node["id"]), Qt::AlignRight});
    }
    columns.append({"Unusable index", Qt::AlignRight});
    columns.append({"Fragmentation index", Qt::AlignRight});
    return columns;
}

std::vector<TreeRow> order_rows(const QJsonObject& memory) {
    const std::vector<uint64_t> blocks = free_blocks(memory);
    std::vector<TreeRow> rows;
    for (size_t order = 0; order < blocks.size(); ++order) {
        const QString number = QString::number(order);
        TreeRow row{.key = number, .cells = {number, bytes_text(frame_size << order)}};
        for (const QJsonValue& node : nodes_of(memory)) {
            row.cells.append(number_text(node["free_blocks"][static_cast<qsizetype>(order)]));
        }
        const double index = fragmentation_index(blocks, order);
        row.cells.append(index_text(unusable_index(blocks, order)));
        row.cells.append(index < 0 ? "would succeed" : index_text(index));
        rows.push_back(row);
    }
    return rows;
}

QList<TreeColumn> cache_columns() {
    return {{"Cache"},
            {"Object", Qt::AlignRight},
            {"In use", Qt::AlignRight},
            {"In magazines", Qt::AlignRight},
            {"Room for", Qt::AlignRight},
            {"Occupancy", Qt::AlignRight},
            {"Frames", Qt::AlignRight}};
}

std::vector<TreeRow> cache_rows(const QJsonArray& caches) {
    std::vector<TreeRow> rows;
    for (const QJsonValue& cache : caches) {
        const QString name = cache["name"].toString();
        const QString size = number_text(cache["size"]);
        rows.push_back({.key = name + ' ' + size,
                        .cells = {name == "size" ? "of " + size + " bytes" : name, size + " B",
                                  number_text(cache["used"]), number_text(cache["kept"]),
                                  number_text(cache["capacity"]),
                                  share_text(natural(cache["used"]), natural(cache["capacity"])),
                                  number_text(cache["frames"])}});
    }
    return rows;
}

QList<TreeColumn> event_columns() {
    return {{"Event or figure"}, {"Count", Qt::AlignRight}};
}

std::vector<TreeRow> event_rows(const QJsonObject& memory) {
    std::vector<TreeRow> rows;
    const QJsonObject events = memory["events"].toObject();
    for (auto event = events.begin(); event != events.end(); ++event) {
        const bool is_size = event.key().endsWith("_bytes");
        rows.push_back(
            {.key = event.key(),
             .cells = {QString(event.key()).replace('_', ' '),
                       is_size ? bytes_text(natural(event.value())) : number_text(event.value())}});
    }
    return rows;
}

QString memory_summary(const QJsonObject& memory) {
    const QJsonObject frames = memory["page_frames"].toObject();
    const QJsonObject heap = memory["kernel_heap"].toObject();
    if (frames["allocator"].toString().isEmpty())
        return "The kernel has not come to its memory yet.";
    return QString(
               "Frames by %1%2, blocks as of %3 ago. Kernel heap %4: %5 objects, %6 in %7 frames.")
        .arg(frames["allocator"].toString(),
             frames["page_cache"].toBool() ? " with a page cache" : "",
             duration_label(natural(frames["age"])), heap["allocator"].toString(),
             number_text(heap["objects"]), bytes_text(natural(heap["bytes"])),
             number_text(heap["frames"]));
}

}  // namespace inspector
