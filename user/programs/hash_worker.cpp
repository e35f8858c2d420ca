// SPDX-License-Identifier: Apache-2.0
// hash_worker INDEX COUNT: prints the SHA-256 of the archive files with number % COUNT == INDEX.
#include "user/lib/archive.hpp"
#include "user/lib/console.hpp"
#include "user/lib/sha256.hpp"
#include "user/lib/words.hpp"

namespace user {

int user_main(std::string_view arguments) {
    const auto index = parse_number(take_word(arguments));
    const auto count = parse_number(take_word(arguments));
    if (!index || !count || *index >= *count || !arguments.empty()) {
        print(
            "hash_worker: usage: hash_worker INDEX COUNT, with INDEX below "
            "COUNT\n");
        return 2;
    }
    const auto bytes = system::map_archive();
    if (!bytes) {
        print("worker {}: archive: {}\n", *index, bytes.status());
        return 1;
    }

    uint64_t hashed = 0;
    Archive::Cursor files = Archive(*bytes).files();
    for (uint64_t number = 0;; ++number) {
        const auto file = files.next();
        if (file.status() == Status::NotFound) break;
        if (!file) {
            print("worker {}: archive: {}\n", *index, file.status());
            return 1;
        }
        if (number % *count != *index) continue;
        const DigestText digest(Sha256::of(file->data));
        print("sha256 {} {} cpu={}\n", digest.view(), file->name, system::cpu_number());
        ++hashed;
    }
    print("worker {}: {} files on cpu {}\n", *index, hashed, system::cpu_number());
    return 0;
}

}  // namespace user
