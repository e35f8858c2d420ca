# SPDX-License-Identifier: Apache-2.0
"""The session's server: commands, and everything that a client may do wrong."""

import json
import random
import socket
import struct
import threading
import time
import unittest
from xml.etree import ElementTree

from fake_inspection import MEMORY_SIZE, VIRTUAL
from orrery import ms
from orrery.errors import SessionQuit
from orrery.session.packets import LONGEST, encode
from orrery.session.server import MOST_CLIENTS
from orrery.session_client import SessionClient, SessionEnded, SessionError
from session_case import SessionCase


class TheRun(SessionCase):
    def test_waits_for_the_first_resume(self) -> None:
        self.serve()
        with self.client() as client:
            self.assertEqual(client.status().reason, "elaboration")
            time.sleep(0.05)
            self.assertEqual(client.status().now, 0)
            client.resume()
            self.assertTrue(client.status().running)

    def test_runs_at_once_otherwise(self) -> None:
        self.serve(wait=False)
        with self.client() as client:
            self.assertTrue(client.status().running)
            before = client.status().now
            time.sleep(0.05)
            self.assertGreater(client.status().now, before)

    def test_stop_and_resume(self) -> None:
        self.serve(wait=False)
        with self.client() as client:
            stopped = client.stop("look, a reason")
            self.assertEqual(stopped.reason, "look, a reason")
            time.sleep(0.05)
            self.assertEqual(client.status(), stopped)
            client.resume()
            with self.assertRaisesRegex(SessionError, "simulation running"):
                client.resume()

    def test_resume_for_a_time(self) -> None:
        self.serve()
        with self.client() as client:
            for duration, now in (("1.5ms", 1_500_000), ("7ns", 1_500_007), ("0ns", 1_500_007)):
                client.resume(duration)
                stopped = client.wait()
                self.assertEqual((stopped.reason, stopped.now), ("step", now))
            for wrong in ("1 parsec", "-1ns", "5"):
                with self.assertRaisesRegex(SessionError, "is not a duration"):
                    client.resume(wrong)

    def test_step(self) -> None:
        self.serve()
        with self.client() as client:
            client.step("cpu0")
            stopped = client.wait()
            self.assertEqual(stopped.reason, f"target:cpu0:{stopped.now}")
            self.assertLess(stopped.now, 10_000)
            with self.assertRaisesRegex(SessionError, "no such target: cpu9"):
                client.step("cpu9")

    def test_quit(self) -> None:
        self.serve()
        with self.client() as client, self.client() as other:
            client.quit()
            with self.assertRaises(SessionEnded):
                other.status()
        self.thread.join()
        self.assertIsInstance(self.error, SessionQuit)

    def test_ends_with_the_run(self) -> None:
        self.serve(lambda phone: phone.run_for(5 * ms))
        with self.client() as client:
            client.resume()
            with self.assertRaises(SessionEnded):
                while True:
                    client.status()
        self.thread.join()

    def test_a_reply_counts_though_the_session_ended_behind_it(self) -> None:
        place = str(self.folder / "brief")
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(place)
        listener.listen()

        def answer_once() -> None:
            connected, _ = listener.accept()
            with connected:
                connected.recv(4096)
                connected.sendall(b"+" + encode("OK"))

        brief = threading.Thread(target=answer_once)
        brief.start()
        with SessionClient(f"unix:{place}") as client:
            client.resume()
            with self.assertRaises(SessionEnded):
                client.status()
        brief.join()

    def test_who_vanishes_lets_go(self) -> None:
        self.serve(wait=False)
        with self.client() as client:
            client.stop()
        with self.client() as client:
            before = client.status().now
            time.sleep(0.05)
            self.assertGreater(client.status().now, before)

    def test_two_clients(self) -> None:
        self.serve(wait=False)
        with self.client() as first, self.client() as second:
            first.stop()
            now = second.status().now
            self.assertTrue(second.status().running)
            time.sleep(0.02)
            self.assertEqual(second.status().now, now)
            second.stop("mine")
            first.resume()
            self.assertEqual(second.status().now, now)
            second.resume()
            time.sleep(0.02)
            self.assertGreater(first.status().now, now)


class Commands(SessionCase):
    def setUp(self) -> None:
        super().setUp()
        self.serve()
        self.one = self.client()
        self.addCleanup(self.one.close)

    def assertRefuses(self, sentence: str, *fields: object) -> None:
        with self.assertRaises(SessionError, msg=f"{fields}") as caught:
            self.one.command(*fields)
        self.assertIn(sentence, str(caught.exception))

    def test_version(self) -> None:
        self.assertEqual(self.one.command("version"), ["none", "fake"])

    def test_quantum(self) -> None:
        self.assertEqual(self.one.command("getq"), ["1000"])
        self.assertRefuses("Unsupported", "setq", 5)

    def test_list(self) -> None:
        for form in ([], ["xml"]):
            (text,) = self.one.command("list", *form)
            root = ElementTree.fromstring(text)
            names = [node.attrib["name"] for node in root.findall("object")]
            self.assertIn("board", names)
            self.assertIn("kernel", names)
            led = root.find("object[@name='board']/object")
            assert led is not None
            self.assertEqual(led.attrib, {"name": "led<&>", "kind": "sc_module", "version": "fake"})
            self.assertEqual([node.text for node in root.findall("target")], ["cpu0"])
            commands = root.findall("object[@name='kernel']/command")
            self.assertIn("rights", [node.attrib["name"] for node in commands])
        listing = json.loads(self.one.command("list", "json")[0])
        self.assertEqual(listing["targets"][0]["name"], "cpu0")
        self.assertRefuses("unknown hierarchy format 'csv'", "list", "csv")

    def test_every_attribute_can_be_had(self) -> None:
        root = ElementTree.fromstring(self.one.command("list")[0])
        seen = 0

        def visit(node: ElementTree.Element, path: str) -> None:
            nonlocal seen
            path += node.attrib["name"]
            for attribute in node.findall("attribute"):
                values = self.one.attribute(f"{path}.{attribute.attrib['name']}")
                self.assertEqual(len(values), int(attribute.attrib["count"]))
                seen += 1
            for child in node.findall("object"):
                visit(child, path + ".")

        for node in root.findall("object"):
            visit(node, "")
        self.assertGreater(seen, 20)
        self.assertEqual(self.one.attribute("kernel.frames_free"), ["900"])

    def test_attributes_refused(self) -> None:
        for name in ("nothing", "kernel.nothing", "kernel", "", ".", "kernel..state"):
            self.assertRefuses("not found", "geta", name)
        self.assertRefuses("not writable", "seta", "kernel.state", "off")

    def test_registers(self) -> None:
        self.assertEqual(self.one.command("lreg", "cpu0"), [
            *(f"x{number}:8" for number in range(31)), "sp:8", "pc:8", "pstate:8"])
        self.assertEqual(self.one.registers("cpu0")["x0"], 0x1122334455667788)
        self.assertEqual(self.one.command("getr", "cpu0", "x0")[0], "0x88")
        self.one.command("setr", "cpu0", "x0", *range(8))
        self.assertEqual(self.one.registers("cpu0")["x0"], 0x0706050403020100)
        self.assertRefuses("8 bytes, not 2", "setr", "cpu0", "x0", 1, 2)
        self.assertRefuses("no such register: y", "getr", "cpu0", "y")
        self.assertEqual(self.one.command("arch", "cpu0"), ["aarch64"])

    def test_memory(self) -> None:
        data = bytes(range(200))
        place = 4096 - 100
        self.assertEqual(self.one.command("vwrite", "cpu0", hex(VIRTUAL + place), *data),
                         ["200 bytes written"])
        self.assertEqual(self.one.read_physical("cpu0", place, 200), data)
        self.assertEqual(self.one.read_virtual("cpu0", VIRTUAL + place, 200), data)
        self.one.command("pwrite", "cpu0", 0, "0xff")
        self.assertEqual(self.one.read_physical("cpu0", 0, 2), b"\xff\0")
        self.assertEqual(self.one.command("vapa", "cpu0", VIRTUAL + 5), ["0x5"])
        self.assertEqual(self.one.command("pread", "cpu0", 0, 0), [])

    def test_memory_refused(self) -> None:
        self.assertRefuses("translation error", "vapa", "cpu0", 0)
        self.assertRefuses("no memory is mapped at 0x0", "vread", "cpu0", 0, 1)
        self.assertRefuses("not all in memory", "pread", "cpu0", MEMORY_SIZE - 1, 2)
        self.assertRefuses("too much data requested", "pread", "cpu0", 0, 1 << 20)
        self.assertRefuses("pass the end", "pread", "cpu0", (1 << 64) - 1, 2)
        for wrong in ("-1", "0x", "1e3", 1 << 64, ""):
            self.assertRefuses("is not a number", "pread", "cpu0", wrong, 1)
        self.assertRefuses("at most 0xff", "pwrite", "cpu0", 0, 256)
        # Nothing is written if not all of it can be.
        end = VIRTUAL + MEMORY_SIZE
        self.assertRefuses("no memory is mapped", "vwrite", "cpu0", end - 1, 7, 7)
        self.assertEqual(self.one.read_physical("cpu0", MEMORY_SIZE - 1, 1), b"\0")

    def test_writing_needs_a_stop(self) -> None:
        self.one.resume()
        for command in (("pwrite", "cpu0", 0, 1), ("vwrite", "cpu0", VIRTUAL, 1),
                        ("setr", "cpu0", "x0", *range(8))):
            self.assertRefuses("simulation running", *command)
        self.assertEqual(self.one.read_physical("cpu0", 0, 1), b"\0")

    def test_unknown_and_incomplete(self) -> None:
        self.assertRefuses('no command "sing"', "sing")
        self.assertRefuses('no command ""', "")
        for name in ("step", "geta", "seta", "exec", "getr", "setr", "vapa", "vread", "pwrite"):
            self.assertRefuses("insufficient arguments 1", name)
        self.assertRefuses("Unsupported: stopping at watch", "mkwp", "cpu0", 0, 4, "rw")
        self.assertRefuses("Unsupported", "setsm", "soft")
        self.assertEqual(self.one.command("setsm", "hard"), [])

    def test_breakpoints(self) -> None:
        first = self.one.insert_breakpoint("cpu0", 0x400000)
        second = self.one.insert_breakpoint("cpu0", 0x400000)
        self.assertNotEqual(first, second)
        self.one.resume("1s")
        self.assertRegex(self.one.wait().reason, rf"^breakpoint:{second}:\d+$")
        with self.client() as other:
            number = other.insert_breakpoint("cpu0", 0x500000)
            for stranger in (first, number + 1):
                with self.assertRaisesRegex(SessionError, f"invalid breakpoint id: {stranger}"):
                    other.remove_breakpoint(stranger)
        self.one.remove_breakpoint(first)
        self.one.resume()
        self.assertRegex(self.one.wait().reason, rf"^breakpoint:{second}:\d+$")
        self.one.remove_breakpoint(second)
        # The other client has left, and its breakpoint with it.
        self.one.resume("1ms")
        self.assertEqual(self.one.wait().reason, "step")
        self.assertEqual(self.backend.inspection().breakpoints, set())
        self.assertRefuses("invalid breakpoint id", "rmbp", second)
        self.assertRefuses("no such target", "mkbp", "cpu7", 0)
        self.one.resume()
        self.assertRefuses("simulation running", "mkbp", "cpu0", 0)

    def test_quit_at_a_breakpoint(self) -> None:
        self.one.insert_breakpoint("cpu0", 0x400000)
        self.one.resume()
        self.one.wait()
        self.one.quit()
        self.thread.join()
        self.assertIsInstance(self.error, SessionQuit)

    def test_vanishing_at_a_breakpoint(self) -> None:
        self.one.insert_breakpoint("cpu0", 0x400000)
        self.one.resume()
        self.one.wait()
        self.one.close()
        with self.client() as client:
            before = client.status().now
            time.sleep(0.05)
            self.assertGreater(client.status().now, before)

    def test_kernel(self) -> None:
        self.assertEqual(self.one.execute("kernel", "tasks")[0]["name"], "bin/init")
        self.assertEqual(self.one.execute("kernel", "memory")["events"], {"pages_swapped_out": 7})
        self.assertEqual(len(self.one.execute("kernel", "cpus")), 8)
        self.assertEqual(self.one.execute("kernel", "faults")[0]["address"], 0)
        self.assertEqual(self.one.execute("kernel", "containers"), [])
        self.assertRefuses("Unsupported: listing threads", "exec", "kernel", "threads")
        self.assertRefuses("Unsupported: listing limits", "exec", "kernel", "limits")
        self.assertRefuses("Unsupported: listing ports", "exec", "kernel", "ports")
        self.assertRefuses("Unsupported: listing caches", "exec", "kernel", "caches")
        self.assertRefuses("Unsupported: the map of page frames", "exec", "kernel", "frames")
        self.assertRefuses("is not a number", "exec", "kernel", "frames", "there")
        self.assertRefuses("insufficient arguments 0: rights TASK", "exec", "kernel", "rights")
        self.assertRefuses("no command 'sing'", "exec", "kernel", "sing")
        self.assertRefuses("object 'nobody' not found", "exec", "nobody", "tasks")
        # What goes wrong inside is said, and the run goes on: this phone shows no schedule.
        self.assertRefuses("the command failed: AttributeError", "exec", "kernel", "schedule")

    def test_registers_and_values(self) -> None:
        told = self.one.execute("cpus", "registers")
        self.assertEqual(list(told), ["cpu0"])
        self.assertEqual({name: int(value, 16) for name, value in told["cpu0"]},
                         self.one.registers("cpu0"))
        self.assertEqual(self.one.execute("cpus", "registers", "cpu9"), {})
        kernel = self.one.execute("objects", "values", "kernel")
        self.assertIn(["present", True], kernel["attributes"])
        self.assertIn("memory", [below["name"] for below in kernel["objects"]])
        whole = self.one.execute("objects", "values")
        self.assertIn(kernel, whole["objects"])
        self.assertRefuses("object 'nobody' not found", "exec", "objects", "values", "nobody")

    def test_console(self) -> None:
        self.one.execute("console", "send", "caf,e")
        self.one.execute("console", "send_line")
        self.one.resume("5ms")
        self.one.wait()
        shown = self.one.execute("console", "text")
        self.assertEqual((shown["begin"], shown["text"]), (0, "caf,e\r\n"))
        self.assertEqual(self.one.execute("console", "text", 4)["text"], "e\r\n")
        self.assertEqual(self.one.execute("console", "text", 1 << 40)["text"], "")

    def test_trace(self) -> None:
        self.assertRefuses("not subscribed", "exec", "trace", "read")
        self.assertRefuses("1 to 1000000 records", "exec", "trace", "subscribe", 0)
        self.assertEqual(self.one.execute("trace", "subscribe", 3), 3)
        for _ in range(5):
            self.one.resume("1us")
            self.one.wait()
        shown = self.one.execute("trace", "read", 2)
        self.assertEqual((shown["dropped"], shown["left"]), (2, 1))
        self.assertEqual([record[0] for record in shown["records"]], [3000, 4000])
        self.one.execute("trace", "unsubscribe")
        self.assertRefuses("not subscribed", "exec", "trace", "read")


class Misbehaviour(SessionCase):
    def setUp(self) -> None:
        super().setUp()
        self.serve()

    def test_damaged_packets_are_refused(self) -> None:
        client = self.raw()
        client.send(b"$getq#00$getq#11$ge}#00")
        client.expect(b"+")
        client.expect_reply("OK,1000")
        client.expect(b"--")

    def test_replies_are_sent_again(self) -> None:
        client = self.raw()
        client.send(encode("getq"))
        client.expect(b"+" + encode("OK,1000"))
        client.send(b"-")
        client.expect_reply("OK,1000")
        client.send(encode("getq"))
        client.expect(b"+" + encode("OK,1000"))
        client.send(b"-" * 10)
        self.assertTrue(client.ended())
        self.assertServes()

    def test_commands_out_of_step(self) -> None:
        client = self.raw()
        client.send(b"+++" + encode("getq") + encode("setsm,hard"))
        client.expect(b"+" + encode("OK,1000") + b"+")
        client.send(b"+")
        client.expect_reply("OK")

    def test_oversized(self) -> None:
        client = self.raw()
        client.send(b"$" + b"a" * (LONGEST + 1) + b"#00")
        client.expect(b"+")
        client.expect_reply(f"E,a packet has at most {LONGEST} bytes of payload")
        client.send(encode("getq"))
        client.expect(b"+")
        client.expect_reply("OK,1000")

    def test_who_never_acknowledges(self) -> None:
        client = self.raw()
        client.send(encode("list") * 100)
        self.assertTrue(client.ended())
        self.assertServes()

    def test_who_never_reads(self) -> None:
        client = self.raw()
        client.socket.settimeout(1)
        try:
            for _ in range(10_000):
                client.send(b"$x#01" * 1000)
        except OSError:
            pass
        self.assertServes()

    def test_vanishing_in_mid_command(self) -> None:
        for part in (b"", b"$", b"$stat", b"$status#", encode("status"), encode("list")):
            client = self.raw()
            client.send(part)
            # With a reset, as of a process that was killed with unread data.
            linger = struct.pack("ii", 1, 0)
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            client.close()
            self.assertServes()

    def test_too_many_clients(self) -> None:
        clients = [self.client() for _ in range(MOST_CLIENTS)]
        for client in clients:
            self.addCleanup(client.close)
            client.status()
        extra = self.raw()
        extra.expect(encode(f"E,the session has {MOST_CLIENTS} clients already"))
        self.assertTrue(extra.ended())
        clients.pop().close()
        self.assertServes()

    def test_random_bytes(self) -> None:
        source = random.Random(6)
        words = [b"status", b"stop", b"resume", b"list", b"exec", b"kernel", b"tasks", b"pread",
                 b"cpu0", b"0x10", b"console", b"text", b"trace", b"read", b"subscribe", b"geta",
                 b"kernel.state", b"\\", b",", b"}", b"$", b"#", b"+", b"-", b"\xff", b"\0"]
        for _ in range(60):
            client = self.raw()
            for _ in range(source.randrange(1, 20)):
                body = b",".join(source.choices(words, k=source.randrange(5)))
                whole = b"$%b#%02x" % (body, sum(body) & 0xFF)
                noise = source.randbytes(source.randrange(30))
                try:
                    client.send(source.choice([body, whole, noise, whole[: source.randrange(9)]]))
                except OSError:
                    break  # it has been sent away
            client.close()
        self.assertServes()


if __name__ == "__main__":
    unittest.main()
