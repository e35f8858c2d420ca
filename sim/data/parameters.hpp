// SPDX-License-Identifier: Apache-2.0
// Parameters: what models are calibrated with, read from the TOML files of this folder. The files
// are part of the program, so a build and its parameters cannot disagree.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace orrery::data {

// One table of a parameter file. Every function throws std::runtime_error with one sentence that
// names the file and the key when a key is missing, has another type or is out of range.
class Parameters final {
  public:
    // The file `name`, as "cores/cortex-a55", without its suffix.
    [[nodiscard]] static Parameters open(std::string_view name);
    // From text, for tests; `name` is what errors call it.
    [[nodiscard]] static Parameters parse(std::string_view name, std::string_view text);
    // The names of all files under a folder of this one ("cores"), in order.
    [[nodiscard]] static std::vector<std::string> list(std::string_view folder);

    [[nodiscard]] bool has(std::string_view key) const;
    [[nodiscard]] std::string text(std::string_view key) const;
    [[nodiscard]] bool flag(std::string_view key) const;
    // An integer also counts as a number.
    [[nodiscard]] double number(std::string_view key, double least, double most) const;
    [[nodiscard]] uint64_t integer(std::string_view key, uint64_t least = 0,
                                   uint64_t most = std::numeric_limits<int64_t>::max()) const;
    [[nodiscard]] std::vector<double> numbers(std::string_view key, double least,
                                              double most) const;
    [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
    [[nodiscard]] Parameters table(std::string_view key) const;
    // An array of tables ([[key]]); empty when there is none.
    [[nodiscard]] std::vector<Parameters> tables(std::string_view key) const;
    // The keys of this table, in alphabetical order.
    [[nodiscard]] std::vector<std::string> keys() const;

    // Throws unless every key is one of these: a misspelt parameter would be without effect.
    void expect_only(const std::vector<std::string_view>& known) const;

    // Where this table is, for errors of whoever reads it: "cores/cortex-a55: pipeline".
    [[nodiscard]] const std::string& place() const { return place_; }

  private:
    struct Table;
    Parameters(std::string place, std::shared_ptr<const Table> table);
    [[noreturn]] void refuse(std::string_view key, const std::string& why) const;

    std::string place_;
    std::shared_ptr<const Table> table_;
};

}  // namespace orrery::data
