// SPDX-License-Identifier: Apache-2.0
// heap_debug=on: red zones around each object and poison in free memory, a layer over any heap.
//
// In the room that the heap below gives lie: a red zone of 16 bytes, the size and a mark of 16
// bytes, the object, and a red zone up to the end, 16 to 31 bytes. Red zones are checked when the
// object is freed; poison when its memory is given again (poison.hpp). What is wrong is a bug of
// the kernel: it panics and says which object, and what was written where.
#pragma once

#include "kernel/memory/kernel_heap.hpp"

namespace kernel {

class GuardedHeap final : public KernelHeap {
  public:
    static constexpr size_t before = 32;
    static constexpr size_t least_behind = 16;

    // Precondition: `below` poisons.
    explicit GuardedHeap(KernelHeap& below) : below_(below) {}

    [[nodiscard]] Result<void*> allocate(size_t size) override;
    [[nodiscard]] Result<void*> allocate_object(HeapType type, size_t size) override;
    void free(void* object) override;
    void trim() override { below_.trim(); }
    void quiet() override { below_.quiet(); }
    [[nodiscard]] HeapFigures figures() const override { return below_.figures(); }
    [[nodiscard]] size_t room_for(size_t size) const override {
        return below_.room_for(total(size));
    }
    [[nodiscard]] bool consistent() const override { return below_.consistent(); }
    [[nodiscard]] const char* name() const override { return below_.name(); }

  private:
    static constexpr uint8_t red_byte = 0xbb;
    static constexpr uint8_t fresh_byte = 0xa5;  // what an object holds at first
    static constexpr uint64_t mark = 0x6465'6472'6175'6721;

    struct Header {
        uint8_t red[16];
        uint64_t size;
        uint64_t marked;  // the mark xor the address of the object
    };
    static_assert(sizeof(Header) == before);

    [[nodiscard]] static size_t total(size_t size) {
        return before + ((size + 15) & ~size_t{15}) + least_behind;
    }
    [[nodiscard]] void* prepare(void* room, size_t size);
    void check_header(const Header& header, const void* object) const;
    void check_zones(const Header& header, const char* object) const;
    [[noreturn]] void complain_of_pointer(const void* object) const;
    [[noreturn]] void complain(const char* what, const void* object, uint64_t size, uint64_t offset,
                               uint8_t found) const;

    KernelHeap& below_;
};

}  // namespace kernel
