// SPDX-License-Identifier: Apache-2.0
// Where the kernel image runs: at a random distance from where it is linked, if the boot loader
// gives a seed (/chosen/kaslr-seed of the device tree, as Linux takes it) and the kernel command
// line does not say `kaslr=off`. Without a seed the image runs where it is linked.
//
// This runs with the MMU off, at physical addresses: it takes addresses of its own symbols (which
// are relative to the program counter) and follows no stored pointer. What it reads of the tree is
// checked against the tree's own size; a tree that is damaged gives no seed, and the kernel will
// say what is wrong with it.
#include "hal/aarch64/layout.hpp"

namespace hal::aarch64 {

extern "C" {

// Packed relative relocations of the linker (SHT_RELR of the ELF specification).
extern const uint64_t relocations_begin[], relocations_end[];

uint64_t place_image(PhysicalAddress device_tree, PhysicalAddress image);

}  // extern "C"

namespace {

// The header and the tokens of a flattened tree (Devicetree Specification 0.4, chapter 5).
enum HeaderWord : unsigned {
    header_magic = 0,
    header_total_size = 1,
    header_structure = 2,
    header_strings = 3,
};
enum Token : uint32_t { begin_node = 1, end_node = 2, property = 3, no_operation = 4, end = 9 };
constexpr uint32_t tree_magic = 0xd00d'feed;
constexpr uint64_t longest_tree = 2 * 1024 * 1024;  // of the boot protocol

// Finds properties of /chosen.
class ChosenReader final {
  public:
    explicit ChosenReader(PhysicalAddress tree) : tree_(reinterpret_cast<char*>(tree)) {
        if (tree % 8 != 0 || word(0) != tree_magic) return;
        const uint64_t size = word(header_total_size * 4);
        if (size <= longest_tree) size_ = size;
    }

    // The value of a property, or null. `size` is its length.
    [[nodiscard]] char* find(const char* name, uint64_t& size) const {
        const uint64_t strings = size_ == 0 ? 0 : word(header_strings * 4);
        uint64_t at = size_ == 0 ? 0 : word(header_structure * 4);
        unsigned depth = 0;
        bool chosen = false;
        while (at % 4 == 0 && at + 4 <= size_) {
            const uint32_t token = word(at);
            at += 4;
            if (token == begin_node) {
                chosen = ++depth == 2 && equal(at, "chosen");
                at = padded(end_of_text(at));
            } else if (token == end_node) {
                chosen = false;
                --depth;
            } else if (token == property && at + 8 <= size_) {
                const uint64_t length = word(at);
                const uint64_t name_at = strings + word(at + 4);
                at += 8;
                if (length > size_ - at) return nullptr;
                if (chosen && equal(name_at, name)) {
                    size = length;
                    return tree_ + at;
                }
                at = padded(at + length);
            } else if (token != no_operation) {
                return nullptr;
            }
        }
        return nullptr;
    }

  private:
    static uint64_t padded(uint64_t at) { return (at + 3) & ~uint64_t{3}; }

    [[nodiscard]] uint32_t word(uint64_t at) const {
        return __builtin_bswap32(*reinterpret_cast<const uint32_t*>(tree_ + at));
    }

    [[nodiscard]] bool equal(uint64_t at, const char* text) const {
        for (; at < size_; ++at, ++text) {
            if (tree_[at] != *text) return false;
            if (*text == '\0') return true;
        }
        return false;
    }

    [[nodiscard]] uint64_t end_of_text(uint64_t at) const {
        while (at < size_ && tree_[at] != '\0') ++at;
        return at + 1;
    }

    char* tree_;
    uint64_t size_ = 0;  // 0: not a tree
};

// What was written with caches off must not be hidden by a stale line.
void forget_line(uint64_t address) {
    asm volatile("dmb sy\n dc ivac, %0\n dsb sy" ::"r"(address) : "memory");
}

// Whether a word of the command line is `wanted`.
bool says(const char* line, uint64_t size, const char* wanted) {
    for (uint64_t begin = 0; begin < size;) {
        uint64_t same = 0;
        while (begin + same < size && wanted[same] != '\0' && line[begin + same] == wanted[same]) {
            ++same;
        }
        const uint64_t behind = begin + same;
        const bool ends = behind == size || line[behind] == ' ' || line[behind] == '\0';
        if (wanted[same] == '\0' && ends) return true;
        while (begin < size && line[begin] != ' ' && line[begin] != '\0') ++begin;
        ++begin;
    }
    return false;
}

uint64_t choose_slide(PhysicalAddress tree) {
    const ChosenReader chosen(tree);
    uint64_t size = 0;
    char* const seed = chosen.find("kaslr-seed", size);
    if (seed == nullptr || size != sizeof(uint64_t)) return 0;
    uint64_t value = 0;
    for (unsigned i = 0; i < size; ++i) {
        value = value << 8 | static_cast<unsigned char>(seed[i]);
        seed[i] = 0;  // nobody else is to learn it
    }
    // Properties are aligned to four bytes: it may lie in two lines.
    forget_line(reinterpret_cast<uint64_t>(seed));
    forget_line(reinterpret_cast<uint64_t>(seed + size - 1));
    const char* const line = chosen.find("bootargs", size);
    if (line != nullptr && says(line, size, "kaslr=off")) return 0;
    return value % (image_span / image_step) * image_step;
}

// Adds `slide` to every stored address. Entries are the address of a word, or a bitmap of those
// among the next 63 words that are addresses too.
void relocate(PhysicalAddress image, uint64_t slide) {
    const auto move = [slide](uint64_t at) {
        *reinterpret_cast<uint64_t*>(at) += slide;
        forget_line(at);
    };
    uint64_t next = 0;
    for (const uint64_t* entry = relocations_begin; entry != relocations_end; ++entry) {
        if ((*entry & 1) == 0) {
            const uint64_t at = *entry - image_base + image;
            move(at);
            next = at + 8;
            continue;
        }
        for (uint64_t bits = *entry >> 1, at = next; bits != 0; bits >>= 1, at += 8) {
            if ((bits & 1) != 0) move(at);
        }
        next += 63 * 8;
    }
}

}  // namespace

uint64_t place_image(PhysicalAddress device_tree, PhysicalAddress image) {
    const uint64_t slide = choose_slide(device_tree);
    if (slide != 0) relocate(image, slide);
    return slide;
}

}  // namespace hal::aarch64
