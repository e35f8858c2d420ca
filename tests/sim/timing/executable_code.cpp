// SPDX-License-Identifier: Apache-2.0
// Reads ELF-64 (System V ABI) with the mapping symbols of the AArch64 ELF ABI, AAELF64 5.5.5.
#include "tests/sim/timing/executable_code.hpp"

#include <elf.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>

namespace orrery::timing {

namespace {

class ElfFile final {
  public:
    explicit ElfFile(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        if (!file) throw std::runtime_error(path + " cannot be read: build it first");
        bytes_.assign(std::istreambuf_iterator<char>(file), {});
        header_ = at<Elf64_Ehdr>(0);
    }

    template <typename Record>
    [[nodiscard]] Record at(uint64_t offset) const {
        Record record;
        if (offset + sizeof(record) > bytes_.size()) throw std::runtime_error("the ELF is cut off");
        std::memcpy(&record, bytes_.data() + offset, sizeof(record));
        return record;
    }
    [[nodiscard]] std::vector<Elf64_Shdr> sections() const {
        std::vector<Elf64_Shdr> found;
        for (uint64_t i = 0; i < header_.e_shnum; ++i) {
            found.push_back(at<Elf64_Shdr>(header_.e_shoff + i * sizeof(Elf64_Shdr)));
        }
        return found;
    }
    [[nodiscard]] const char* text(uint64_t offset) const { return bytes_.data() + offset; }

  private:
    std::vector<char> bytes_;
    Elf64_Ehdr header_{};
};

// For each mapping symbol of a section, by its address: is it code that begins there?
std::map<uint64_t, bool> mapping(const ElfFile& file, uint64_t section) {
    std::map<uint64_t, bool> begins;
    const std::vector<Elf64_Shdr> sections = file.sections();
    for (const Elf64_Shdr& table : sections) {
        if (table.sh_type != SHT_SYMTAB) continue;
        const uint64_t names = sections.at(table.sh_link).sh_offset;
        for (uint64_t i = 0; i < table.sh_size; i += sizeof(Elf64_Sym)) {
            const auto symbol = file.at<Elf64_Sym>(table.sh_offset + i);
            if (symbol.st_shndx != section) continue;
            const char* name = file.text(names + symbol.st_name);
            if (std::strncmp(name, "$x", 2) == 0) begins[symbol.st_value] = true;
            if (std::strncmp(name, "$d", 2) == 0) begins[symbol.st_value] = false;
        }
    }
    return begins;
}

}  // namespace

std::vector<uint32_t> executable_code(const std::string& path) {
    const ElfFile file(path);
    const std::vector<Elf64_Shdr> sections = file.sections();
    std::vector<uint32_t> words;
    for (uint64_t index = 0; index < sections.size(); ++index) {
        const Elf64_Shdr& section = sections[index];
        if ((section.sh_flags & SHF_EXECINSTR) == 0 || section.sh_type != SHT_PROGBITS) continue;
        const std::map<uint64_t, bool> begins = mapping(file, index);
        for (uint64_t i = 0; i + 4 <= section.sh_size; i += 4) {
            const auto next = begins.upper_bound(section.sh_addr + i);
            const bool is_code = next == begins.begin() || std::prev(next)->second;
            if (is_code) words.push_back(file.at<uint32_t>(section.sh_offset + i));
        }
    }
    return words;
}

}  // namespace orrery::timing
