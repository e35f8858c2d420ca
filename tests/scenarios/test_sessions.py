# SPDX-License-Identifier: Apache-2.0
"""Sessions on real machines: what a client sees there, and that looking changes nothing."""

from __future__ import annotations

import re
import unittest
from xml.etree import ElementTree

from machine_case import MACHINES, PATIENCE
from orrery.session_client import SessionClient, SessionError
from served_case import SAME, ServedCase


class LookingChangesNothing(ServedCase):
    """A run that was held, stepped and looked at is the same as one that was not."""

    def test_first_light_on_soc(self) -> None:
        self.compare("soc", "first_light")

    def test_first_light_on_iss(self) -> None:
        self.compare("iss", "first_light")

    def test_echo_shell_on_soc(self) -> None:
        self.compare("soc", "echo_shell")

    def test_echo_shell_on_iss(self) -> None:
        self.compare("iss", "echo_shell")

    def compare(self, machine: str, scenario: str) -> None:
        options = (*MACHINES[machine], "--trace", "--out", "plain")
        done = self.orrery("run", scenario, *options)
        self.assertEqual((done.code, done.err), (0, ""), str(done))
        client = self.begin(machine, scenario, "--trace")
        client.execute("trace", "subscribe")
        self.assertEqual(client.execute("trace", "read")["records"], [])
        # Odd times, so that slices end anywhere.
        for duration in ("1.237ms", "3ns", "1601.3us", "777ns", "2ms", "123us"):
            client.resume(duration)
            self.assertEqual(client.wait().reason, "step")
            self.look_around(client)
            if scenario == "first_light" and duration == "777ns":
                self.stop_at_breakpoints(client)  # programs have work to do now
        for _ in range(2):
            client.step(*(f"cpu{number}" for number in range(8)))
            self.assertRegex(client.wait().reason, r"^target:cpu\d:\d+$")
        self.finish(client)
        for name in SAME:
            same = (self.folder / "plain" / name).read_bytes() == \
                (self.folder / "served" / name).read_bytes()
            self.assertTrue(same, f"{name} of {scenario} on {machine} is another")
        results = [self.result(folder) for folder in ("plain", "served")]
        for result in results:
            del result["host"]
        self.assertEqual(*results)


    def stop_at_breakpoints(self, client: SessionClient) -> None:
        """At a place of a program where some CPU is, again and again."""
        counter = self.user_place(client)
        numbers = [client.insert_breakpoint(f"cpu{number}", counter) for number in range(8)]
        for _ in range(3):
            client.resume()
            match = re.match(r"^breakpoint:(\d+):\d+$", client.wait().reason)
            assert match
            target = f"cpu{numbers.index(int(match[1]))}"
            self.assertEqual(client.registers(target)["pc"], counter)
            self.look_around(client)
        for number in numbers:
            client.remove_breakpoint(number)


class Machines(ServedCase):
    """What each machine shows."""

    def test_soc(self) -> None:
        client = self.begin("soc", "first_light", "--trace")
        client.execute("trace", "subscribe", 50)
        client.resume("20ms")
        self.assertEqual(client.wait().now, 20_000_000)
        self.assertRegex(client.command("version")[0], r"^2\.")
        root = ElementTree.fromstring(client.command("list")[0])
        names = {node.attrib["name"] for node in root.findall("object")}
        self.assertLessEqual({"bus", "gic", "uart", "cpu0", "cpu7", "kernel", "power"}, names)
        self.assertEqual(len(root.findall("target")), 8)
        self.assertGreater(int(client.attribute("cpu0.kernel_instructions")[0]), 1000)
        self.assertGreater(float(client.attribute("power.battery_percent")[0]), 0)
        self.check_code(client)
        threads = client.execute("kernel", "threads")
        tasks = {task["id"] for task in client.execute("kernel", "tasks")}
        self.assertLessEqual({thread["task"] for thread in threads}, tasks)
        self.assertIn("system", {right["type"] for right in client.execute("kernel", "rights", 1)})
        self.assertEqual(client.execute("kernel", "rights", 4_000_000), [])
        self.check_kernel(client, tasks)
        # PrimeCell identification of the UART: PL011's periphID0 and periphID1.
        self.assertEqual(client.read_physical("cpu0", self.uart + 0xFE0, 8),
                         b"\x11\0\0\0\x10\0\0\0")
        shown = client.execute("trace", "read")
        self.assertEqual(len(shown["records"]), 50)
        self.assertGreater(shown["dropped"], 0)
        times = [record[0] for record in shown["records"]]
        self.assertEqual(times, sorted(times))
        self.assertIn("first_light", self.finish(client))

    def check_kernel(self, client: SessionClient, tasks: set[int]) -> None:
        """What only a native kernel shows agrees with what every kernel does."""
        waits = [thread["waits_for"] for thread in client.execute("kernel", "threads")]
        self.assertIn({"type": "time"}, waits)  # init sleeps for good, its program has ended
        limits = client.execute("kernel", "limits")
        self.assertEqual({limit["id"] for limit in limits["tasks"]}, tasks)
        self.assertEqual([limit["id"] for limit in limits["containers"]], [1])
        self.check_frames(client)
        self.assertEqual(client.execute("kernel", "ports"), [])
        with self.assertRaisesRegex(SessionError, "Unsupported: only kernel_heap=slab"):
            client.execute("kernel", "caches")
        registers = client.execute("cpus", "registers", "cpu3")
        self.assertEqual(list(registers), ["cpu3"])
        told = {name: int(value, 16) for name, value in registers["cpu3"]}
        self.assertEqual(told, client.registers("cpu3"))
        values = client.execute("objects", "values", "kernel.page_frames")
        self.assertIn(["allocator", "buddy"], values["attributes"])

    def check_frames(self, client: SessionClient) -> None:
        """The map of page frames is that of the counters; a part of it begins where one is asked."""
        shown = client.execute("kernel", "frames")
        self.assertIsNone(shown["next"])
        memory = client.execute("kernel", "memory")
        counts: dict[str, int] = {}
        end = 0
        for first, count, owner, _, _, order in shown["frames"]:
            self.assertGreaterEqual(first, end)
            end = first + count
            counts[owner] = counts.get(owner, 0) + count
            self.assertEqual(order >= 0, owner == "free")
            self.assertEqual(count % (1 << order) if order >= 0 else 0, 0)
        self.assertEqual(sum(counts.values()), memory["frames_total"])
        self.assertEqual(counts.pop("free"), memory["frames_free"])
        owners = memory["page_frames"]["owners"]
        self.assertEqual(counts, {name: count for name, count in owners.items() if count})
        rest = client.execute("kernel", "frames", 1 << 32)["frames"]
        self.assertEqual(rest, shown["frames"][-len(rest):])
        self.assertEqual(client.execute("kernel", "frames", 1 << 60)["frames"], [])

    def test_ports_and_caches(self) -> None:
        client = self.begin("soc", "ipc", "--bootargs", "kernel_heap=slab")
        for _ in range(200):
            client.resume("100us")
            client.wait()
            ports = client.execute("kernel", "ports")
            waits = [thread["waits_for"] for thread in client.execute("kernel", "threads")]
            objects = {port["object"] for port in ports if port["receivers"]}
            if any(wait and wait["type"] == "message" and wait.get("object") in objects
                   for wait in waits):
                break
        else:
            self.fail("no thread waits for a message of a port that is listed")
        for port in ports:
            for right in port["rights"]:
                named = client.execute("kernel", "rights", right["task"])
                self.assertIn((right["name"], port["object"]),
                              [(row["name"], row["object"]) for row in named])
        caches = client.execute("kernel", "caches")
        self.assertIn("thread", [cache["name"] for cache in caches])
        for cache in caches:
            self.assertLessEqual(cache["used"] + cache["kept"], cache["capacity"], cache)
        frames = sum(cache["frames"] for cache in caches)
        self.assertLessEqual(frames, client.execute("kernel", "memory")["page_frames"]["owners"]
                             ["kernel"])
        self.finish(client)

    #: Where machine.cpp puts the UART.
    uart = 0x1C09_0000

    def check_code(self, client: SessionClient) -> None:
        """Some CPU is at a place that can be read, in both ways."""
        for number in range(8):
            target = f"cpu{number}"
            counter = client.registers(target)["pc"]
            try:
                physical = int(client.command("vapa", target, counter)[0], 16)
            except SessionError:
                continue
            code = client.read_virtual(target, counter, 8)
            self.assertEqual(client.read_physical(target, physical, 8), code)
            self.assertNotEqual(code, bytes(8))
            return
        self.fail("no CPU executes anything that can be read")

    def check_setting(self, client: SessionClient) -> None:
        """A register of a CPU is set and set back."""
        before = client.command("getr", "cpu1", "x9")
        client.command("setr", "cpu1", "x9", *range(8))
        self.assertEqual(client.registers("cpu1")["x9"], 0x0706050403020100)
        client.command("setr", "cpu1", "x9", *before)

    def test_iss(self) -> None:
        client = self.begin("iss", "first_light")
        client.resume("20ms")
        client.wait()
        self.check_code(client)
        self.check_setting(client)
        for sentence, fields in (
            ("Unsupported: listing threads", ("exec", "kernel", "threads")),
            ("Unsupported: listing ports", ("exec", "kernel", "ports")),
            ("Unsupported: listing limits", ("exec", "kernel", "limits")),
            ("Unsupported: listing caches", ("exec", "kernel", "caches")),
            ("Unsupported: the map of page frames", ("exec", "kernel", "frames")),
            ("start the run with --trace", ("exec", "trace", "subscribe")),
        ):
            with self.assertRaisesRegex(SessionError, sentence):
                client.command(*fields)
        self.finish(client)

    def test_qemu(self) -> None:
        client = self.begin("qemu", "first_light", "--trace")
        client.resume("10ms")
        stopped = client.wait()
        self.assertEqual(stopped.reason, "step")
        self.assertGreaterEqual(stopped.now, 10_000_000)
        self.assertEqual(client.execute("kernel", "tasks")[0]["name"], "init")
        self.assertEqual(client.attribute("kernel.state"), ["running"])
        client.execute("trace", "subscribe")
        registers = client.registers("cpu0")
        self.assertNotEqual(registers["pc"], 0)
        code = client.read_virtual("cpu0", registers["pc"], 2000)
        self.assertNotEqual(code, bytes(2000))
        self.assertEqual(len(client.read_physical("cpu0", 0x4000_0000, 64)), 64)
        for sentence, fields in (
            ("Unsupported: translating", ("vapa", "cpu0", registers["pc"])),
            ("Unsupported: stepping", ("step", "cpu0")),
            ("not all in memory", ("pread", "cpu0", 0, 4)),
            ("refused m0", ("vread", "cpu0", 0, 4)),
        ):
            with self.assertRaisesRegex(SessionError, sentence):
                client.command(*fields)
        client.resume("5ms")
        client.wait()
        self.assertGreater(len(client.execute("trace", "read")["records"]), 0)
        self.finish(client)

    def test_input(self) -> None:
        scenario = self.scenario('phone.boot()\nphone.console.wait_for("heard (.*)", 60 * s)',
                                 '@scenario(program="bin/shell")')
        client = self.begin("soc", scenario)
        client.resume("30ms")
        client.wait()
        client.execute("console", "send_line", "echo heard you")
        client.resume("1s")
        client.close()
        self.process.communicate(timeout=PATIENCE)
        self.assertEqual(self.process.returncode, 0)

    def test_memory_is_written(self) -> None:
        client = self.begin("soc", "first_light")
        client.resume("20ms")
        client.wait()
        # The last page of the first bank, which nobody uses so early.
        place = 0x8000_0000 + (1 << 29) - 4096
        before = client.read_physical("cpu0", place, 4)
        client.command("pwrite", "cpu0", place, 1, 2, 3, 4)
        self.assertEqual(client.read_physical("cpu0", place, 4), b"\1\2\3\4")
        client.command("pwrite", "cpu0", place, *before)
        with self.assertRaisesRegex(SessionError, "cannot be reached"):
            client.command("pwrite", "cpu0", self.uart, 0, 0, 0, 0)
        self.finish(client)


if __name__ == "__main__":
    unittest.main()
