// SPDX-License-Identifier: Apache-2.0
// GuestMemory: the phone's physical memory as the host sees it, a list of banks of plain bytes.
// The banks are either somebody else's memory (the arena of the SystemC phone) or a file mapped
// shared (the RAM file that QEMU was given).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <type_traits>
#include <vector>

namespace orrery::trace {

// What this library throws: one sentence that says what is wrong and where.
class TraceError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// A stretch of physical memory that is contiguous in the host.
struct MemoryBank {
    uint64_t physical = 0;
    uint64_t size = 0;
    std::byte* host = nullptr;
};

// A bank to be mapped from a file.
struct FileBank {
    std::filesystem::path file;
    uint64_t physical = 0;
    uint64_t size = 0;
    uint64_t file_offset = 0;
};

class GuestMemory final {
  public:
    // Precondition: the memory behind the banks outlives this object. Banks must not overlap.
    explicit GuestMemory(std::vector<MemoryBank> banks);
    ~GuestMemory();
    GuestMemory(GuestMemory&& other) noexcept;
    GuestMemory& operator=(GuestMemory&& other) noexcept;
    GuestMemory(const GuestMemory&) = delete;
    GuestMemory& operator=(const GuestMemory&) = delete;

    // Maps stretches of files, shared: writes are seen by the machine that runs on the files.
    [[nodiscard]] static GuestMemory map_files(const std::vector<FileBank>& banks);

    // The banks in ascending order of their physical address.
    [[nodiscard]] const std::vector<MemoryBank>& banks() const { return banks_; }

    // True if [physical, physical + size) lies in one bank.
    [[nodiscard]] bool contains(uint64_t physical, uint64_t size) const;

    // The bytes of [physical, physical + size), which must lie in one bank.
    [[nodiscard]] std::span<std::byte> span(uint64_t physical, uint64_t size) const;

    // A structure of the guest, in place. It may change under the reader while the guest runs.
    template <typename T>
    [[nodiscard]] T& view(uint64_t physical) const {
        return *view_array<T>(physical, 1).data();
    }

    template <typename T>
    [[nodiscard]] std::span<T> view_array(uint64_t physical, uint64_t count) const {
        static_assert(std::is_trivially_copyable_v<T>);
        if (count > UINT64_MAX / sizeof(T)) refuse(physical, UINT64_MAX);
        std::byte* const host = span(physical, count * sizeof(T)).data();
        if (reinterpret_cast<uintptr_t>(host) % alignof(T) != 0) refuse_alignment(physical);
        return {reinterpret_cast<T*>(host), static_cast<size_t>(count)};
    }

  private:
    // The mapping lasts as long as this object.
    [[nodiscard]] MemoryBank map(const FileBank& bank);

    struct Mapping {
        void* start;
        size_t size;
    };

    [[nodiscard]] const MemoryBank* find(uint64_t physical, uint64_t size) const;
    [[noreturn]] static void refuse(uint64_t physical, uint64_t size);
    [[noreturn]] static void refuse_alignment(uint64_t physical);
    void unmap() noexcept;

    std::vector<MemoryBank> banks_;
    std::vector<Mapping> mappings_;  // owned; empty when the memory is somebody else's
};

}  // namespace orrery::trace
