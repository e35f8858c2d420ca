// SPDX-License-Identifier: Apache-2.0
// Parameters read from TOML files.
#include "sim/data/parameters.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <span>
#include <stdexcept>

#include "sim/data/files.hpp"

namespace orrery::data {

struct Parameters::Table {
    std::shared_ptr<const toml::table> file;  // keeps `here` alive
    const toml::table* here;
};

Parameters::Parameters(std::string place, std::shared_ptr<const Table> table)
    : place_(std::move(place)), table_(std::move(table)) {}

Parameters Parameters::parse(std::string_view name, std::string_view text) {
    try {
        auto file = std::make_shared<const toml::table>(toml::parse(text, name));
        const toml::table* root = file.get();
        return {std::string(name), std::make_shared<const Table>(Table{std::move(file), root})};
    } catch (const toml::parse_error& error) {
        throw std::runtime_error(
            fmt::format("{}, line {}: {}", name, error.source().begin.line, error.description()));
    }
}

Parameters Parameters::open(std::string_view name) {
    for (const File& file : files()) {
        if (file.name == name) return parse(name, file.text);
    }
    const std::string_view folder = name.substr(0, name.rfind('/'));
    throw std::runtime_error(fmt::format("there are no parameters \"{}\": choose {}", name,
                                         fmt::join(list(folder), ", ")));
}

std::vector<std::string> Parameters::list(std::string_view folder) {
    std::vector<std::string> names;
    for (const File& file : files()) {
        if (file.name.substr(0, file.name.rfind('/')) == folder) names.emplace_back(file.name);
    }
    std::ranges::sort(names);
    return names;
}

void Parameters::refuse(std::string_view key, const std::string& why) const {
    throw std::runtime_error(fmt::format("{}: {} {}", place_, key, why));
}

bool Parameters::has(std::string_view key) const {
    return table_->here->contains(key);
}

std::string Parameters::text(std::string_view key) const {
    const auto value = (*table_->here)[key].value_exact<std::string>();
    if (!value) refuse(key, has(key) ? "must be a text" : "is missing");
    return *value;
}

bool Parameters::flag(std::string_view key) const {
    const auto value = (*table_->here)[key].value_exact<bool>();
    if (!value) refuse(key, has(key) ? "must be true or false" : "is missing");
    return *value;
}

double Parameters::number(std::string_view key, double least, double most) const {
    const auto value = (*table_->here)[key].value<double>();
    if (!value) refuse(key, has(key) ? "must be a number" : "is missing");
    if (!(*value >= least && *value <= most)) {
        refuse(key, fmt::format("is {}, it must be {} to {}", *value, least, most));
    }
    return *value;
}

uint64_t Parameters::integer(std::string_view key, uint64_t least, uint64_t most) const {
    const auto value = (*table_->here)[key].value_exact<int64_t>();
    if (!value) refuse(key, has(key) ? "must be a whole number" : "is missing");
    if (*value < 0 || static_cast<uint64_t>(*value) < least ||
        static_cast<uint64_t>(*value) > most) {
        refuse(key, fmt::format("is {}, it must be {} to {}", *value, least, most));
    }
    return static_cast<uint64_t>(*value);
}

std::vector<double> Parameters::numbers(std::string_view key, double least, double most) const {
    const toml::array* array = (*table_->here)[key].as_array();
    if (array == nullptr) refuse(key, has(key) ? "must be a list of numbers" : "is missing");
    std::vector<double> values;
    for (const toml::node& node : *array) {
        const auto value = node.value<double>();
        if (!value || !(*value >= least && *value <= most)) {
            refuse(key, fmt::format("must be a list of numbers from {} to {}", least, most));
        }
        values.push_back(*value);
    }
    return values;
}

std::vector<std::string> Parameters::texts(std::string_view key) const {
    const toml::array* array = (*table_->here)[key].as_array();
    if (array == nullptr) refuse(key, has(key) ? "must be a list of texts" : "is missing");
    std::vector<std::string> values;
    for (const toml::node& node : *array) {
        const auto value = node.value_exact<std::string>();
        if (!value) refuse(key, "must be a list of texts");
        values.push_back(*value);
    }
    return values;
}

Parameters Parameters::table(std::string_view key) const {
    const toml::table* inner = (*table_->here)[key].as_table();
    if (inner == nullptr) refuse(key, has(key) ? "must be a table" : "is missing");
    return {fmt::format("{}: {}", place_, key),
            std::make_shared<const Table>(Table{table_->file, inner})};
}

std::vector<Parameters> Parameters::tables(std::string_view key) const {
    std::vector<Parameters> found;
    if (!has(key)) return found;
    const toml::array* array = (*table_->here)[key].as_array();
    if (array == nullptr) refuse(key, "must be an array of tables");
    for (const toml::node& node : *array) {
        const toml::table* inner = node.as_table();
        if (inner == nullptr) refuse(key, "must be an array of tables");
        found.push_back({fmt::format("{}: {} {}", place_, key, found.size()),
                         std::make_shared<const Table>(Table{table_->file, inner})});
    }
    return found;
}

std::vector<std::string> Parameters::keys() const {
    std::vector<std::string> names;
    for (const auto& [key, value] : *table_->here) names.emplace_back(key.str());
    std::ranges::sort(names);
    return names;
}

void Parameters::expect_only(const std::vector<std::string_view>& known) const {
    for (const std::string& key : keys()) {
        if (std::ranges::find(known, key) == known.end()) {
            refuse(key, fmt::format("is not known here; there are {}", fmt::join(known, ", ")));
        }
    }
}

}  // namespace orrery::data
