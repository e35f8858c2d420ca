// SPDX-License-Identifier: Apache-2.0
// Swap at boot.
#include "kernel/boot/swap_space.hpp"

#include "kernel/kernel.hpp"

namespace kernel {

const char* reserve_swap_disk(FreeMemory& memory) {
    Kernel& k = kernel();
    const uint64_t blocks = k.options.swap_disk / BlockDevice::block_size;
    if (blocks == 0) return nullptr;
    const Result<PhysicalAddress> disk = memory.carve(blocks * BlockDevice::block_size);
    const Result<PhysicalAddress> metadata = memory.carve(SwapStore::metadata_size(blocks));
    if (!disk.ok() || !metadata.ok()) return "room for the swap disk (choose a smaller swap_disk=)";
    k.swap_disk.initialise(disk.value(), blocks);
    k.swap_metadata = hal::Machine::direct(metadata.value());
    return nullptr;
}

void set_up_swap() {
    Kernel& k = kernel();
    const uint64_t frames = k.frames.total_frames() * k.options.swap_memory_percent / 100;
    const bool has_disk = k.swap_disk.blocks() != 0;
    k.memory.swap().initialise(frames, has_disk ? &k.swap_disk : nullptr, k.swap_metadata);
    k.memory.reclaim().show_in(k.info.pressure);
    if (!k.options.reclaim) k.memory.reclaim().turn_off();
    k.memory.reclaim().set_up();
    if (!has_disk) return;
    log("swap: {} KiB in memory at most, {} KiB on disk", frames * 4, k.swap_disk.blocks() * 4);
}

}  // namespace kernel
