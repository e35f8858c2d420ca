// SPDX-License-Identifier: Apache-2.0
// page_allocator=tree: the lock-free steps on one area, its counter and its field of bits.
#include "hal/machine.hpp"
#include "kernel/memory/frames/frame_tree.hpp"

namespace kernel {

// Takes at least `least` frames off the counter, at most `most`; how many, 0 when there are less.
// Acquires what the frames' last owners did, as giving back releases it: an area that is given as a
// whole has no bits to do so.
unsigned FrameTree::claim(uint32_t area, unsigned least, unsigned most) {
    Section& section = sections_[area / 2];
    uint32_t word = section.load(std::memory_order_relaxed);
    for (;;) {
        const uint32_t free = frames_in(word >> shift_of(area) & 0xffff);
        if (free < least) return 0;
        const uint32_t frames = free < most ? free : most;
        if (section.compare_exchange_weak(word, word - (frames << shift_of(area)),
                                          std::memory_order_acquire, std::memory_order_relaxed)) {
            return frames;
        }
    }
}

void FrameTree::give_back(uint32_t area, unsigned frames) {
    sections_[area / 2].fetch_add(frames << shift_of(area), std::memory_order_release);
}

// False when the entry is not `from`.
bool FrameTree::change_entry(uint32_t area, uint32_t from, uint32_t to) {
    Section& section = sections_[area / 2];
    const uint32_t mask = 0xffffU << shift_of(area);
    uint32_t word = section.load(std::memory_order_relaxed);
    while ((word & mask) >> shift_of(area) == from) {
        const uint32_t changed = (word & ~mask) | to << shift_of(area);
        if (section.compare_exchange_weak(word, changed, std::memory_order_acq_rel,
                                          std::memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

// Precondition: a frame is claimed, so that there is a zero bit for it; another CPU may take the
// one that was seen, but then another one is there.
unsigned FrameTree::take_frame(uint32_t area) {
    std::atomic<uint64_t>* words = words_of(area);
    for (;; hal::Machine::relax()) {
        for (unsigned i = 0; i < area_words; ++i) {
            uint64_t word = words[i].load(std::memory_order_relaxed);
            while (word != ~uint64_t{0}) {
                const unsigned bit = lowest_bit(~word);
                const uint64_t mask = uint64_t{1} << bit;
                word = words[i].fetch_or(mask, std::memory_order_acquire);
                if ((word & mask) == 0) return i * word_bits + bit;
            }
        }
    }
}

// Takes `count` frames that are claimed, as many of a word as possible in one step.
void FrameTree::take_many(uint32_t area, PhysicalAddress* frames, unsigned count) {
    std::atomic<uint64_t>* words = words_of(area);
    for (;; hal::Machine::relax()) {
        for (unsigned i = 0; i < area_words; ++i) {
            uint64_t word = words[i].load(std::memory_order_relaxed);
            uint64_t wanted = 0;
            do {
                wanted = 0;
                uint64_t zeroes = ~word;
                for (unsigned k = 0; k < count && zeroes != 0; ++k) {
                    wanted |= zeroes & (~zeroes + 1);
                    zeroes &= zeroes - 1;
                }
            } while (wanted != 0 &&
                     !words[i].compare_exchange_weak(word, word | wanted, std::memory_order_acquire,
                                                     std::memory_order_relaxed));
            count -= count_bits(wanted);
            for (; wanted != 0; wanted &= wanted - 1) {
                *frames++ =
                    map_.address_of(area * area_frames + i * word_bits + lowest_bit(wanted));
            }
            if (count == 0) return;
        }
    }
}

// A run within a word; area_frames when no word has one.
unsigned FrameTree::take_run(uint32_t area, unsigned order) {
    std::atomic<uint64_t>* words = words_of(area);
    for (unsigned i = 0; i < area_words; ++i) {
        uint64_t word = words[i].load(std::memory_order_relaxed);
        for (uint64_t runs = zero_runs(word, order); runs != 0; runs = zero_runs(word, order)) {
            const unsigned bit = lowest_bit(runs);
            if (words[i].compare_exchange_weak(word, word | block_mask(order) << bit,
                                               std::memory_order_acquire,
                                               std::memory_order_relaxed)) {
                return i * word_bits + bit;
            }
        }
    }
    return area_frames;
}

// Two or four whole words; area_frames when there are none.
unsigned FrameTree::take_words(uint32_t area, unsigned order) {
    std::atomic<uint64_t>* words = words_of(area);
    const unsigned step = 1U << (order - word_order);
    for (unsigned i = 0; i < area_words; i += step) {
        unsigned taken = 0;
        for (; taken < step; ++taken) {
            uint64_t word = 0;
            if (!words[i + taken].compare_exchange_strong(
                    word, ~uint64_t{0}, std::memory_order_acquire, std::memory_order_relaxed)) {
                break;
            }
        }
        if (taken == step) return i * word_bits;
        // A word that is full is changed by nobody but who took it.
        while (taken-- > 0) words[i + taken].store(0, std::memory_order_release);
    }
    return area_frames;
}

// Frees the bits of a block; how many, 0 when one of them was free. What was cleared in spite of
// that, as two CPUs freed the same at once, is told as well.
unsigned FrameTree::clear(uint32_t index, unsigned order) {
    std::atomic<uint64_t>* words = taken_ + index / word_bits;
    if (order == 0) {
        const uint64_t mask = uint64_t{1} << index % word_bits;
        return (words[0].fetch_and(~mask, std::memory_order_release) & mask) != 0 ? 1 : 0;
    }
    if (order < word_order) {
        const uint64_t mask = block_mask(order) << index % word_bits;
        uint64_t word = words[0].load(std::memory_order_relaxed);
        do {
            if ((word & mask) != mask) return 0;
        } while (!words[0].compare_exchange_weak(word, word & ~mask, std::memory_order_release,
                                                 std::memory_order_relaxed));
        return 1U << order;
    }
    const unsigned count = 1U << (order - word_order);
    for (unsigned i = 0; i < count; ++i) {
        if (words[i].load(std::memory_order_relaxed) != ~uint64_t{0}) return 0;
    }
    unsigned cleared = 0;
    for (unsigned i = 0; i < count; ++i) {
        uint64_t word = ~uint64_t{0};
        if (words[i].compare_exchange_strong(word, 0, std::memory_order_release,
                                             std::memory_order_relaxed)) {
            cleared += word_bits;
        }
    }
    return cleared;
}

// Whether all frames of a block below 2 MiB are taken.
bool FrameTree::taken(uint32_t index, unsigned order) const {
    const std::atomic<uint64_t>* words = taken_ + index / word_bits;
    if (order < word_order) {
        const uint64_t mask = block_mask(order) << index % word_bits;
        return (words[0].load(std::memory_order_relaxed) & mask) == mask;
    }
    for (unsigned i = 0; i < 1U << (order - word_order); ++i) {
        if (words[i].load(std::memory_order_relaxed) != ~uint64_t{0}) return false;
    }
    return true;
}

// Precondition: the area's entry is `dividing`, so that nobody takes or frees bits there.
void FrameTree::fill(uint32_t area) {
    for (unsigned i = 0; i < area_words; ++i) {
        words_of(area)[i].store(~uint64_t{0}, std::memory_order_relaxed);
    }
}

}  // namespace kernel
