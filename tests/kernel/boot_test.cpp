// SPDX-License-Identifier: Apache-2.0
// Booting: what a good machine shows, and what the kernel says of one it cannot boot on.
#include <gtest/gtest.h>

#include "tests/kernel/elf_builder.hpp"
#include "tests/kernel/running_kernel.hpp"

namespace kernel {
namespace {

using testing::ExitedWithCode;

TEST(Boot, ShowsItselfAndStartsInit) {
    RunningKernel phone(RunningKernel::usual("-- two words"));
    const abi::KernelInfo& info = kernel().info;
    EXPECT_EQ(static_cast<const void*>(&info), hal::Machine::kernel_storage());
    EXPECT_EQ(info.magic, abi::info_magic);
    EXPECT_EQ(info.version, abi::info_version);
    EXPECT_EQ(info.size, sizeof info);
    EXPECT_EQ(info.state, abi::KernelState::Running);
    EXPECT_EQ(info.cpus_present, 1U);
    EXPECT_EQ(info.cpus[0].online, 1U);
    EXPECT_EQ(info.timer_frequency, FakeMachine::frequency);
    EXPECT_GE(info.init_ticks, info.boot_ticks);
    EXPECT_EQ(info.epitaph.valid, 0U);
    // All of memory but the image, the tree, the archive, the metadata and the records.
    EXPECT_LT(info.frames_total, FakeMachine::memory_size / hal::page_size - 256);
    EXPECT_GT(info.frames_total, FakeMachine::memory_size / hal::page_size - 400);
    EXPECT_TRUE(kernel().frames.consistent());

    const abi::TaskInfo* init = phone.info_of(1);
    ASSERT_NE(init, nullptr);
    EXPECT_STREQ(init->name, "init");
    EXPECT_EQ(init->parent, 0U);
    EXPECT_EQ(init->threads, 1U);
    EXPECT_EQ(init->reason, abi::EndReason::Running);
    EXPECT_EQ(info.cpus[0].thread, phone.thread().id);
}

TEST(Boot, InitStartsAsTheAbiSays) {
    RunningKernel phone(RunningKernel::usual("-- two words"));
    EXPECT_EQ(phone.frame->pc, ElfBuilder::code_at + 0x100);
    EXPECT_EQ(phone.frame->sp % 16, 0U);
    EXPECT_EQ(phone.frame->pstate, 0U);
    EXPECT_EQ(phone.frame->x[1], 9U);
    EXPECT_EQ(phone.peek(phone.frame->x[0], 9), "two words");
    for (unsigned i = 2; i < 31; ++i) EXPECT_EQ(phone.frame->x[i], 0U) << i;
    EXPECT_EQ(phone.machine.user_asid, 1U);
    EXPECT_NE(phone.machine.user_root, 0U);
    // The stack, and the page that guards it.
    const uint64_t sp = phone.frame->sp;
    char byte = 0;
    EXPECT_EQ(phone.space().write(sp - 1, &byte, 1), Status::Ok);
    EXPECT_EQ(phone.space().write(sp - abi::user_stack_size + 4096, &byte, 1), Status::Ok);
    EXPECT_EQ(phone.space().read(&byte, sp - abi::user_stack_size - 4096, 1), Status::BadAddress);
}

TEST(Boot, TellsTheConsole) {
    RunningKernel phone;
    const std::string said = phone.machine.take_output();
    for (const char* text : {"Orrery kernel, 1 CPUs, timer 62500000 Hz", "page allocator buddy",
                             "archive: 3 files", "CPUs online: 1 of 1"}) {
        EXPECT_NE(said.find(text), std::string::npos) << said;
    }
    EXPECT_EQ(phone.machine.emergency, "");
}

TEST(Boot, TheCommandLineChoosesInitAndTracing) {
    RunningKernel phone(RunningKernel::usual("init=bin/child trace=on trace_records=256"));
    EXPECT_STREQ(phone.info_of(1)->name, "child");
    const abi::TraceRing& ring = kernel().info.rings[0];
    EXPECT_EQ(ring.capacity, 256U);
    EXPECT_GT(ring.head, 3U);
    EXPECT_EQ(ring.lost, 0U);
    EXPECT_EQ(kernel().info.rings[1].records, 0U);
    // The rings lie in memory that the allocator does not have.
    EXPECT_EQ(kernel().frames.node(0).free(ring.records, 0, 0), Status::InvalidArgument);
}

TEST(Boot, TheCommandLineChoosesThePageFrameStrategy) {
    for (unsigned i = 0; i < strategy_count(); ++i) {
        for (const bool cached : {false, true}) {
            const std::string name(strategy_at(i).name);
            RunningKernel phone(RunningKernel::usual("page_allocator=" + name +
                                                     " page_cache=" + (cached ? "on" : "off")));
            const abi::FrameInfo& shown = kernel().info.frames;
            EXPECT_EQ(shown.allocator, name);
            EXPECT_EQ(shown.page_cache, cached ? 1U : 0U);
            EXPECT_EQ(shown.nodes_present, 1U);
            EXPECT_EQ(shown.nodes[0].frames_total, kernel().info.frames_total);
            EXPECT_GT(shown.nodes[0].metadata_bytes, 0U);
            kernel().frames.show_changes();
            uint64_t free = 0;
            for (unsigned order = 0; order < order_count; ++order) {
                free += shown.nodes[0].free_blocks[order] << order;
            }
            EXPECT_EQ(free, kernel().frames.free_frames()) << name;
            EXPECT_EQ(free, shown.nodes[0].frames_free);
            EXPECT_TRUE(kernel().frames.consistent());
        }
    }
}

TEST(Boot, TheCommandLineChoosesHowMuchIsSwapped) {
    RunningKernel phone(RunningKernel::usual("swap_memory=10 swap_disk=2M"));
    EXPECT_EQ(kernel().swap_disk.blocks(), 512U);
    const std::string said = phone.machine.take_output();
    EXPECT_NE(said.find("2048 KiB on disk"), std::string::npos) << said;
    EXPECT_TRUE(kernel().frames.consistent());
}

// A later controller than the driver knows, at the same place.
class NewerController final : public FakeDevice {
  public:
    [[nodiscard]] bool holds(hal::PhysicalAddress address) const override {
        return address == FakeMachine::distributor + 0xfe8;  // GICD_ICPIDR2
    }
    uint32_t read32(hal::PhysicalAddress) override { return 0x30; }
    void write32(hal::PhysicalAddress, uint32_t) override {}
};

TEST(Boot, GivesTakenMemoryToNobody) {
    RunningKernel phone;
    for (const hal::PhysicalAddress taken :
         {FakeMachine::memory_begin, FakeMachine::image_end - 4096, RunningKernel::tree_at,
          RunningKernel::archive_at - 16}) {
        EXPECT_EQ(kernel().frames.node(0).free(taken, 0, 0), Status::InvalidArgument);
    }
}

struct Refusal {
    const char* name;
    void (*change)(BootOptions&);
    const char* words;
};

class BootRefusal : public testing::TestWithParam<Refusal> {};
using BootDeathTest = BootRefusal;

TEST_P(BootDeathTest, SaysWhy) {
    BootOptions options = RunningKernel::usual();
    GetParam().change(options);
    EXPECT_EXIT(RunningKernel phone(options), ExitedWithCode(FakeMachine::halted),
                GetParam().words);
}

INSTANTIATE_TEST_SUITE_P(
    , BootDeathTest,
    testing::Values(
        Refusal{"BrokenTree", [](BootOptions& o) { o.whole_tree = false; },
                "device tree is broken"},
        Refusal{"NoUart", [](BootOptions& o) { o.without = "pl011"; }, "lacks a PL011"},
        Refusal{"NoMemory", [](BootOptions& o) { o.without = "memory"; }, "lacks memory"},
        Refusal{"NoCpus", [](BootOptions& o) { o.without = "cpus"; }, "lacks CPUs"},
        Refusal{"NoController", [](BootOptions& o) { o.without = "intc"; }, "lacks a GICv2"},
        Refusal{"NoTimer", [](BootOptions& o) { o.without = "timer"; }, "lacks the generic timer"},
        Refusal{"BadWord", [](BootOptions& o) { o.command_line = "cpus=1 quiet"; },
                "not understood: quiet"},
        Refusal{"HugeTrace",
                [](BootOptions& o) { o.command_line = "trace=on trace_records=4194304"; },
                "no room for the trace rings"},
        Refusal{"HugeSwapDisk", [](BootOptions& o) { o.command_line = "swap_disk=1G"; },
                "choose a smaller swap_disk="},
        Refusal{"NewerController",
                [](BootOptions& o) {
                    static NewerController controller;
                    o.device = &controller;
                },
                "is no GICv2"},
        Refusal{"NoArchive", [](BootOptions& o) { o.files.clear(); }, "no boot archive"},
        Refusal{"ArchiveOutside", [](BootOptions& o) { o.archive_in_memory = false; },
                "outside memory"},
        Refusal{"NoInit", [](BootOptions& o) { o.command_line = "init=bin/none"; },
                "cannot start bin/none: not found"},
        Refusal{"BrokenInit", [](BootOptions& o) { o.command_line = "init=bin/broken"; },
                "cannot start bin/broken: bad image"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace kernel
