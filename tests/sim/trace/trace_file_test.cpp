// SPDX-License-Identifier: Apache-2.0
// Tests of TraceFile: nothing half-written is ever left.
#include "sim/trace/trace_file.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include <gtest/gtest.h>
#include "sim/trace/guest_memory.hpp"
#include "tests/sim/trace/scratch_folder.hpp"

namespace orrery::trace {
namespace {

using testing::read_file;
using testing::ScratchFolder;

// Files may not grow beyond a size while this lives: a disk that fills up.
class FileSizeLimit final {
  public:
    explicit FileSizeLimit(rlim_t bytes) : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, signal_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

  private:
    rlimit before_{};
    void (*signal_)(int);
};

TEST(TraceFile, AppearsOnlyWhenFinished) {
    const ScratchFolder folder;
    TraceFile file(folder.file("t"));
    file.write("one ");
    file.write("two");
    EXPECT_FALSE(std::filesystem::exists(folder.file("t")));
    file.finish();
    EXPECT_EQ(read_file(folder.file("t")), "one two");
    EXPECT_EQ(file.size(), 7u);
    EXPECT_EQ(folder.entries(), 1);
    EXPECT_THROW(file.write("three"), TraceError);
}

TEST(TraceFile, WritesOutNowAndThenForThoseWhoFollow) {
    const ScratchFolder folder;
    TraceFile file(folder.file("t"));
    file.write("one");
    file.write_out();
    EXPECT_EQ(read_file(folder.file("t.partial")), "one");
    file.write("two");
    file.write_out();  // too soon
    EXPECT_EQ(read_file(folder.file("t.partial")), "one");
    file.write_out_now();
    EXPECT_EQ(read_file(folder.file("t.partial")), "onetwo");
    file.write("three");
    usleep(150'000);
    file.write_out();
    EXPECT_EQ(read_file(folder.file("t.partial")), "onetwothree");
    file.finish();
    file.write_out();
    file.write_out_now();
    EXPECT_EQ(read_file(folder.file("t")), "onetwothree");
}

TEST(TraceFile, LeavesNothingWhenAbandoned) {
    const ScratchFolder folder;
    {
        TraceFile file(folder.file("t"));
        file.write(std::string(1'000'000, 'x'));
        EXPECT_EQ(folder.entries(), 1);
    }
    EXPECT_EQ(folder.entries(), 0);
}

TEST(TraceFile, ReplacesAnOlderTraceAndALeftover) {
    const ScratchFolder folder;
    testing::write_file(folder.file("t"), std::as_bytes(std::span("older trace")));
    testing::write_file(folder.file("t.partial"), std::as_bytes(std::span("of an aborted run")));
    TraceFile file(folder.file("t"));
    file.write("new");
    EXPECT_EQ(read_file(folder.file("t")).substr(0, 5), "older");
    file.finish();
    EXPECT_EQ(read_file(folder.file("t")), "new");
    EXPECT_EQ(folder.entries(), 1);
}

TEST(TraceFile, RefusesASecondWriter) {
    const ScratchFolder folder;
    TraceFile first(folder.file("t"));
    EXPECT_THROW(TraceFile(folder.file("t")), TraceError);
    first.write("first");
    first.finish();
    EXPECT_EQ(read_file(folder.file("t")), "first");
}

TEST(TraceFile, SaysThatTheDiskIsFull) {
    const ScratchFolder folder;
    {
        TraceFile file(folder.file("t"));
        const FileSizeLimit limit(100'000);
        std::string reason;
        try {
            for (int i = 0; i < 100; ++i) file.write(std::string(100'000, 'x'));
        } catch (const TraceError& error) {
            reason = error.what();
        }
        EXPECT_NE(reason.find("cannot write the trace"), std::string::npos) << reason;
        EXPECT_THROW(file.finish(), TraceError);
    }
    EXPECT_EQ(folder.entries(), 0);
}

TEST(TraceFile, IsWrittenOnByWhicheverCopyOfTheProcessFinishesIt) {
    const ScratchFolder folder;
    TraceFile file(folder.file("t"));
    const std::string start(300'000, 'a');  // longer than the buffer
    file.write(start);
    const pid_t child = fork();
    if (child == 0) {
        // The copy has another future, and a longer one.
        file.write(std::string(600'000, 'b'));
        file.write("c");
        _exit(0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    file.write("end");
    file.finish();
    EXPECT_EQ(read_file(folder.file("t")), start + "end");
}

TEST(TraceFile, IsCutWhereAnotherFutureBegins) {
    const ScratchFolder folder;
    TraceFile file(folder.file("t"));
    file.write("start ");
    const pid_t child = fork();
    if (child == 0) {
        file.write("one future");
        file.write_out();
        _exit(0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(read_file(folder.file("t.partial")), "start one future");
    file.cut();
    EXPECT_EQ(read_file(folder.file("t.partial")), "start ");
    file.write("two");
    file.finish();
    EXPECT_EQ(read_file(folder.file("t")), "start two");
    file.cut();
}

TEST(TraceFile, RefusesAFolderThatIsReadOnlyOrMissing) {
    const ScratchFolder folder;
    EXPECT_THROW(TraceFile(folder.file("none") / "t"), TraceError);
    EXPECT_THROW(TraceFile("/proc/t"), TraceError) << "not even the superuser may write there";
    if (geteuid() == 0) return;
    std::filesystem::permissions(
        folder.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
    EXPECT_THROW(TraceFile(folder.file("t")), TraceError);
    std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
}

TEST(TraceFile, RefusesAFolderAsItsTarget) {
    const ScratchFolder folder;
    std::filesystem::create_directory(folder.file("t"));
    {
        TraceFile file(folder.file("t"));
        EXPECT_THROW(file.finish(), TraceError);
    }
    EXPECT_EQ(folder.entries(), 1);
}

}  // namespace
}  // namespace orrery::trace
