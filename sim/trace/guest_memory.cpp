// SPDX-License-Identifier: Apache-2.0
// GuestMemory: bounds checks and the mapping of RAM files.
#include "sim/trace/guest_memory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace orrery::trace {

namespace {

// Closes the file when the mapping is made or has failed; a mapping does not need it open.
class File final {
  public:
    explicit File(const std::filesystem::path& path)
        : descriptor_(open(path.c_str(), O_RDWR | O_CLOEXEC)) {}
    ~File() {
        if (descriptor_ >= 0) close(descriptor_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    [[nodiscard]] int descriptor() const { return descriptor_; }

  private:
    int descriptor_;
};

}  // namespace

GuestMemory::GuestMemory(std::vector<MemoryBank> banks) : banks_(std::move(banks)) {
    std::sort(banks_.begin(), banks_.end(),
              [](const MemoryBank& a, const MemoryBank& b) { return a.physical < b.physical; });
    const MemoryBank* before = nullptr;
    for (const MemoryBank& bank : banks_) {
        if (bank.host == nullptr || bank.size == 0 || bank.size > UINT64_MAX - bank.physical) {
            throw TraceError(fmt::format("the memory bank at {:#x} with size {:#x} is not valid",
                                         bank.physical, bank.size));
        }
        if (before != nullptr && bank.physical - before->physical < before->size) {
            throw TraceError(fmt::format("the memory banks at {:#x} and {:#x} overlap",
                                         before->physical, bank.physical));
        }
        before = &bank;
    }
}

GuestMemory::~GuestMemory() {
    unmap();
}

GuestMemory::GuestMemory(GuestMemory&& other) noexcept
    : banks_(std::exchange(other.banks_, {})), mappings_(std::exchange(other.mappings_, {})) {}

GuestMemory& GuestMemory::operator=(GuestMemory&& other) noexcept {
    if (this != &other) {
        unmap();
        banks_ = std::exchange(other.banks_, {});
        mappings_ = std::exchange(other.mappings_, {});
    }
    return *this;
}

void GuestMemory::unmap() noexcept {
    for (const Mapping& mapping : mappings_) munmap(mapping.start, mapping.size);
    mappings_.clear();
}

GuestMemory GuestMemory::map_files(const std::vector<FileBank>& banks) {
    // `memory` owns each mapping from the moment it is made, so that an error leaves nothing
    // behind.
    GuestMemory memory{std::vector<MemoryBank>{}};
    std::vector<MemoryBank> mapped;
    for (const FileBank& bank : banks) mapped.push_back(memory.map(bank));
    memory.banks_ = GuestMemory(std::move(mapped)).banks_;
    return memory;
}

MemoryBank GuestMemory::map(const FileBank& bank) {
    const File file(bank.file);
    struct stat status = {};
    if (file.descriptor() < 0 || fstat(file.descriptor(), &status) != 0) {
        throw TraceError(fmt::format("cannot open the memory file {}: {}", bank.file.string(),
                                     std::strerror(errno)));
    }
    // Touching a page past the end of the file would be a bus error later, far from its cause.
    const auto file_size = static_cast<uint64_t>(status.st_size);
    if (bank.size == 0 || bank.size > file_size || bank.file_offset > file_size - bank.size) {
        throw TraceError(fmt::format(
            "the memory file {} has {:#x} bytes, too few for the bank of {:#x} at offset {:#x}",
            bank.file.string(), file_size, bank.size, bank.file_offset));
    }
    const uint64_t skip = bank.file_offset % static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
    const auto length = static_cast<size_t>(bank.size + skip);
    void* const start = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, file.descriptor(),
                             static_cast<off_t>(bank.file_offset - skip));
    if (start == MAP_FAILED) {
        throw TraceError(fmt::format("cannot map {:#x} bytes of the memory file {}: {}", bank.size,
                                     bank.file.string(), std::strerror(errno)));
    }
    mappings_.push_back({start, length});
    return {bank.physical, bank.size, static_cast<std::byte*>(start) + skip};
}

const MemoryBank* GuestMemory::find(uint64_t physical, uint64_t size) const {
    for (const MemoryBank& bank : banks_) {
        if (physical < bank.physical) return nullptr;
        const uint64_t offset = physical - bank.physical;
        if (offset < bank.size && size <= bank.size - offset) return &bank;
    }
    return nullptr;
}

bool GuestMemory::contains(uint64_t physical, uint64_t size) const {
    return find(physical, size) != nullptr;
}

std::span<std::byte> GuestMemory::span(uint64_t physical, uint64_t size) const {
    const MemoryBank* const bank = find(physical, size);
    if (bank == nullptr) refuse(physical, size);
    return {bank->host + (physical - bank->physical), static_cast<size_t>(size)};
}

void GuestMemory::refuse(uint64_t physical, uint64_t size) {
    throw TraceError(fmt::format("physical address {:#x} with size {:#x} is not in the phone's RAM",
                                 physical, size));
}

void GuestMemory::refuse_alignment(uint64_t physical) {
    throw TraceError(fmt::format(
        "physical address {:#x} is not aligned for the structure read there", physical));
}

}  // namespace orrery::trace
