// SPDX-License-Identifier: Apache-2.0
// The end of a task at every step of a call: at each preemption point of calls that have some, and
// between each two traps of a call from one task to another. What was begun is finished or undone:
// nothing of it is left, and the books agree.
#include <gtest/gtest.h>

#include "kernel/abi/message.hpp"
#include "kernel/capability/capabilities.hpp"
#include "kernel/container/container_control.hpp"
#include "tests/kernel/bad_input/death_bench.hpp"

namespace kernel {
namespace {

struct DeathTest : DeathBench {
    uint64_t caller = 0;
    uint64_t other = 0;
    uint64_t name = 0;
    uint64_t area = 0;

    uint64_t map(uint64_t pages) {
        return call(Call::MemoryMap, {pages * page, read_write | abi::MapPopulate, 0});
    }
    // Gives a task that does not run a right derived from one of the running task.
    uint64_t give(uint64_t right, uint64_t to) {
        const Result<uint32_t> given =
            derive(task(), right, {}, *kernel().tasks.find(static_cast<uint32_t>(to)));
        EXPECT_EQ(given.status(), Status::Ok);
        return given.ok() ? given.value() : 0;
    }
    void caller_dies(const std::function<void()>& prepare, const std::function<void()>& what,
                     uint64_t least_steps) {
        const auto prepared = [&] {
            caller = run_child();
            prepare();
        };
        at_every_step(
            prepared, what, [&] { killer.kill(caller); }, least_steps);
    }
    // The caller is init.
    void other_dies(const std::function<void()>& prepare, const std::function<void()>& what,
                    uint64_t least_steps) {
        at_every_step(
            prepare, what, [&] { killer.kill_and_bury(other); }, least_steps);
    }
};

TEST_F(DeathTest, OfWhoMapsAndCopiesMemory) {
    caller_dies([] {},
                [&] {
                    start_call(Call::MemoryMap, {128 * page, read_write | abi::MapPopulate, 0});
                },
                2);
    caller_dies([&] { area = map(128); },
                [&] {
                    start_call(Call::MemoryCopy, {area, 128 * page});
                },
                2);
    caller_dies([&] { area = map(128); },
                [&] {
                    start_call(Call::MemoryUnmap, {area, 128 * page});
                },
                2);
    for (const uint64_t advice : {0U, 1U, 2U}) {
        caller_dies([&] { area = map(128); },
                    [&] {
                        start_call(Call::MemoryAdvise, {area, 128 * page, advice});
                    },
                    1);
    }
}

TEST_F(DeathTest, OfWhoTakesFrames) {
    const auto prepare = [&] {
        area = map(1);
        for (uint32_t i = 0; i < 128; ++i) {
            abi::FrameOperation operation{};
            operation.slot = i;
            poke_value(area + i * sizeof operation, operation);
        }
    };
    caller_dies(
        prepare,
        [&] {
            start_call(Call::FramesOperate, {area, 128, 0});
        },
        8);
}

TEST_F(DeathTest, OfWhoRevokes) {
    const auto prepare = [&] {
        name = call(Call::PortCreate, {4});
        for (unsigned i = 0; i < 20; ++i) {
            expect_made(call(Call::RightCopy, {name, abi::RightSend | abi::right_common, 0, 0}));
        }
    };
    caller_dies(
        prepare, [&] { start_call(Call::RightRevoke, {name}); }, 20);
}

TEST_F(DeathTest, OfWhoHasTheRightsThatAreRevoked) {
    const auto prepare = [&] {
        name = call(Call::MemoryObjectCreate, {0, 4 * page});
        other = spawn("bin/child");
        const uint64_t given = give(name, other);
        Task& child = *kernel().tasks.find(static_cast<uint32_t>(other));
        for (unsigned i = 0; i < 20; ++i) EXPECT_TRUE(derive(child, given, {}, child).ok());
    };
    const auto what = [&] {
        EXPECT_LE(call(Call::RightRevoke, {name}), 21U);
        EXPECT_EQ(status_of(Call::RightClose, {name}), Status::Ok);
    };
    other_dies(prepare, what, 20);
}

// Its victim has much to give back.
TEST_F(DeathTest, OfWhoKills) {
    const auto prepare = [&] {
        const uint64_t victim = run_child();
        (void)map(128);
        for (unsigned i = 0; i < 100; ++i) expect_made(call(Call::PortCreate, {4}));
        other = victim;
        run_task(caller);
    };
    const auto with_victim = [&] { prepare(); };
    caller_dies(
        with_victim, [&] { start_call(Call::TaskKill, {right_to_task(other)}); }, 4);
}

TEST_F(DeathTest, OfWhoWakesAndOfThoseWhoWait) {
    const auto wait = [&] {
        area = map(1);
        for (unsigned i = 0; i < 20; ++i) {
            expect_made(call(Call::ThreadCreate, {entry, 0, 0, 0}));
        }
        const uint32_t main = thread().id;
        for (unsigned i = 0; i < 200; ++i) {
            if (task().id == caller && thread().id != main) {
                start_call(Call::FutexWait, {area, 0, abi::wait_forever});
            } else {
                start_call(Call::ThreadYield);
            }
        }
        while (thread().id != main) start_call(Call::ThreadYield);
    };
    caller_dies(
        wait,
        [&] {
            start_call(Call::FutexWake, {area, 100});
        },
        4);
}

TEST_F(DeathTest, OfAContainersTasksWhileItIsKilled) {
    const auto prepare = [&] {
        name = running("box");
        other = spawn_in(name);
        for (unsigned i = 0; i < 4; ++i) expect_made(spawn_in(name));
    };
    const auto what = [&] {
        EXPECT_EQ(kill(name), Status::Ok);
        EXPECT_EQ(state(name), abi::ContainerState::Stopped);
    };
    other_dies(prepare, what, 100);
    // Its process, with which it ends by itself.
    const auto with_process = [&] {
        prepare();
        other = process_of(name);
    };
    other_dies(with_process, what, 100);
}

TEST_F(DeathTest, OfWhoKillsAContainer) {
    const auto prepare = [&] {
        run_init();
        const uint64_t box = running("box");
        expect_made(spawn_in(box));
        name = give(right_to_container(box), caller);
        run_task(caller);
    };
    caller_dies(
        prepare, [&] { start_call(Call::ContainerKill, {name}); }, 100);
}

// One of two that delete a container and one above it comes to find nothing any more.
TEST_F(DeathTest, OfAContainerThatIsDeletedFromAboveMeanwhile) {
    uint64_t inner = 0;
    uint64_t outer_name = 0;
    const auto prepare = [&] {
        name = create("outer", "");
        outer_name = right_to_container(name);
        inner = create("inner", "", {}, name);
        EXPECT_EQ(kill(name), Status::Ok);
    };
    const auto from_above = [&] { EXPECT_EQ(delete_container(task(), outer_name), Status::Ok); };
    at_every_step(
        prepare, [&] { EXPECT_EQ(remove(inner), Status::Ok); }, from_above, 100);
}

TEST_F(DeathTest, OfATaskWhoseCallsAreToBeAudited) {
    const auto prepare = [&] {
        name = running("box");
        other = spawn_in(name);
    };
    const auto what = [&] {
        EXPECT_EQ(status_of(Call::AuditControl, {right_to_container(name), 1}), Status::Ok);
    };
    other_dies(prepare, what, 100);
}

// The memory that is shown in it, or taken from it, is its own until that is done.
TEST_F(DeathTest, OfATaskWhoseMemoryIsBeingChanged) {
    const auto prepare = [&] {
        other = spawn("bin/child");
        name = call(Call::MemoryObjectCreate, {0, 48 * page});
        abi::MapArguments arguments{};
        arguments.handle = static_cast<uint32_t>(name);
        arguments.protection = read_write;
        arguments.flags = abi::MapPopulate;
        arguments.task = static_cast<uint32_t>(right_to_task(other));
        poke_value(buffer + 0x800, arguments);
    };
    const auto what = [&] {
        (void)call(Call::MemoryMapObject, {buffer + 0x800});
        EXPECT_EQ(status_of(Call::RightClose, {name}), Status::Ok);
    };
    at_every_step(
        prepare, what, [&] { killer.kill(other); }, 2);
    const auto with_memory = [&] {
        other = run_child();
        (void)map(48);
        run_init();
    };
    at_every_step(
        with_memory,
        [&] {
            (void)call(Call::BalloonRequest, {right_to_task(other), 100, 0});
        },
        [&] { killer.kill(other); }, 2);
}

// What others have of it: names, its locks, what it is told.
struct DeathOfPartnersTest : DeathTest {
    // Twice: what the first time opens stays.
    void leaves_nothing(const std::function<void()>& what) {
        what();
        clean_up();
        const std::vector<uint64_t> before = counts();
        what();
        clean_up();
        EXPECT_EQ(counts(), before);
    }
    uint64_t open_thread(uint64_t task_name, uint64_t id) {
        const auto type = static_cast<uint64_t>(abi::ObjectType::Thread);
        return call(Call::RightOpen, {task_name, type, id});
    }
    void run_thread(uint64_t id) {
        while (thread().id != id) start_call(Call::ThreadYield);
    }
};

TEST_F(DeathOfPartnersTest, NamesThatWereOpenedFindNobody) {
    leaves_nothing([this] {
        other = run_child();
        const uint64_t second = create_thread({entry, 0, 0, 0});
        run_init();
        const uint64_t opened = open_thread(right_to_task(other), second);
        expect_made(opened);
        killer.kill_and_bury(other);
        trap(hal::TrapKind::Interrupt);
        EXPECT_EQ(status_of(Call::ThreadScheduleRead, {opened, buffer}), Status::NotFound);
        EXPECT_EQ(open_thread(right_to_task(other), 0), failure(Status::NotFound));
        EXPECT_EQ(status_of(Call::RightClose, {opened}), Status::Ok);
    });
}

TEST_F(DeathOfPartnersTest, OfWhoHoldsALockAndThoseWhoWaitForIt) {
    leaves_nothing([this] {
        other = run_child();
        const uint64_t first = thread().id;
        const uint64_t second = create_thread({entry, 0, 0, 0});
        run_thread(second);
        const uint32_t value = static_cast<uint32_t>(first) | abi::lock_is_waited_for;
        poke_value(buffer, value);
        start_call(Call::LockWait, {buffer, value, abi::wait_forever});
        Task& victim = *kernel().tasks.find(static_cast<uint32_t>(other));
        EXPECT_FALSE(victim.threads.front()->lenders.empty());
        run_init();
        killer.kill_and_bury(other);
        trap(hal::TrapKind::Interrupt);
    });
}

// Who waits goes on waiting, for nobody, and lends nothing.
TEST_F(DeathOfPartnersTest, OfTheThreadThatHoldsALock) {
    leaves_nothing([this] {
        other = run_child();
        const uint64_t first = thread().id;
        const uint64_t second = create_thread({entry, 0, 0, 0});
        const uint32_t value = static_cast<uint32_t>(second) | abi::lock_is_waited_for;
        poke_value(buffer, value);
        start_call(Call::LockWait, {buffer, value, abi::wait_forever});
        run_thread(second);
        start_call(Call::ThreadExit, {0});
        Task& task = *kernel().tasks.find(static_cast<uint32_t>(other));
        EXPECT_EQ(task.threads.front()->id, first);
        EXPECT_EQ(task.threads.front()->state, ThreadState::WaitFutex);
        EXPECT_EQ(task.threads.front()->lent_to, nullptr);
        run_init();
    });
}

TEST_F(DeathOfPartnersTest, OfWhoIsToldOfAContainersEvents) {
    leaves_nothing([this] {
        const uint64_t box = running("box");
        other = spawn("bin/child");
        const uint64_t given = give(right_to_container(box), other);
        run_task(other);
        const uint64_t port = call(Call::PortCreate, {4});
        EXPECT_EQ(status_of(Call::ContainerBind, {given, port}), Status::Ok);
        run_init();
        EXPECT_EQ(pause(box), Status::Ok);  // it has been told of that, and has not seen it
        killer.kill_and_bury(other);
        trap(hal::TrapKind::Interrupt);
        EXPECT_EQ(resume(box), Status::Ok);
        // Another one may be told.
        const uint64_t own = call(Call::PortCreate, {4});
        EXPECT_EQ(status_of(Call::ContainerBind, {right_to_container(box), own}), Status::Ok);
        EXPECT_EQ(status_of(Call::RightClose, {own}), Status::Ok);
    });
}

TEST_F(DeathOfPartnersTest, OfAContainerWhoseEventsAreTold) {
    leaves_nothing([this] {
        const uint64_t box = running("box");
        const uint64_t port = call(Call::PortCreate, {4});
        EXPECT_EQ(status_of(Call::ContainerBind, {right_to_container(box), port}), Status::Ok);
        EXPECT_EQ(kill(box), Status::Ok);
        EXPECT_EQ(remove(box), Status::Ok);
        EXPECT_EQ(status_of(Call::RightClose, {port}), Status::Ok);
    });
}

// A call with bytes and rights, one trap after the other.
struct CallDeathTest : DeathBench {
    static constexpr uint64_t sent = buffer + 0x1000;
    static constexpr uint64_t room = sent + sizeof(abi::MessageTransfer);

    uint64_t client = 0;
    uint64_t server = 0;
    uint64_t port = 0;

    // A message with two rights, one moved and one copied, and room for another.
    void put_message() {
        abi::MessageTransfer transfer{};
        transfer.data = buffer + 0x1800;
        transfer.size = 1000;
        transfer.right_count = 2;
        transfer.rights[0] = static_cast<uint32_t>(call(Call::PortCreate, {4}));
        transfer.rights[1] = static_cast<uint32_t>(call(Call::MemoryObjectCreate, {0, page}));
        transfer.disposals[1] = abi::RightDisposal::Copy;
        poke_value(sent, transfer);
        put_room(room);
    }
    void put_room(uint64_t at) {
        abi::MessageTransfer transfer{};
        transfer.data = buffer + 0x2000;
        transfer.size = 2048;
        transfer.right_count = abi::message_rights;
        poke_value(at, transfer);
    }
    void begin() {
        server = run_child();
        port = call(Call::PortCreate, {4});
        client = spawn("bin/child");
        const Result<uint32_t> right = derive(task(), port, {.mask = abi::RightSend},
                                              *kernel().tasks.find(static_cast<uint32_t>(client)));
        EXPECT_EQ(right.status(), Status::Ok);
        to_server = right.value();
    }
    void server_receives() {
        run_task(server);
        put_room(sent);
        start_call(Call::MessageReceive, {port, 0, sent, abi::wait_forever});
    }
    void client_calls() {
        run_task(client);
        put_message();
        start_call(Call::MessageCall, {to_server, 1, sent, abi::wait_forever, 0, 0, 0, 0});
    }
    void server_answers() {
        run_task(server);
        put_message();
        EXPECT_EQ(status_of(Call::MessageReply, {0, 2, sent, 0, 0, 0, 0, 0}), Status::Ok);
    }
    void saved_answer() {
        run_task(server);
        put_message();
        saved = call(Call::ReplySave);
        EXPECT_EQ(status_of(Call::MessageSend, {saved, 2, sent, 0, 0, 0, 0, 0}), Status::Ok);
    }
    void client_goes_on() {
        run_task(client);
        settle_call();
        EXPECT_EQ(frame->x[0], 0U);
        EXPECT_EQ(frame->x[1], 2U);
    }

    using Steps = std::vector<std::function<void()>>;
    // The first `count` steps, then an end: of the server, or of the client.
    void die_after(const Steps& steps, size_t count, bool of_server) {
        begin();
        for (size_t i = 0; i < count; ++i) steps[i]();
        killer.kill_and_bury(of_server ? server : client);
        trap(hal::TrapKind::Interrupt);
        const uint64_t left = of_server ? client : server;
        Task* survivor = kernel().tasks.find(static_cast<uint32_t>(left));
        ASSERT_NE(survivor, nullptr);
        // Nobody waits for an answer that cannot come; a server may wait for another client.
        const Thread& survivors = *survivor->threads.front();
        EXPECT_NE(survivors.state, ThreadState::WaitReply);
        clean_up();
    }
    void die_after_each(const Steps& steps) {
        die_after(steps, steps.size(), true);
        const std::vector<uint64_t> before = counts();
        for (size_t count = 0; count <= steps.size(); ++count) {
            for (const bool of_server : {false, true}) {
                SCOPED_TRACE((of_server ? "server after " : "client after ") +
                             std::to_string(count));
                die_after(steps, count, of_server);
                EXPECT_EQ(counts(), before);
            }
        }
    }

    uint64_t to_server = 0;
    uint64_t saved = 0;
    const std::function<void()> receive = [this] { server_receives(); };
    const std::function<void()> ask = [this] { client_calls(); };
    const std::function<void()> copy_out = [this] { settle_call(); };
    const std::function<void()> answer = [this] { server_answers(); };
    const std::function<void()> save = [this] { saved_answer(); };
    const std::function<void()> go_on = [this] { client_goes_on(); };
};

TEST_F(CallDeathTest, OfAWaitingServersCall) {
    die_after_each({receive, ask, copy_out, answer, go_on});
}

TEST_F(CallDeathTest, OfACallThatWaitsInTheQueue) {
    die_after_each({ask, receive, copy_out, answer, go_on});
}

TEST_F(CallDeathTest, OfACallThatIsAnsweredLater) {
    die_after_each({receive, ask, copy_out, save, go_on});
}

}  // namespace
}  // namespace kernel
