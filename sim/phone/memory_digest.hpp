// SPDX-License-Identifier: Apache-2.0
// A digest of the phone's memory, to tell whether a run has come to the same state again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace orrery::phone {

// FNV-1a over 64-bit words (Fowler, Noll and Vo; draft-eastlake-fnv), of every page that is not
// all zero, with the page's number before it. Pages that were never touched are not touched by it,
// and count as what they are: zero. It finds differences; it keeps out nobody who wants to forge.
// Precondition: memory begins and ends at a page's bounds.
[[nodiscard]] uint64_t memory_digest(std::span<const std::byte> memory);

}  // namespace orrery::phone
