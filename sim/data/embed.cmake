# SPDX-License-Identifier: Apache-2.0
# Writes OUTPUT, C++ that defines orrery::data::files() of FILES, which lie under ROOT.
set(code "#include \"sim/data/files.hpp\"\nnamespace orrery::data {\n")
string(APPEND code "static constexpr File embedded[] = {\n")
foreach(file IN LISTS FILES)
    file(READ "${ROOT}/${file}" text)
    string(REGEX REPLACE "\\.toml$" "" name "${file}")
    string(APPEND code "{\"${name}\", R\"orrery(${text})orrery\"},\n")
endforeach()
string(APPEND code "};\nstd::span<const File> files() { return embedded; }\n}\n")
file(WRITE "${OUTPUT}" "${code}")
