// SPDX-License-Identifier: Apache-2.0
// steady: a program that only computes, with a result known beforehand: 32 zero bytes, replaced by
// their SHA-256 20000 times. Whatever other tasks do, the result is
// be284ef82cb4cc7387570bda86289eeecd04b4fa69d53bf3101136c198955fea.
#include "user/lib/console.hpp"
#include "user/lib/sha256.hpp"

namespace user {

int user_main(std::string_view) {
    Sha256::Digest digest{};
    for (int round = 0; round < 20000; ++round) digest = Sha256::of(digest);
    print("steady: {}\n", DigestText(digest).view());
    return 0;
}

}  // namespace user
