// SPDX-License-Identifier: Apache-2.0
// The code between labels of an ELF file.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace orrery::compiler {

// The words between labels of an ELF object or executable.
class CodeBytes final {
  public:
    // Throws std::runtime_error when `elf` is none. The bytes must outlive this.
    explicit CodeBytes(std::string_view elf, std::string name);

    // From a label to the next label given, or to the end of the function. Throws if the label is
    // not there.
    [[nodiscard]] std::vector<uint32_t> words(const std::string& function, const std::string& begin,
                                              const std::string& end) const;
    // From one symbol to another; both must be there.
    [[nodiscard]] std::vector<uint32_t> between(const std::string& begin,
                                                const std::string& end) const;

    // How far a label is behind the beginning of its function.
    [[nodiscard]] uint64_t offset(const std::string& function, const std::string& label) const;
    // Where a symbol of an executable lies in memory, whether code or data.
    [[nodiscard]] uint64_t address(const std::string& symbol) const;
    // All functions of an executable by name, but for names that several have.
    [[nodiscard]] std::map<std::string, uint64_t> functions() const;

  private:
    struct Place {
        uint64_t section;
        uint64_t offset;
        uint64_t size;
    };
    void add_address(const std::string& symbol, uint64_t value, bool function);
    [[nodiscard]] const Place& find(const std::string& symbol) const;
    [[nodiscard]] std::vector<uint32_t> read(const Place& from, uint64_t end) const;

    std::string name_;
    std::map<std::string, Place> symbols_;
    std::map<std::string, uint64_t> addresses_;
    std::map<std::string, uint64_t> functions_;  // 0: ambiguous
    std::map<uint64_t, std::string_view> sections_;
};

}  // namespace orrery::compiler
