// SPDX-License-Identifier: Apache-2.0
// Memory objects without an address space: where pages come from, who shares them, what is freed.
#include <gtest/gtest.h>

#include <cstring>
#include <numeric>
#include <vector>

#include "kernel/memory/objects/anonymous_object.hpp"
#include "kernel/memory/objects/physical_object.hpp"
#include "tests/kernel/frames_bench.hpp"

namespace kernel {
namespace {

constexpr uint64_t page = hal::page_size;

struct MemoryObjectTest : testing::Test {
    void TearDown() override {
        EXPECT_EQ(bench.heap.frames_used(), 0U);
        EXPECT_EQ(bench.free_count, frame_count);
        EXPECT_EQ(account.pages, 0U);
    }
    Result<ObjectPage> get(MemoryObject& object, uint64_t index, bool write) {
        const LockGuard guard(object.lock());
        return object.page(index, write, {});
    }
    char* bytes(const ObjectPage& got) { return FakeMachine::memory(got.frame); }
    AnonymousObject& anonymous(uint64_t pages) {
        return *AnonymousObject::create(bench.memory, pages, &account).value();
    }
    AnonymousObject& copy_of(MemoryObject& from, uint64_t first, uint64_t pages) {
        return *AnonymousObject::copy(bench.memory, from, first, pages, &account).value();
    }
    uint32_t shares(MemoryObject& object, uint64_t index) {
        return bench.memory.shares_of(object.look(index).frame());
    }

    static constexpr uint64_t frame_count = 512;
    FramesBench bench{frame_count};
    PageAccount account{.task = 3};
};

// While a copy is made, its lock is not held: reclaim and compaction must not find it by a frame.
TEST_F(MemoryObjectTest, FramesOfACopyInTheMakingNameNobody) {
    AnonymousObject& object = anonymous(1);
    const PhysicalAddress frame = get(object, 0, true).value().frame;
    bench.frames.record(frame).shares = UINT16_MAX;  // as if there were that many copies
    AnonymousObject& copy = copy_of(object, 0, 1);
    const PhysicalAddress own = copy.look(0).frame();
    ASSERT_NE(own, frame);
    EXPECT_EQ(bench.frames.record(own).object, nullptr);
    // Once it is shown, it can be reclaimed.
    EXPECT_TRUE(get(copy, 0, false).value().writable);
    EXPECT_EQ(bench.frames.record(own).object, &copy);
    bench.frames.record(frame).shares = 1;
    copy.release();
    object.release();
}

TEST_F(MemoryObjectTest, AnonymousPagesAreZeroAndComeWhenTouched) {
    AnonymousObject& object = anonymous(100);
    EXPECT_EQ(bench.heap.frames_used(), 1U);
    const ObjectPage first = get(object, 99, false).value();
    EXPECT_EQ(first.origin, PageOrigin::Zero);
    EXPECT_TRUE(first.writable);
    for (uint64_t i = 0; i < page; ++i) ASSERT_EQ(bytes(first)[i], 0);
    EXPECT_EQ(get(object, 99, true).value().frame, first.frame);
    EXPECT_EQ(get(object, 99, true).value().origin, PageOrigin::Present);
    EXPECT_EQ(account.pages, 1U);
    EXPECT_EQ(object.next_present(0, 100), 99U);
    EXPECT_EQ(object.next_present(0, 99), 99U);
    object.drop(99);
    EXPECT_EQ(account.pages, 0U);
    EXPECT_TRUE(object.look(99).is_empty());
    object.release();
}

TEST_F(MemoryObjectTest, ACopySharesFramesUntilOneOfBothWrites) {
    AnonymousObject& original = anonymous(8);
    for (uint64_t i = 0; i < 5; ++i) bytes(get(original, i, true).value())[7] = char('a' + i);
    AnonymousObject& copy = copy_of(original, 1, 7);
    AnonymousObject& second = copy_of(copy, 0, 7);
    EXPECT_EQ(shares(original, 0), 1U);
    EXPECT_EQ(shares(original, 1), 3U);
    EXPECT_EQ(shares(second, 3), 3U);
    EXPECT_TRUE(copy.look(4).is_empty());
    EXPECT_FALSE(get(copy, 0, false).value().writable);
    const ObjectPage own = get(copy, 0, true).value();
    EXPECT_EQ(own.origin, PageOrigin::Copy);
    EXPECT_EQ(bytes(own)[7], 'b');
    EXPECT_EQ(shares(original, 1), 2U);
    EXPECT_EQ(get(original, 1, true).value().origin, PageOrigin::Copy);
    // The last holder takes the frame over.
    const PhysicalAddress kept = second.look(0).frame();
    const ObjectPage last = get(second, 0, true).value();
    EXPECT_EQ(last.origin, PageOrigin::Present);
    EXPECT_EQ(last.frame, kept);
    EXPECT_TRUE(last.writable);
    original.release();
    EXPECT_EQ(bytes(get(copy, 3, false).value())[7], 'e');
    EXPECT_EQ(shares(copy, 3), 2U);
    copy.release();
    EXPECT_EQ(bytes(get(second, 3, true).value())[7], 'e');
    second.release();
}

TEST_F(MemoryObjectTest, FilesAreReadOnceAndNeverWrittenTo) {
    std::vector<uint8_t> data(2 * page + 100);
    std::iota(data.begin(), data.end(), uint8_t{3});
    const FileBytes whole{data.data(), data.size(), 0};
    FileObject& file = *bench.files.open(whole).value();
    FileObject& again = *bench.files.open(whole).value();
    EXPECT_EQ(&file, &again);
    EXPECT_EQ(file.pages(), 3U);
    EXPECT_EQ(get(file, 0, true).status(), Status::PermissionDenied);
    const ObjectPage last = get(file, 2, false).value();
    EXPECT_EQ(last.origin, PageOrigin::File);
    EXPECT_FALSE(last.writable);
    EXPECT_EQ(std::memcmp(bytes(last), &data[2 * page], 100), 0);
    for (uint64_t i = 100; i < page; ++i) ASSERT_EQ(bytes(last)[i], 0);
    EXPECT_EQ(get(again, 2, false).value().frame, last.frame);
    file.drop(2);
    EXPECT_EQ(get(file, 2, false).value().origin, PageOrigin::File);
    file.release();
    again.release();
    // Nobody holds it: opened anew, it is another.
    FileObject& anew = *bench.files.open(whole).value();
    EXPECT_TRUE(anew.look(2).is_empty());
    anew.release();
}

TEST_F(MemoryObjectTest, APartOfAFileHasZeroesAroundIt) {
    std::vector<uint8_t> data(page, 0xee);
    FileObject& file = *bench.files.open({data.data() + 10, page - 20, 300}).value();
    EXPECT_EQ(file.pages(), 2U);
    const char* first = bytes(get(file, 0, false).value());
    EXPECT_EQ(first[299], 0);
    EXPECT_EQ(first[300], char(0xee));
    EXPECT_EQ(first[page - 1], char(0xee));
    const char* second = bytes(get(file, 1, false).value());
    EXPECT_EQ(second[279], char(0xee));
    EXPECT_EQ(second[280], 0);
    file.release();
    FileObject& small = *bench.files.open({data.data(), 5, 4000}).value();
    EXPECT_EQ(small.pages(), 1U);
    EXPECT_EQ(bytes(get(small, 0, false).value())[4005], 0);
    small.release();
}

TEST_F(MemoryObjectTest, APrivateCopyOfAFileSharesWhatItOnlyReads) {
    std::vector<uint8_t> data(2 * page, 0x11);
    FileObject& file = *bench.files.open({data.data(), data.size(), 0}).value();
    AnonymousObject& copy = copy_of(file, 0, 4);
    const ObjectPage read = get(copy, 0, false).value();
    EXPECT_FALSE(read.writable);
    EXPECT_EQ(read.frame, file.look(0).frame());
    EXPECT_EQ(shares(file, 0), 2U);
    // Written to without being read: the file's page is never made.
    const ObjectPage written = get(copy, 1, true).value();
    EXPECT_EQ(written.origin, PageOrigin::File);
    EXPECT_TRUE(file.look(1).is_empty());
    EXPECT_EQ(bytes(written)[page - 1], 0x11);
    EXPECT_EQ(get(copy, 0, true).value().origin, PageOrigin::Copy);
    EXPECT_EQ(shares(file, 0), 1U);
    EXPECT_EQ(get(copy, 2, false).value().origin, PageOrigin::Zero);
    // A copy of the copy goes back to the file as well, from where it starts.
    AnonymousObject& tail = copy_of(copy, 1, 3);
    tail.drop(0);
    EXPECT_EQ(bytes(get(tail, 0, false).value())[0], 0x11);
    file.release();
    copy.release();
    tail.release();
}

TEST_F(MemoryObjectTest, PhysicalMemoryIsNeitherCountedNorCopied) {
    PhysicalObject& object = *PhysicalObject::create(bench.memory, 0x1000'0000, 3, false).value();
    EXPECT_EQ(get(object, 2, false).value().frame, 0x1000'2000U);
    EXPECT_EQ(get(object, 2, true).status(), Status::PermissionDenied);
    EXPECT_EQ(AnonymousObject::copy(bench.memory, object, 0, 3, nullptr).status(),
              Status::Unsupported);
    object.release();
}

// Sees whether the first page of an object, once it was shared, is not any more.
class SharingObserver final : public FrameObserver {
  public:
    SharingObserver(Memory& memory, PhysicalAddress frame) : memory_(memory), frame_(frame) {}
    void begin() { was_shared_ = undone_ = false; }
    void allocated(PhysicalAddress, unsigned, Mobility, FrameUse) override { look(); }
    void freed(PhysicalAddress, unsigned, FrameUse) override { look(); }
    [[nodiscard]] bool was_undone() const { return undone_; }

  private:
    void look() {
        const bool shared = memory_.shares_of(frame_) == 2;
        undone_ = undone_ || (was_shared_ && !shared);
        was_shared_ = was_shared_ || shared;
    }

    Memory& memory_;
    PhysicalAddress frame_;
    bool was_shared_ = false;
    bool undone_ = false;
};

// A copy that found no memory used to start anew when room had been made.
TEST_F(MemoryObjectTest, ACopyGoesOnWhereMemoryRanShort) {
    constexpr uint64_t pages = 4000;
    constexpr uint64_t stride = 64;  // a node for each page that is there
    bench.memory.reclaim().set_up();
    AnonymousObject& object = anonymous(pages);
    for (uint64_t i = 0; i < pages; i += stride) ASSERT_TRUE(get(object, i, true).ok());
    std::vector<uint8_t> data(20 * page, 0x17);
    FileObject& file = *bench.files.open({data.data(), data.size(), 0}).value();
    SharingObserver observer(bench.memory, object.look(0).frame());
    bench.frames.observe(observer);
    uint64_t refused = 1;
    for (bool met = true; met; ++refused) {
        // What room can be made of.
        for (uint64_t i = 0; i < 20; ++i) ASSERT_TRUE(get(file, i, false).ok());
        observer.begin();
        bench.strategy.refuse_only(refused);
        AnonymousObject& copy = copy_of(object, 0, pages);
        met = bench.strategy.has_refused();
        bench.strategy.refuse_from(0);
        EXPECT_FALSE(observer.was_undone()) << refused;
        for (uint64_t i = 0; i < pages; i += stride) {
            ASSERT_EQ(copy.look(i).frame(), object.look(i).frame());
        }
        copy.release();
    }
    EXPECT_GT(refused, 3U);
    file.release();
    object.release();
}

// Memory that runs out at each allocation of a life with everything in it.
TEST_F(MemoryObjectTest, LosesNothingWhenMemoryRunsOutAnywhere) {
    std::vector<uint8_t> data(70 * page, 0x42);
    uint64_t refused = 1;
    for (;; ++refused) {
        bench.strategy.refuse_from(refused);
        std::vector<MemoryObject*> objects;
        const auto live = [&]() -> Status {
            FileObject* file = TRY(bench.files.open({data.data(), data.size(), 0}));
            objects.push_back(file);
            AnonymousObject* own = TRY(AnonymousObject::copy(bench.memory, *file, 0, 80, &account));
            objects.push_back(own);
            for (uint64_t i = 0; i < 80; i += 7) TRY(get(*own, i, i % 2 == 0));
            AnonymousObject* copy = TRY(AnonymousObject::copy(bench.memory, *own, 3, 70, &account));
            objects.push_back(copy);
            for (uint64_t i = 0; i < 70; i += 5) TRY(get(*copy, i, true));
            for (uint64_t i = 0; i < 80; i += 3) TRY(get(*own, i, true));
            return Status::Ok;
        };
        const Status status = live();
        const bool met = bench.strategy.has_refused();
        bench.strategy.refuse_from(0);
        EXPECT_EQ(status, met ? Status::NoMemory : Status::Ok);
        for (MemoryObject* object : objects) object->release();
        ASSERT_EQ(bench.free_count, frame_count) << refused;
        ASSERT_EQ(account.pages, 0U) << refused;
        if (!met) break;
    }
    EXPECT_GT(refused, 40U);
}

}  // namespace
}  // namespace kernel
