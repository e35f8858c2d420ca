// SPDX-License-Identifier: Apache-2.0
// The code between labels of an ELF file.
#include "sim/compiler/code_bytes.hpp"

#include <fmt/format.h>
#include <llvm/Object/ELF.h>
#include <llvm/Support/Endian.h>

#include <stdexcept>

namespace orrery::compiler {
namespace {

template <typename Value>
Value expect(llvm::Expected<Value> value, const std::string& name) {
    if (value) return std::move(*value);
    throw std::runtime_error(fmt::format("{}: {}", name, llvm::toString(value.takeError())));
}

}  // namespace

CodeBytes::CodeBytes(std::string_view elf, std::string name) : name_(std::move(name)) {
    using File = llvm::object::ELFFile<llvm::object::ELF64LE>;
    const File file = expect(File::create({elf.data(), elf.size()}), name_);
    const bool linked = file.getHeader().e_type != llvm::ELF::ET_REL;
    const auto sections = expect(file.sections(), name_);
    for (uint64_t index = 0; index < sections.size(); ++index) {
        const auto& section = sections[index];
        if ((section.sh_flags & llvm::ELF::SHF_EXECINSTR) == 0) continue;
        const auto bytes = expect(file.getSectionContents(section), name_);
        sections_[index] = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
    for (const auto& section : sections) {
        if (section.sh_type != llvm::ELF::SHT_SYMTAB) continue;
        const llvm::StringRef names = expect(file.getStringTableForSymtab(section), name_);
        for (const auto& symbol : expect(file.symbols(&section), name_)) {
            const uint64_t index = symbol.st_shndx;
            if (linked)
                add_address(expect(symbol.getName(names), name_).str(), symbol.st_value,
                            symbol.getType() == llvm::ELF::STT_FUNC);
            if (!sections_.contains(index)) continue;
            const uint64_t base = linked ? uint64_t{sections[index].sh_addr} : 0;
            symbols_[expect(symbol.getName(names), name_).str()] = {index, symbol.st_value - base,
                                                                    symbol.st_size};
        }
    }
}

void CodeBytes::add_address(const std::string& symbol, uint64_t value, bool function) {
    addresses_[symbol] = value;
    if (!function) return;
    const auto [known, fresh] = functions_.emplace(symbol, value);
    if (!fresh) known->second = 0;
}

uint64_t CodeBytes::offset(const std::string& function, const std::string& label) const {
    return find(label).offset - find(function).offset;
}

uint64_t CodeBytes::address(const std::string& symbol) const {
    const auto found = addresses_.find(symbol);
    if (found != addresses_.end()) return found->second;
    throw std::runtime_error(fmt::format("{}: there is no symbol {}", name_, symbol));
}

std::map<std::string, uint64_t> CodeBytes::functions() const {
    std::map<std::string, uint64_t> all = functions_;
    std::erase_if(all, [](const auto& entry) { return entry.second == 0; });
    return all;
}

const CodeBytes::Place& CodeBytes::find(const std::string& symbol) const {
    const auto found = symbols_.find(symbol);
    if (found == symbols_.end()) {
        throw std::runtime_error(fmt::format("{}: there is no symbol {}", name_, symbol));
    }
    return found->second;
}

std::vector<uint32_t> CodeBytes::read(const Place& from, uint64_t end) const {
    const auto section = sections_.find(from.section);
    if (section == sections_.end() || end > section->second.size() || from.offset > end) {
        throw std::runtime_error(fmt::format("{}: a label is not in code", name_));
    }
    std::vector<uint32_t> words;
    for (uint64_t at = from.offset; at + sizeof(uint32_t) <= end; at += sizeof(uint32_t)) {
        words.push_back(llvm::support::endian::read32le(section->second.data() + at));
    }
    return words;
}

std::vector<uint32_t> CodeBytes::words(const std::string& function, const std::string& begin,
                                       const std::string& end) const {
    const Place& from = find(begin);
    if (!end.empty()) return read(from, find(end).offset);
    const Place& whole = find(function);
    return read(from, whole.offset + whole.size);
}

std::vector<uint32_t> CodeBytes::between(const std::string& begin, const std::string& end) const {
    return read(find(begin), find(end).offset);
}

}  // namespace orrery::compiler
