# SPDX-License-Identifier: Apache-2.0
"""Going back in a run, and forward: the past is what it was, and a new future is a new one."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
import unittest
from pathlib import Path
from random import Random

from machine_case import PATIENCE
from orrery.gdb_client import GdbClient
from orrery.session.snapshots import MOST
from orrery.session_client import SessionClient, SessionError
from served_case import ServedCase

# Words for a scenario that does nothing itself.
SHELL = '@scenario(program="bin/shell")'
PLACE = 0x8000_0000 + (1 << 29) - 4096  # the first bank's last page, which nobody uses so early


class TravelCase(ServedCase):
    """A test with a run that can be taken back."""

    def travel(
        self, machine: str, scenario: Path | str, *options: str, interval: str = "5ms"
    ) -> SessionClient:
        """Starts one that waits for its client."""
        return self.begin(machine, scenario, "--snapshots", interval, *options)

    def go(self, client: SessionClient, duration: str) -> int:
        """Lets the run go on; returns where it is then."""
        client.resume(duration)
        status = client.wait(PATIENCE)
        self.assertEqual(status.reason, "step")
        return status.now

    def back(self, client: SessionClient, time: int) -> None:
        """Goes back, exactly."""
        client.back(time)
        status = client.status()
        self.assertEqual((status.reason, status.now), ("time", time))

    def state(self, client: SessionClient) -> list[object]:
        """What tells one time of a run from another."""
        return [
            client.status().now, [client.registers(f"cpu{number}") for number in range(8)],
            client.execute("kernel", "cpus"), client.execute("kernel", "tasks"),
            client.execute("console", "text"), client.attribute("cpu0.kernel_cycles"),
        ]


class Unchanged(TravelCase):
    """A run that was taken back and let go on is the same as one that was not."""

    def test_first_light_on_soc(self) -> None:
        self.compare("soc", "first_light")

    def test_first_light_on_iss(self) -> None:
        self.compare("iss", "first_light")

    def test_echo_shell_on_soc(self) -> None:
        self.compare("soc", "echo_shell")

    def test_echo_shell_on_iss(self) -> None:
        self.compare("iss", "echo_shell")

    def compare(self, machine: str, scenario: str) -> None:
        self.assertPassed(self.run_on(machine, scenario, "--trace"))
        client = self.travel(machine, scenario, "--trace")
        client.execute("trace", "subscribe")
        seen = {}
        for duration in ("11.3ms", "777ns", "3.1ms", "1us", "6ms", "4.4ms"):
            time = self.go(client, duration)
            seen[time] = self.state(client)
        times = sorted(seen)
        for time in (times[-2], times[0], times[0], times[1], times[3]):
            client.back(time) if time <= client.status().now else client.forward(time)
            self.assertEqual(self.state(client), seen[time])
        self.back(client, 0)
        client.forward()
        self.assertEqual(self.state(client), seen[times[-1]])
        self.back(client, times[2])
        self.assertEqual(client.execute("trace", "read")["dropped"], 0)
        self.finish(client)
        self.assertSameRuns("run", "served")
        self.assertNothingRuns()


class AnyWay(TravelCase):
    """Wherever one goes, in whatever order, a time is what it was before."""

    def test_ipc_on_soc(self) -> None:
        self.wander("soc", "ipc", "1ms")

    def test_echo_shell_on_iss(self) -> None:
        self.wander("iss", "echo_shell", "3ms")

    def wander(self, machine: str, scenario: str, interval: str) -> None:
        self.assertPassed(self.run_on(machine, scenario, "--trace"))
        end = self.result()["simulated_ns"]
        client = self.travel(machine, scenario, "--trace", interval=interval)
        random, seen = Random(1), {}
        self.go(client, f"{end // 3}ns")
        for _ in range(12):
            now, reached = client.status().now, client.execute("time", "snapshots")["reached"]
            way = random.choice(("on", "back", "forward", "again"))
            if way == "on" and now < end * 8 // 10:
                time = self.go(client, f"{random.randrange(1, end // 10)}ns")
            elif way == "again" and seen:
                time = random.choice(sorted(seen))
            else:
                time = random.randrange(0, now) if way == "back" else \
                    random.randrange(now, reached + 1)
            client.back(time) if time <= client.status().now else client.forward(time)
            state = self.state(client)
            self.assertEqual(state, seen.setdefault(time, state))
            self.assertEqual(client.status().now, time)
        self.finish(client)
        self.assertSameRuns("run", "served")


class Futures(TravelCase):
    """What clients do to a run that has been taken back."""

    def shell(self, *options: str, out: str) -> SessionClient:
        scenario = self.scenario('phone.boot()\nphone.run_for(200 * ms)', SHELL)
        return self.travel("soc", scenario, "--trace", *options, "--out", out)

    def text(self, client: SessionClient) -> str:
        return client.execute("console", "text")["text"]

    def test_input_is_repeated(self) -> None:
        """What was typed is typed again, at the same time."""
        for out, travels in (("one", False), ("two", True)):
            client = self.shell(out=out)
            self.go(client, "41.7ms")
            client.execute("console", "send_line", "echo heard")
            end = self.go(client, "40ms")
            if travels:
                before = self.state(client)
                for time in (41_000_000, 41_700_000, 41_700_001, 3_000_001):
                    self.back(client, time)
                    self.assertNotIn("heard", self.text(client))
                    client.forward(end)
                    self.assertEqual(self.state(client), before)
                self.back(client, 20_000_000)
            self.finish(client)
            self.assertIn("heard", (self.folder / out / "console.log").read_text())
        self.assertSameRuns("one", "two")

    def test_new_input_is_a_new_future(self) -> None:
        for out, travels in (("one", False), ("two", True)):
            client = self.shell(out=out)
            start = self.go(client, "40ms")
            if travels:
                client.execute("console", "send_line", "echo first")
                self.go(client, "50ms")
                self.assertIn("first", self.text(client))
                self.back(client, start)
            client.execute("console", "send_line", "echo second")
            if travels:
                self.assertEqual(client.execute("time", "snapshots")["reached"], start)
            self.go(client, "50ms")
            self.assertNotIn("first", self.text(client))
            self.finish(client)
            self.assertIn("second", (self.folder / out / "console.log").read_text())
        self.assertSameRuns("one", "two")

    def test_memory_is_repeated_too(self) -> None:
        client = self.travel("soc", "first_light")
        start = self.go(client, "20ms")
        client.command("pwrite", "cpu0", PLACE, 1, 2, 3, 4)
        self.go(client, "10ms")
        self.back(client, start - 1)
        self.assertEqual(client.read_physical("cpu0", PLACE, 4), bytes(4))
        client.forward()
        self.assertEqual(client.read_physical("cpu0", PLACE, 4), b"\1\2\3\4")
        self.finish(client)

    def test_sorts_of_times_that_are_refused(self) -> None:
        client = self.travel("soc", "first_light")
        self.go(client, "20ms")
        for sentence, fields in (
            ("20000001 ns is not behind: the run is at 20000000 ns", ("back", 20_000_001)),
            ("19999999 ns is not ahead", ("forward", 19_999_999)),
            ("has got to 20000000 ns so far", ("forward", 20_000_001)),
            ("insufficient arguments", ("back",)), ('"soon" is not a number', ("back", "soon")),
        ):
            with self.assertRaisesRegex(SessionError, sentence):
                client.execute("time", *fields)
        self.finish(client)


class Clients(TravelCase):
    """What clients have goes with them."""

    def test_two_of_them(self) -> None:
        client = self.travel("soc", "first_light", "--trace")
        self.go(client, "12ms")
        with SessionClient(client_address(client), PATIENCE) as other:
            other.stop("mine")
            other.execute("trace", "subscribe", 100_000)
            client.resume("8ms")
            other.resume()
            client.wait()
            other.stop("again")
            self.back(client, 9_000_000)
            self.assertEqual(other.status().reason, "again")
            self.assertEqual(other.status().now, 9_000_000)
            self.assertEqual(other.execute("trace", "read")["records"], [])
            other.resume()
            self.go(client, "2ms")
            times = [record[0] for record in other.execute("trace", "read")["records"]]
            self.assertTrue(times)
            self.assertLessEqual(max(times), 11_000_000)
        self.finish(client)

    def test_from_a_breakpoint(self) -> None:
        client = self.travel("soc", "first_light", "--trace", interval="1ms")
        self.go(client, "5.4ms")
        counter = self.user_place(client)
        start = client.status().now
        numbers = [client.insert_breakpoint(f"cpu{number}", counter) for number in range(8)]
        client.resume()
        first = client.wait().reason
        self.assertRegex(first, r"^breakpoint:\d+:\d+$")
        state = self.state(client)
        self.back(client, start)
        client.resume()
        self.assertEqual(client.wait().reason, first)
        self.assertEqual(self.state(client), state)
        # What is written in the middle of a slice cannot be repeated, and that is said.
        client.command("pwrite", "cpu0", PLACE, 1)
        here = client.status().now
        for number in numbers:
            client.remove_breakpoint(number)
        self.go(client, "1ms")
        self.back(client, here + 500_000)
        self.assertEqual(client.read_physical("cpu0", PLACE, 1), b"\1")
        self.back(client, start)
        with self.assertRaisesRegex(SessionError, "cannot be reached: a client wrote at"):
            client.forward(here + 1)
        client.forward()
        self.assertEqual(client.read_physical("cpu0", PLACE, 1), b"\1")
        client.command("pwrite", "cpu0", PLACE, 0)
        self.finish(client)
        self.assertPassed(self.run_on("soc", "first_light", "--trace"))
        self.assertSameRuns("run", "served")


class WithDebugger(TravelCase):
    """A debugger cannot go along; the next one is served wherever the run is."""

    def test_comes_and_goes(self) -> None:
        client = self.travel("soc", "first_light", "--trace", "--gdb", "0")
        assert self.process.stderr is not None
        match = re.match(r"GDB stub on tcp:127\.0\.0\.1:(\d+),", self.process.stderr.readline())
        assert match
        self.go(client, "7ms")
        for time in (6_500_000, 3_000_000):
            # A snapshot is taken while one is connected, and gone back to when it has left.
            stub = GdbClient(socket.create_connection(("127.0.0.1", int(match[1])), PATIENCE))
            self.assertEqual(len(stub.command("g")), 2 * 788)
            with self.assertRaisesRegex(SessionError, "a debugger is connected"):
                client.back(time)
            stub._send("vCont;c")
            client.resume("6ms")
            client.wait()
            stub._socket.sendall(b"\x03")
            self.assertRegex(stub._receive(PATIENCE) or "", "^T02")
            self.assertEqual(stub.command("D"), "OK")
            stub.close()
            client.back(client.status().now - 500_000)
            client.back(time)
        self.finish(client)
        self.assertPassed(self.run_on("soc", "first_light", "--trace"))
        self.assertSameRuns("run", "served")


class Bounds(TravelCase):
    """There are never too many snapshots."""

    def test_of_their_number(self) -> None:
        client = self.travel("soc", "first_light", interval="100us")
        now = self.go(client, "20ms")
        shown = client.execute("time", "snapshots")
        times = shown["times"]
        self.assertEqual(len(times), MOST)
        self.assertEqual((times[0], times[-1]), (0, now))
        # Dense here, sparser the farther away.
        gaps = [after - before for before, after in zip(times, times[1:])]
        self.assertEqual(gaps[-1], 100_000)
        self.assertGreater(max(gaps[:8]), 4 * 100_000)
        # The driver, the front and the run; those that were ended may take a moment.
        deadline = time.monotonic() + PATIENCE
        while len(self.marked()) > MOST + 3 and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertLessEqual(len(self.marked()), MOST + 3)
        self.assertGreater(shown["bytes"], 0)
        self.back(client, 3_333_333)
        self.finish(client)

    def test_of_threads(self) -> None:
        """A process with several threads cannot be copied: that is said, and the run goes on."""
        scenario = self.scenario(
            "phone.boot()\nphone.run_for(20 * ms)\nlong = threading.Event()\n"
            "thread = threading.Thread(target=long.wait)\nthread.start()\n"
            "phone.run_for(20 * ms)\nlong.set()\nthread.join()\nphone.run_for(10 * ms)",
            before="import threading\n")
        client = self.travel("soc", scenario)
        self.go(client, "38ms")
        shown = client.execute("time", "snapshots")
        self.assertIn("2 threads", shown["trouble"])
        self.assertLessEqual(max(shown["times"]), 25_000_000)
        client.back(max(shown["times"]))
        self.assertEqual(client.execute("time", "snapshots")["trouble"], "")
        self.finish(client)


class Ends(TravelCase):
    """Snapshots end with the run, however that ends."""

    def idle(self) -> SessionClient:
        scenario = self.scenario("phone.boot()\nphone.run_for(100 * s)")
        client = self.travel("soc", scenario, interval="1ms")
        self.go(client, "20ms")
        self.assertGreater(len(self.running()), 15)
        self.back(client, 5_000_000)
        return client

    def test_by_a_client(self) -> None:
        client = self.idle()
        client.quit()
        self.process.communicate(timeout=PATIENCE)
        self.assertEqual(self.process.returncode, 130)
        self.assertNothingRuns()

    def test_interrupted(self) -> None:
        self.idle()
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=PATIENCE)
        self.assertEqual(self.process.returncode, 130)
        self.assertNothingRuns()

    def test_driver_is_killed(self) -> None:
        self.idle()
        self.process.kill()
        self.process.communicate(timeout=PATIENCE)
        self.assertNothingRuns()

    def test_parts_are_killed(self) -> None:
        """The process before the run, and whichever has the run."""
        for who in ("front", "run"):
            for number in (signal.SIGKILL, signal.SIGSEGV):
                with self.subTest(who=who, signal=number.name):
                    self.idle()
                    front = self.child_of(self.process.pid)
                    # The one that has the run is the one that was adopted last.
                    victim = front if who == "front" else max(self.children_of(front))
                    os.kill(victim, number)
                    _, words = self.process.communicate(timeout=PATIENCE)
                    self.assertEqual(self.process.returncode, 3)
                    self.assertIn(number.name, words)
                    self.assertNothingRuns()
                    self.assertWhole("served")

    def test_snapshots_that_are_killed(self) -> None:
        """The run goes on, and goes back by those that are left."""
        client = self.idle()
        front = self.child_of(self.process.pid)
        have = max(self.children_of(front))
        snapshots = [pid for pid in self.marked() if pid not in (self.process.pid, front, have)]
        for pid in sorted(snapshots)[4:]:
            os.kill(pid, signal.SIGKILL)
        self.go(client, "1ms")
        self.back(client, 4_500_000)
        client.quit()
        self.process.communicate(timeout=PATIENCE)
        self.assertNothingRuns()

    def child_of(self, parent: int) -> int:
        child, = self.children_of(parent)
        return child

    def children_of(self, parent: int) -> list[int]:
        text = Path(f"/proc/{parent}/task/{parent}/children").read_text()
        return [int(word) for word in text.split()]


class Elsewhere(TravelCase):
    """Where there is no going back, that is said."""

    def test_on_qemu(self) -> None:
        done = self.run_on("qemu", "first_light", "--session", "tcp:0", "--snapshots", "1ms")
        self.assertRefused(done, "Unsupported: --snapshots is not offered on qemu: choose --on soc")
        client = self.begin("qemu", "first_light")
        for fields in (("back", 1), ("forward",), ("snapshots",)):
            with self.assertRaisesRegex(SessionError, "Unsupported: going back in time is not"):
                client.execute("time", *fields)
        self.finish(client)

    def test_without_snapshots(self) -> None:
        done = self.run_on("soc", "first_light", "--snapshots", "1ms")
        self.assertRefused(done, "--snapshots goes with --session, .*")
        client = self.begin("soc", "first_light")
        with self.assertRaisesRegex(SessionError, "start the run with --snapshots"):
            client.execute("time", "back", 0)
        self.finish(client)


def client_address(client: SessionClient) -> str:
    """Where a client is connected to."""
    host, port = client._socket.getpeername()
    return f"tcp:{host}:{port}"


if __name__ == "__main__":
    unittest.main()
