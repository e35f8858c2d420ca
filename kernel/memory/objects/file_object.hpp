// SPDX-License-Identifier: Apache-2.0
// FileObject: pages with the content of a file of the boot archive, or of a part of it, shared by
// all who show them. A page is made by copying when it is first touched; it is never written to,
// and can be dropped at any time and made again.
//
// The bytes need not lie on page borders in the archive, nor start at one in the object: a
// program's segment has zeroes before and behind it, where other files' bytes would be otherwise.
#pragma once

#include "kernel/memory/objects/memory_object.hpp"
#include "kernel/memory/objects/slot_tree.hpp"

namespace kernel {

class FileObjects;

// Bytes that stay where they are.
struct FileBytes {
    const uint8_t* data;
    uint64_t size;
    uint64_t lead;  // zeroes before them, less than a page

    [[nodiscard]] uint64_t pages() const {
        return (lead + size + hal::page_size - 1) / hal::page_size;
    }
    [[nodiscard]] bool operator==(const FileBytes&) const = default;
};

class FileObject final : public MemoryObject {
  public:
    // By FileObjects only.
    FileObject(Memory& memory, FileObjects& table, const FileBytes& bytes)
        : MemoryObject(memory, Kind::File, bytes.pages(), LockRank::FileObject,
                       {FrameOwner::File, 0}),
          slots_(memory.heap(), bytes.pages()),
          table_(table),
          bytes_(bytes) {}

    [[nodiscard]] Result<ObjectPage> page(uint64_t index, bool write,
                                          const FramePlacement& placement) override;
    [[nodiscard]] Slot look(uint64_t index) override { return slots_.get(index); }
    [[nodiscard]] uint64_t next_present(uint64_t index, uint64_t end) override;
    void drop(uint64_t index) override;
    [[nodiscard]] Status evict(uint64_t index) override;
    void move(uint64_t index, PhysicalAddress to) override;

    // Fills a frame with the content of a page. Needs no lock.
    void read_page(uint64_t index, PhysicalAddress frame) const;
    [[nodiscard]] const FileBytes& bytes() const { return bytes_; }

    ListNode table_node;

  private:
    [[nodiscard]] bool take_last_reference() override;
    void destroy() override;

    SlotTree slots_;
    FileObjects& table_;
    FileBytes bytes_;
};

// The file objects there are, so that everybody who shows a file shows the same frames.
class FileObjects final {
  public:
    explicit FileObjects(Memory& memory) : memory_(memory) {}

    // With a reference for the caller. NoMemory. Precondition: the bytes are not empty and stay.
    [[nodiscard]] Result<FileObject*> open(const FileBytes& bytes);

  private:
    friend class FileObject;
    [[nodiscard]] bool close(FileObject& object);

    Memory& memory_;
    SpinLock lock_{LockRank::FileTable};
    List<FileObject, &FileObject::table_node> objects_;
};

}  // namespace kernel
