// SPDX-License-Identifier: Apache-2.0
// Tests of Rows and TrackTree.
#include "gui/timeline/rows.hpp"

#include <gtest/gtest.h>

namespace inspector {
namespace {

// root - CPUs - CPU 0, CPU 1; Tasks - task 1 - thread 2
std::shared_ptr<TrackTree> small_tree() {
    auto tree = std::make_shared<TrackTree>();
    const auto add = [&](TrackKind kind, const char* name, TrackId parent, uint32_t number) {
        const auto id = static_cast<TrackId>(tree->nodes.size());
        TrackNode node;
        node.kind = kind;
        node.name = QLatin1String(name);
        node.parent = parent;
        node.number = number;
        node.runs = kind == TrackKind::Cpu || kind == TrackKind::Thread;
        tree->nodes.push_back(node);
        if (parent != no_track) tree->nodes[parent].children.push_back(id);
        return id;
    };
    add(TrackKind::Root, "", no_track, 0);
    const TrackId cpus = add(TrackKind::Group, "CPUs", root_track, 0);
    add(TrackKind::Cpu, "CPU 0", cpus, 0);
    add(TrackKind::Cpu, "CPU 1", cpus, 1);
    const TrackId tasks = add(TrackKind::Group, "Tasks", root_track, 0);
    const TrackId task = add(TrackKind::Task, "init", tasks, 1);
    add(TrackKind::Thread, "main", task, 2);
    return tree;
}

std::string names(const Rows& rows, const std::vector<Row>& list) {
    std::string text;
    for (const Row& row : list) text += rows.tree().node(row.track).name.toStdString() + ' ';
    return text;
}

TEST(Rows, BeginWithTasksFolded) {
    Rows rows;
    EXPECT_TRUE(rows.scrolled().empty());
    EXPECT_TRUE(rows.set_tree(small_tree()));
    EXPECT_EQ(names(rows, rows.scrolled()), "CPUs CPU 0 CPU 1 Tasks init ");
    EXPECT_FALSE(rows.set_tree(small_tree()));  // the same
}

TEST(Rows, FoldAndUnfold) {
    Rows rows;
    rows.set_tree(small_tree());
    rows.toggle_fold(5);
    EXPECT_EQ(names(rows, rows.scrolled()), "CPUs CPU 0 CPU 1 Tasks init main ");
    rows.toggle_fold(1);
    EXPECT_EQ(names(rows, rows.scrolled()), "CPUs Tasks init main ");
    rows.fold_all(true);
    EXPECT_EQ(names(rows, rows.scrolled()), "CPUs Tasks ");
    rows.reveal(6);
    EXPECT_EQ(names(rows, rows.scrolled()), "CPUs Tasks init main ");
    rows.toggle_fold(2);  // has no children
    rows.toggle_fold(99);
    EXPECT_EQ(names(rows, rows.scrolled()), "CPUs Tasks init main ");
}

TEST(Rows, FollowEachOtherWithoutGaps) {
    Rows rows;
    rows.set_tree(small_tree());
    int top = 0;
    for (const Row& row : rows.scrolled()) {
        EXPECT_EQ(row.top, top);
        EXPECT_EQ(Rows::at(rows.scrolled(), top)->track, row.track);
        EXPECT_EQ(Rows::at(rows.scrolled(), row.bottom() - 1)->track, row.track);
        for (const LanePlace& lane : row.lanes) EXPECT_LE(lane.top + lane.height, row.height);
        top = row.bottom();
    }
    EXPECT_EQ(rows.scrolled_height(), top);
    EXPECT_EQ(Rows::at(rows.scrolled(), top), nullptr);
    EXPECT_EQ(Rows::at(rows.scrolled(), -1), nullptr);
}

TEST(Rows, PinnedOnesStandAloneToo) {
    Rows rows;
    rows.set_tree(small_tree());
    const uint64_t version = rows.version();
    rows.toggle_pin(3);
    rows.toggle_pin(2);
    EXPECT_EQ(names(rows, rows.pinned()), "CPU 1 CPU 0 ");
    EXPECT_EQ(names(rows, rows.scrolled()), "CPUs CPU 0 CPU 1 Tasks init ");
    EXPECT_GT(rows.version(), version);
    rows.toggle_pin(3);
    EXPECT_EQ(names(rows, rows.pinned()), "CPU 0 ");
    EXPECT_TRUE(rows.is_pinned(2));
}

TEST(TrackTree, KnowsPathsAndWhatIsBelow) {
    const auto tree = small_tree();
    EXPECT_EQ(tree->path(6), "Tasks / init / main");
    EXPECT_EQ(tree->with_descendants(4), (std::vector<TrackId>{4, 5, 6}));
    EXPECT_EQ(tree->find(TrackKind::Thread, 2), 6U);
    EXPECT_EQ(tree->find(TrackKind::Thread, 9), no_track);
}

}  // namespace
}  // namespace inspector
