// SPDX-License-Identifier: Apache-2.0
// A digest of the phone's memory, to tell whether a run has come to the same state again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace orrery::phone {

// Of every page that is not all zero, with the page's number before it: a multiplication and a
// shift for each 64-bit word, as the finaliser of MurmurHash3 mixes (Appleby, fmix64). Pages that
// were never touched are not touched by it, and count as what they are: zero. It finds differences;
// it keeps out nobody who wants to forge.
//
// A kernel that runs natively has pointers to its code in its memory, which is where the host has
// loaded it: a word that points into `code` counts as its distance from there.
// Precondition: memory begins and ends at a page's bounds.
[[nodiscard]] uint64_t memory_digest(std::span<const std::byte> memory,
                                     std::span<const std::byte> code);

}  // namespace orrery::phone
