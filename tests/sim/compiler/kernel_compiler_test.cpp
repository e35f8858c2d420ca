// SPDX-License-Identifier: Apache-2.0
// The kernel compiler as the build calls it: what it writes, and how it fails.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>

#include "tests/sim/compiler/compiled.hpp"
#include "tests/sim/trace/scratch_folder.hpp"

namespace orrery::compiler {
namespace {

struct Outcome {
    int status = -1;
    std::string text;  // of both outputs
};

Outcome run(const std::string& arguments) {
    const std::string command = std::string(ORRERY_KERNEL_COMPILER) + " " + arguments + " 2>&1";
    FILE* const output = popen(command.c_str(), "r");
    if (output == nullptr) return {};
    Outcome outcome;
    std::array<char, 256> line{};
    while (std::fgets(line.data(), line.size(), output) != nullptr) outcome.text += line.data();
    const int status = pclose(output);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return outcome;
}

// A folder with the kernel compiler's input, and what it makes of it.
class KernelCompiler : public testing::Test {
  protected:
    Outcome compile(const std::string& ir) {
        write_ir(folder_.file("input.ll"), ir);
        return compile_file(file("input.ll"));
    }
    Outcome compile_file(const std::string& input) {
        write_ir(folder_.file("layer.ll"), "");
        return run("--input=" + input + " --image-layer=" + file("layer.ll") +
                   " --host-layer=" + file("layer.ll") + " --image-object=" + file("image.o") +
                   " --host-object=" + file("host.o") + " --report=" + file("costs") +
                   " --core=cortex-a55");
    }
    [[nodiscard]] bool made(const char* name) const {
        return std::filesystem::exists(folder_.file(name));
    }

  private:
    [[nodiscard]] std::string file(const char* name) const { return folder_.file(name); }

    trace::testing::ScratchFolder folder_;
};

TEST_F(KernelCompiler, MakesBothObjects) {
    const Outcome outcome = compile("define i64 @f(i64 %a) { ret i64 %a }");
    EXPECT_EQ(outcome.status, 0) << outcome.text;
    EXPECT_TRUE(made("image.o"));
    EXPECT_TRUE(made("host.o"));
    EXPECT_TRUE(made("costs"));
}

// The branches of an `asm goto` are inside the assembly, where the walk does not see them.
TEST_F(KernelCompiler, FailsWhenABlockIsLost) {
    const Outcome outcome = compile(R"(
        define i64 @f(i64 %a) {
        entry:
          callbr void asm sideeffect "cbz $0, ${1:l}", "r,X"(
              i64 %a, i8* blockaddress(@f, %zero)) to label %other [label %zero]
        other: ret i64 %a
        zero:
          %b = load volatile i64, i64* null
          br label %end
        end: ret i64 %b
        })");
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.text.find("these costs could not be attributed, native time would be wrong"),
              std::string::npos)
        << outcome.text;
    EXPECT_NE(outcome.text.find("f: there is no way from block 0 to block 2"), std::string::npos)
        << outcome.text;
    EXPECT_FALSE(made("image.o"));
    EXPECT_FALSE(made("host.o"));
}

TEST_F(KernelCompiler, SaysWhatIsMissing) {
    const Outcome outcome = run("--core=cortex-a55");
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.text, "orrery-kernel-compiler: --input is missing\n");
}

TEST_F(KernelCompiler, SaysWhatItCannotRead) {
    const Outcome outcome = compile_file("/nowhere.bc");
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.text.find("/nowhere.bc cannot be read: "), std::string::npos) << outcome.text;
}

}  // namespace
}  // namespace orrery::compiler
