// SPDX-License-Identifier: Apache-2.0
// Two address spaces that share, copy, change and discard memory at random agree with a model that
// copies everything at once; and every frame has as many shares as slots refer to it.
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include "kernel/memory/objects/anonymous_object.hpp"
#include "tests/kernel/address_space_bench.hpp"

namespace kernel {
namespace {

constexpr uint64_t page = hal::page_size;
constexpr VirtualAddress base = 0x4000'0000 - 20 * page;  // across a border of tables
constexpr uint64_t window = 64;                           // pages
constexpr uint64_t most_pages = 12;                       // of an object
constexpr uint64_t tag_at = 64;                           // in each page

struct ModelObject {
    std::vector<uint64_t> tags;
    std::vector<uint64_t> first;  // what a discarded page becomes
};

struct ModelPage {
    std::shared_ptr<ModelObject> object;
    uint64_t index;
    uint32_t protection;
    bool is_private;
    bool is_file;
};

struct Held {
    MemoryObject* object;  // no reference of its own: the handles have them
    std::shared_ptr<ModelObject> model;
    bool is_file;
};

struct ModelSpace {
    explicit ModelSpace(FramesBench& bench, uint16_t asid) : space(bench.memory, asid, 4000) {}
    AddressSpace space;
    std::map<VirtualAddress, ModelPage> pages;
    std::map<uint32_t, Held> handles;
};

struct MemoryModelTest : testing::Test {
    static constexpr uint64_t frame_count = 2000;

    void SetUp() override {
        for (uint64_t i = 0; i < file_pages; ++i) {
            const uint64_t tag = 0xf11e'0000 + i;
            std::memcpy(&file_bytes[i * page + tag_at], &tag, sizeof tag);
            file_model->tags.push_back(tag);
        }
        file_model->first = file_model->tags;
        for (ModelSpace* each : spaces) ASSERT_EQ(each->space.create(), Status::Ok);
    }
    void TearDown() override {
        for (ModelSpace* each : spaces) each->space.destroy();
        EXPECT_EQ(bench.heap.frames_used(), 0U);
        EXPECT_EQ(bench.free_count, frame_count);
    }

    uint64_t below(uint64_t bound) { return random() % bound; }
    uint32_t any_protection() {
        constexpr uint32_t choices[] = {read_write, read_write, read_only, read_execute};
        return choices[below(4)];
    }
    VirtualAddress any_address() { return base + below(window) * page; }
    static bool is_free(const ModelSpace& in, VirtualAddress at, uint64_t count) {
        const auto next = in.pages.lower_bound(at);
        return next == in.pages.end() || next->first >= at + count * page;
    }
    static bool is_covered(const ModelSpace& in, VirtualAddress at, uint64_t count) {
        for (uint64_t i = 0; i < count; ++i) {
            if (in.pages.count(at + i * page) == 0) return false;
        }
        return true;
    }
    std::shared_ptr<ModelObject> zeroes(uint64_t count) {
        return std::make_shared<ModelObject>(
            ModelObject{std::vector<uint64_t>(count), std::vector<uint64_t>(count)});
    }
    static std::shared_ptr<ModelObject> part(const ModelObject& of, uint64_t first,
                                             uint64_t count) {
        const auto begin = static_cast<std::ptrdiff_t>(first);
        const auto end = static_cast<std::ptrdiff_t>(first + count);
        return std::make_shared<ModelObject>(
            ModelObject{{of.tags.begin() + begin, of.tags.begin() + end},
                        {of.first.begin() + begin, of.first.begin() + end}});
    }
    void add(ModelSpace& in, VirtualAddress at, uint64_t count, const ModelPage& first) {
        for (uint64_t i = 0; i < count; ++i) {
            ModelPage entry = first;
            entry.index += i;
            in.pages[at + i * page] = entry;
        }
    }

    void map_zeroes(ModelSpace& in) {
        const uint64_t count = 1 + below(most_pages);
        const VirtualAddress at = any_address();
        const uint32_t protection = any_protection();
        const MapRequest request{.size = count * page,
                                 .protection = protection,
                                 .flags = below(4) == 0 ? abi::MapOvercommit : 0U,
                                 .address = at};
        const Result<VirtualAddress> got = in.space.map(request);
        ASSERT_EQ(got.status(), is_free(in, at, count) ? Status::Ok : Status::Busy);
        if (got.ok()) add(in, at, count, {zeroes(count), 0, protection, true, false});
    }
    void hold(ModelSpace& in, const Held& held) {
        const Result<uint32_t> handle = in.space.hold(*held.object);
        if (handle.ok()) in.handles[handle.value()] = held;
    }
    void create_object(ModelSpace& in) {
        if (in.handles.size() > 8) return;
        if (below(4) == 0) {
            MemoryObject* file =
                bench.files.open({file_bytes.data(), file_bytes.size(), 0}).value();
            return hold(in, {file, file_model, true});
        }
        const uint64_t count = 1 + below(most_pages);
        MemoryObject* object = AnonymousObject::create(bench.memory, count, nullptr).value();
        hold(in, {object, zeroes(count), false});
    }
    Held* any_held(ModelSpace& in, uint32_t& handle) {
        if (in.handles.empty()) return nullptr;
        auto at =
            std::next(in.handles.begin(), static_cast<std::ptrdiff_t>(below(in.handles.size())));
        handle = at->first;
        return &at->second;
    }
    void give_object(ModelSpace& from, ModelSpace& to) {
        uint32_t handle = 0;
        const Held* held = any_held(from, handle);
        if (held == nullptr || to.handles.size() > 8) return;
        held->object->reference();
        hold(to, *held);
    }
    void copy_object(ModelSpace& in) {
        uint32_t handle = 0;
        const Held* held = any_held(in, handle);
        if (held == nullptr || in.handles.size() > 8) return;
        const uint64_t count = held->object->pages();
        MemoryObject* copy =
            AnonymousObject::copy(bench.memory, *held->object, 0, count, nullptr).value();
        hold(in, {copy, part(*held->model, 0, count), false});
    }
    void close_object(ModelSpace& in) {
        uint32_t handle = 0;
        if (any_held(in, handle) == nullptr) return;
        ASSERT_EQ(in.space.close(handle), Status::Ok);
        in.handles.erase(handle);
    }
    void map_held(ModelSpace& in) {
        uint32_t handle = 0;
        const Held* held = any_held(in, handle);
        if (held == nullptr) return;
        const uint64_t first = below(held->object->pages());
        const uint64_t count = 1 + below(held->object->pages() - first);
        const VirtualAddress at = any_address();
        const bool copies = below(3) == 0;
        MapRequest request{.size = count * page, .protection = any_protection(), .address = at};
        if (held->is_file && !copies) request.protection = read_only;
        ModelPage entry{held->model, first, request.protection, copies, held->is_file && !copies};
        if (copies) {
            request.object =
                AnonymousObject::copy(bench.memory, *held->object, first, count, in.space.account())
                    .value();
            entry.object = part(*held->model, first, count);
            entry.index = 0;
        } else {
            request.object = in.space.held(handle).value();
            request.offset = first;
            request.handle = handle;
        }
        const Result<VirtualAddress> got = in.space.map(request);
        ASSERT_EQ(got.status(), is_free(in, at, count) ? Status::Ok : Status::Busy);
        if (got.ok()) add(in, at, count, entry);
    }
    void copy_memory(ModelSpace& in) {
        const VirtualAddress at = any_address();
        abi::PageInfo info{};
        if (in.space.query(at, info) != Status::Ok || in.pages.size() > 150) return;
        const uint64_t rest = (info.region_begin + info.region_size - at) / page;
        const uint64_t count = 1 + below(rest);
        const ModelPage& source = in.pages.at(at);
        const Result<VirtualAddress> got = in.space.copy(at, count * page);
        ASSERT_TRUE(got.ok());
        ASSERT_TRUE(is_free(in, got.value(), count));
        add(in, got.value(), count,
            {part(*source.object, source.index, count), 0, source.protection, true, false});
    }
    VirtualAddress somewhere(ModelSpace& in) {
        if (in.pages.empty() || below(8) == 0) return any_address();
        return std::next(in.pages.begin(), static_cast<std::ptrdiff_t>(below(in.pages.size())))
            ->first;
    }
    void unmap(ModelSpace& in) {
        const VirtualAddress at = somewhere(in);
        const uint64_t count = 1 + below(10);
        const bool covered = is_covered(in, at, count);
        ASSERT_EQ(in.space.unmap(at, count * page), covered ? Status::Ok : Status::NotFound);
        for (uint64_t i = 0; covered && i < count; ++i) in.pages.erase(at + i * page);
    }
    void protect(ModelSpace& in) {
        const VirtualAddress at = somewhere(in);
        const uint64_t count = 1 + below(6);
        const uint32_t protection = any_protection();
        Status expected = is_covered(in, at, count) ? Status::Ok : Status::NotFound;
        for (uint64_t i = 0; expected == Status::Ok && i < count; ++i) {
            const bool writes = (protection & abi::ProtectionWrite) != 0;
            if (in.pages[at + i * page].is_file && writes) expected = Status::PermissionDenied;
        }
        ASSERT_EQ(in.space.protect(at, count * page, protection), expected);
        if (expected != Status::Ok) return;
        for (uint64_t i = 0; i < count; ++i) in.pages[at + i * page].protection = protection;
    }
    void discard(ModelSpace& in) {
        const VirtualAddress at = somewhere(in);
        const uint64_t count = 1 + below(6);
        Status expected = is_covered(in, at, count) ? Status::Ok : Status::NotFound;
        for (uint64_t i = 0; expected == Status::Ok && i < count; ++i) {
            if (!in.pages[at + i * page].is_private) expected = Status::PermissionDenied;
        }
        ASSERT_EQ(in.space.discard(at, count * page), expected);
        if (expected != Status::Ok) return;
        for (uint64_t i = 0; i < count; ++i) {
            const ModelPage& entry = in.pages[at + i * page];
            entry.object->tags[entry.index] = entry.object->first[entry.index];
        }
    }
    void write(ModelSpace& in) {
        const VirtualAddress at = somewhere(in);
        const uint64_t tag = random();
        const auto known = in.pages.find(at);
        const bool may =
            known != in.pages.end() && (known->second.protection & abi::ProtectionWrite) != 0;
        ASSERT_EQ(in.space.write(at + tag_at, &tag, sizeof tag),
                  may ? Status::Ok : Status::BadAddress);
        if (may) known->second.object->tags[known->second.index] = tag;
    }
    void read(ModelSpace& in, VirtualAddress at) {
        uint64_t tag = 0;
        const auto known = in.pages.find(at);
        ASSERT_EQ(in.space.read(&tag, at + tag_at, sizeof tag),
                  known != in.pages.end() ? Status::Ok : Status::BadAddress);
        if (known == in.pages.end()) return;
        ASSERT_EQ(tag, known->second.object->tags[known->second.index]);
    }

    void step() {
        ModelSpace& in = *spaces[below(2)];
        ModelSpace& other = &in == &one ? two : one;
        switch (below(24)) {
            case 0:
            case 1: return map_zeroes(in);
            case 2: return create_object(in);
            case 3: return give_object(in, other);
            case 4: return copy_object(in);
            case 5: return close_object(in);
            case 6:
            case 7: return map_held(in);
            case 8: return copy_memory(in);
            case 9:
            case 10:
            case 11: return unmap(in);
            case 12: return protect(in);
            case 13: return discard(in);
            case 14:
            case 15:
            case 16:
            case 17:
            case 18: return write(in);
            default: return read(in, somewhere(in));
        }
    }
    // Every frame of a page has as many shares as slots of all objects refer to it.
    void expect_exact_shares() {
        std::set<MemoryObject*> objects;
        for (ModelSpace* each : spaces) {
            each->space.for_each_region(
                [&](const Region& region) { objects.insert(region.object); });
            for (const auto& [handle, held] : each->handles) objects.insert(held.object);
        }
        // Those that only copies of files refer to.
        objects.insert(file_object);
        std::map<PhysicalAddress, uint32_t> slots;
        for (MemoryObject* object : objects) {
            const LockGuard guard(object->lock());
            for (uint64_t i = object->next_present(0, object->pages()); i < object->pages();
                 i = object->next_present(i + 1, object->pages())) {
                ++slots[object->look(i).frame()];
            }
        }
        uint64_t with_pages = 0;
        for (uint64_t i = 0; i < frame_count; ++i) {
            const PhysicalAddress frame = FramesBench::begin + i * page;
            const FrameRecord& record = bench.frames.record(frame);
            const FrameOwner owner = record.use().owner;
            if (owner != FrameOwner::Anonymous && owner != FrameOwner::Shared &&
                owner != FrameOwner::File) {
                continue;
            }
            ++with_pages;
            ASSERT_EQ(record.shares, slots[frame]) << std::hex << frame;
            if (record.object != nullptr) {
                ASSERT_EQ(record.shares, 1U);
                ASSERT_EQ(record.object->look(record.page).frame(), frame);
            }
        }
        ASSERT_EQ(with_pages, slots.size());
    }
    void compare() {
        for (ModelSpace* each : spaces) {
            for (const auto& [at, entry] : each->pages) {
                ASSERT_NO_FATAL_FAILURE(read(*each, at)) << std::hex << at;
            }
        }
        ASSERT_NO_FATAL_FAILURE(expect_exact_shares());
    }

    static constexpr uint64_t file_pages = 7;
    FramesBench bench{frame_count};
    std::vector<uint8_t> file_bytes = std::vector<uint8_t>(file_pages * page);
    std::shared_ptr<ModelObject> file_model = std::make_shared<ModelObject>();
    MemoryObject* file_object = nullptr;
    ModelSpace one{bench, 5};
    ModelSpace two{bench, 6};
    ModelSpace* spaces[2] = {&one, &two};
    std::mt19937_64 random{44};
};

TEST_F(MemoryModelTest, AgreesWithAModelThatCopiesEverythingAtOnce) {
    file_object = bench.files.open({file_bytes.data(), file_bytes.size(), 0}).value();
    for (unsigned number = 0; number < 100'000; ++number) {
        ASSERT_NO_FATAL_FAILURE(step()) << "step " << number;
        if (number % 100 == 0) ASSERT_NO_FATAL_FAILURE(compare()) << "step " << number;
    }
    EXPECT_GT(bench.events[0].faults_copy, 500U);
    EXPECT_GT(bench.events[0].faults_file, 10U);
    file_object->release();
}

}  // namespace
}  // namespace kernel
