// SPDX-License-Identifier: Apache-2.0
// Memory in tables, and the fragmentation indices against figures worked out by hand.
#include "gui/models/memory_rows.hpp"

#include <gtest/gtest.h>

#include "gui/models/model_text.hpp"
#include "tests/gui/models/json_text.hpp"

namespace inspector {
namespace {

using test::json;

QJsonObject fixture() {
    return json(R"({
        "frames_total": 100, "frames_free": 25,
        "page_frames": {"allocator": "buddy", "page_cache": true, "age": 1500,
            "owners": {"swap": 0, "kernel": 50, "tables": 25, "newcomer": 3},
            "nodes": [{"id": 0, "free_blocks": [1, 2, 3]}, {"id": 4, "free_blocks": [2, 0, 2]}]},
        "kernel_heap": {"allocator": "slab", "objects": 7, "bytes": 2048, "frames": 3},
        "events": {"faults_zero": 5, "swap_compressed_bytes": 4096}})")
        .object();
}

QString text(const std::vector<TreeRow>& rows, const QList<TreeColumn>& columns) {
    TreeModel model(columns);
    model.update(rows);
    return text_of(model);
}

TEST(MemoryRows, ListOwners) {
    EXPECT_EQ(text(owner_rows(fixture()), owner_columns()),
              "Owner\tFrames\tMemory\tShare\n"
              "free\t25\t100 KiB\t25.0 %\n"
              "kernel\t50\t200 KiB\t50.0 %\n"
              "tables\t25\t100 KiB\t25.0 %\n"
              "swap\t0\t0 B\t0.0 %\n"
              "newcomer\t3\t12 KiB\t3.0 %\n"
              "total\t100\t400 KiB\t100.0 %\n");
}

TEST(MemoryRows, ListFreeBlocksOfEachNode) {
    EXPECT_EQ(free_blocks(fixture()), (std::vector<uint64_t>{3, 2, 5}));
    EXPECT_EQ(text(order_rows(fixture()), order_columns(fixture())),
              "Order\tBlock\tFree, node 0\tFree, node 4\tUnusable index\tFragmentation index\n"
              "0\t4 KiB\t1\t2\t0.000\twould succeed\n"
              "1\t8 KiB\t2\t0\t0.111\twould succeed\n"
              "2\t16 KiB\t3\t2\t0.259\twould succeed\n");
}

TEST(FragmentationIndices, AreThoseOfLinux) {
    // 8 single frames: nothing of order 1.
    EXPECT_DOUBLE_EQ(unusable_index({8, 0}, 1), 1.0);
    EXPECT_DOUBLE_EQ(fragmentation_index({8, 0}, 1), 1 - (1 + 8 / 2.0) / 8);
    EXPECT_DOUBLE_EQ(fragmentation_index({8, 1}, 1), -1);
    EXPECT_DOUBLE_EQ(unusable_index({2, 1}, 1), 0.5);
    EXPECT_DOUBLE_EQ(unusable_index({}, 3), 1);
    EXPECT_DOUBLE_EQ(fragmentation_index({}, 3), 0);
}

TEST(MemoryRows, ListCachesAndEvents) {
    const QJsonDocument caches = json(R"([
        {"name": "size", "size": 64, "frames": 2, "capacity": 126, "used": 63, "kept": 10},
        {"name": "task", "size": 1024, "frames": 0, "capacity": 0, "used": 0, "kept": 0}])");
    EXPECT_EQ(text(cache_rows(caches.array()), cache_columns()),
              "Cache\tObject\tIn use\tIn magazines\tRoom for\tOccupancy\tFrames\n"
              "of 64 bytes\t64 B\t63\t10\t126\t50.0 %\t2\n"
              "task\t1024 B\t0\t0\t0\t\t0\n");
    EXPECT_EQ(text(event_rows(fixture()), event_columns()),
              "Event or figure\tCount\n"
              "faults zero\t5\n"
              "swap compressed bytes\t4 KiB\n");
}

TEST(MemoryRows, SayWhenThereIsNothingYet) {
    EXPECT_EQ(memory_summary({}), "The kernel has not come to its memory yet.");
    EXPECT_TRUE(memory_summary(fixture()).startsWith("Frames by buddy with a page cache"));
    EXPECT_TRUE(order_rows({}).empty());
}

}  // namespace
}  // namespace inspector
