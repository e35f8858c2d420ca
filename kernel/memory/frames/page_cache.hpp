// SPDX-License-Identifier: Apache-2.0
// page_cache=on: free frames of order 0 kept by each CPU, a layer over any strategy.
//
// Each CPU has two magazines of frames for each kind of frame that the strategy keeps apart, one in
// use and one behind it, after Bonwick and Adams, "Magazines and Vmem" (USENIX ATC 2001). It takes
// and gives in the one in use, refills it from the strategy when both are empty, and drains the one
// behind when both are full, so that a batch of frames lies between two visits to the strategy.
// Their contents are free frames. When the strategy has nothing left, all magazines of all CPUs are
// drained into it before an allocation fails.
//
// A slot is emptied by an atomic exchange, by its CPU as by one that drains: whoever gets the frame
// owns it. Only its CPU fills a slot, and only one that is empty. There is no lock.
//
// A byte a frame says whether it is in a magazine, and in whose, or was given by this layer, so
// that a frame freed twice, never given, or part of a larger block is refused before it gets into a
// magazine. Looking at the byte and changing it are two steps, as one atomic step would cost as
// much as all the rest. Two CPUs that free the same frame in the same instant may both succeed; the
// byte is one CPU's then, and the kernel panics when the other one takes the frame out.
//
// Frames that strategies give one after the other lie side by side, and two CPUs that refill in
// turn get neighbouring batches. So that they do not write the same cache line with each pair of
// allocate and free, the bytes of a batch share their line with those of one half the memory away.
//
// Precondition: one caller at a time for each CPU index, below hal::max_cpus. The kernel has
// interrupts off, which makes it so.
#pragma once

#include <atomic>

#include "kernel/memory/frames/frame_map.hpp"

namespace kernel {

class PageCache final : public FrameStrategy {
  public:
    static constexpr unsigned batch = 32;
    static constexpr unsigned capacity = 2 * batch;  // of a CPU, for each mobility

    [[nodiscard]] static uint64_t metadata_size(const FrameMap& map);
    // Where in the metadata the byte of a frame lies, of as many as the map spans: half a cache
    // line for 32 frames in a row, the other half for 32 of the upper half.
    [[nodiscard]] static uint32_t place_of(uint32_t index, uint32_t span) {
        static_assert(2 * batch == 64 && FrameMap::section_frames % (2 * batch) == 0);
        const bool upper = index >= span / 2;
        if (upper) index -= span / 2;
        return (index / batch * 2 + (upper ? 1 : 0)) * batch + index % batch;
    }
    // Precondition: nothing of `below` is allocated, `map` is the one it was made with, and
    // `metadata` has metadata_size() bytes, aligned to 64.
    void initialise(FrameStrategy& below, const FrameMap& map, void* metadata);

    [[nodiscard]] Result<PhysicalAddress> allocate(const FrameRequest& request) override;
    [[nodiscard]] Status free(PhysicalAddress block, unsigned order, unsigned cpu) override;
    [[nodiscard]] Status split(PhysicalAddress block, unsigned order, unsigned cpu) override;
    [[nodiscard]] unsigned allocate_bulk(PhysicalAddress* frames, unsigned count, Mobility mobility,
                                         unsigned cpu) override;
    [[nodiscard]] unsigned free_bulk(const PhysicalAddress* frames, unsigned count,
                                     unsigned cpu) override;
    // Gives everything in the magazines back to the strategy.
    void drain();

    [[nodiscard]] uint64_t cached_frames() const;
    [[nodiscard]] uint64_t free_frames() const override {
        return below_->free_frames() + cached_frames();
    }
    [[nodiscard]] FreeHistogram free_histogram() const override;
    [[nodiscard]] uint64_t total_frames() const override { return below_->total_frames(); }
    [[nodiscard]] uint64_t metadata_bytes() const override {
        return below_->metadata_bytes() + metadata_size(map_);
    }
    [[nodiscard]] unsigned largest_order() const override { return below_->largest_order(); }
    [[nodiscard]] bool remembers_orders() const override { return below_->remembers_orders(); }
    [[nodiscard]] bool uses_mobility() const override { return below_->uses_mobility(); }
    [[nodiscard]] bool consistent() const override;
    [[nodiscard]] const char* name() const override { return below_->name(); }

  private:
    // What a frame is to this layer. Given frames remember the mobility they were given for; of
    // the strategy's blocks the first frame does, for when they are split.
    using StateByte = std::atomic<uint8_t>;
    static constexpr uint8_t foreign = 0;
    static constexpr uint8_t given_movable = 1;
    static constexpr uint8_t given_unmovable = 2;
    static constexpr uint8_t unmovable_block = 3;
    static constexpr uint8_t cached = 0x80;  // and the CPU

    // Frame numbers plus one; 0 is an empty slot.
    struct Magazine {
        std::atomic<uint32_t> slots[batch] = {};
        uint32_t top = 0;  // its CPU's: slots from here on are empty, those below may be
    };
    struct alignas(64) Magazines {
        Magazine magazine[2];
        uint32_t in_use = 0;
        // Frames put in without those its CPU took out; others count what they took in drained_.
        std::atomic<uint32_t> count{0};
    };

    [[nodiscard]] static uint8_t given(unsigned kind) {
        return kind == 0 ? given_movable : given_unmovable;
    }
    [[nodiscard]] static uint8_t cached_by(unsigned cpu) {
        return static_cast<uint8_t>(cached | cpu);
    }
    [[nodiscard]] StateByte& state_of(uint32_t index) const {
        return states_[place_of(index, map_.span())];
    }
    // Changes what a frame from a slot of that CPU is.
    void leave(uint32_t index, unsigned cpu, uint8_t state);
    [[nodiscard]] unsigned kind_of(Mobility mobility) const {
        return separate_ ? static_cast<unsigned>(mobility) : 0;
    }
    [[nodiscard]] Magazines& magazines(unsigned cpu, unsigned kind) {
        return magazines_[cpu][kind];
    }
    [[nodiscard]] Result<PhysicalAddress> allocate_frame(unsigned kind, unsigned cpu);
    [[nodiscard]] Result<PhysicalAddress> allocate_block(const FrameRequest& request);
    [[nodiscard]] Result<uint32_t> find_block(PhysicalAddress block, unsigned order) const;
    [[nodiscard]] Status free_frame(PhysicalAddress frame, unsigned cpu);
    [[nodiscard]] Status free_block(PhysicalAddress block, unsigned order, unsigned cpu);
    [[nodiscard]] uint32_t pop(Magazines& mine);
    void push(Magazines& mine, uint32_t index, unsigned cpu);
    [[nodiscard]] bool refill(Magazines& mine, unsigned kind, unsigned cpu);
    [[nodiscard]] unsigned empty(Magazine& magazine, unsigned cpu);

    FrameStrategy* below_ = nullptr;
    FrameMap map_;
    StateByte* states_ = nullptr;
    bool separate_ = false;
    alignas(64) std::atomic<uint32_t> drained_{0};  // frames taken out of others' magazines
    Magazines magazines_[hal::max_cpus][mobility_count];
};

}  // namespace kernel
