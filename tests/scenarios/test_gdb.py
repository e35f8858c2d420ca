# SPDX-License-Identifier: Apache-2.0
"""The GDB stub on real machines: with gdb-multiarch, and that a debugger that only looks changes
nothing."""

from __future__ import annotations

import re
import socket
import subprocess
import unittest

from machine_case import MACHINES, PATIENCE, MachineCase
from orrery import paths
from orrery.gdb_client import GdbClient, GdbError

# The host's own share in a run folder.
SAME = ("trace.pftrace", "console.log", "metrics.csv")
# Programs and the kernel's image where they are linked.
IN_PLACE = ("--bootargs", "aslr=off kaslr=off")
PC, CPSR = 0x20, 0x21
SVC, ERET = 0xD4000001, 0xD69F03E0

PROGRAM = paths.build_folder() / "user" / "hash_worker.elf"
DRIVER = paths.build_folder() / "user" / "device_interrupts.elf"
KERNEL = paths.build_folder() / "kernel" / "orrery.elf"


def address_of(file: object, name: str) -> int:
    """The address of a function, by its name in C++ or assembler."""
    listing = subprocess.run(["llvm-nm", "-C", str(file)], capture_output=True, text=True,
                             check=True).stdout
    match = re.search(rf"^([0-9a-f]+) [tT] {re.escape(name)}(\(|$)", listing, re.MULTILINE)
    assert match, name
    return int(match[1], 16)


class GdbCase(MachineCase):
    """A test with a run that waits for a debugger."""

    def begin(self, machine: str, scenario: str, *options: str) -> None:
        """Starts a run; `self.port` is where it waits."""
        self.process = self.start(
            "run", scenario, *MACHINES[machine], "--out", "debugged", "--gdb", "0", "--gdb-wait",
            *IN_PLACE, *options)
        self.addCleanup(self.kill)
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        match = re.match(r"GDB stub on tcp:127\.0\.0\.1:(\d+), for this host only$", line)
        assert match, line
        self.port = int(match[1])

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def finish(self) -> None:
        """The run passes."""
        out, err = self.process.communicate(timeout=PATIENCE)
        self.assertEqual((self.process.returncode, err), (0, ""), out)

    def client(self) -> Debugger:
        """A debugger without a mind of its own."""
        connection = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client = Debugger(connection)
        self.addCleanup(client.close)
        return client

    def debug(self, file: object, commands: str) -> str:
        """Runs commands in gdb-multiarch and returns what it says."""
        script = self.folder / "commands"
        script.write_text("set pagination off\nset confirm off\n"
                          f"target remote 127.0.0.1:{self.port}\n{commands}", "utf-8")
        done = subprocess.run(
            ["gdb-multiarch", "-nx", "-batch", "-x", str(script), str(file)],
            capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL,
            cwd=paths.ROOT)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout + done.stderr


class Debugger(GdbClient):
    """GdbClient with what only these tests need."""

    def wait(self) -> str:
        """The next stop, as it comes over the wire."""
        self._socket.settimeout(PATIENCE)
        while (packet := self._receive(PATIENCE)) is None:
            assert not self.closed, "the connection has ended"
        return packet

    def interrupt(self) -> str:
        """Ctrl-C."""
        self._socket.sendall(b"\x03")
        return self.wait()

    def go(self, how: str = "vCont;c") -> str:
        """Goes on until the next stop."""
        self._send(how)
        return self.wait()

    def register(self, number: int) -> int:
        """A register of the present thread."""
        return int.from_bytes(bytes.fromhex(self.command(f"p{number:x}")), "little")

    def is_silent(self) -> bool:
        """No packet comes; an acknowledgement may."""
        return self._receive(0.2) is None and not self.closed


class LookingChangesNothing(GdbCase):
    """A run with breakpoints, steps and looks is the same as one without, byte for byte."""

    def test_programs_on_soc(self) -> None:
        self.compare("soc", address_of(PROGRAM, "user::Sha256::process"))

    def test_programs_on_iss(self) -> None:
        self.compare("iss", address_of(PROGRAM, "user::Sha256::process"))

    def test_kernel_on_iss(self) -> None:
        self.compare("iss", address_of(KERNEL, "kernel::entry::trap"))

    def test_programs_with_memory(self) -> None:
        self.compare("soc", address_of(PROGRAM, "user::Sha256::process"), "--fidelity", "memory")

    def test_kernel_with_memory(self) -> None:
        self.compare("iss", address_of(KERNEL, "kernel::entry::trap"), "--fidelity", "memory")

    def test_drivers_on_iss(self) -> None:
        self.compare("iss", address_of(DRIVER, "user::user_main"), scenario="device_interrupts",
                     stops=1)
        self.setUp()
        self.compare("iss", address_of(KERNEL, "kernel::entry::trap"),
                     scenario="device_interrupts")

    def compare(self, machine: str, place: int, *options: str, scenario: str = "first_light",
                stops: int = 12) -> None:
        done = self.orrery("run", scenario, *MACHINES[machine], *IN_PLACE, "--trace",
                           "--out", "plain", *options)
        self.assertEqual((done.code, done.err), (0, ""), str(done))
        self.begin(machine, scenario, "--trace", *options)
        client = self.client()
        client.insert_breakpoint(place)
        for _ in range(stops):
            stop = client.go()
            match = re.match(r"T05thread:(\d);swbreak:;$", stop)
            assert match, stop
            self.look_around(client)
            client.command(f"Hg{match[1]}")
            self.assertEqual(client.register(PC), place)
            self.step(client, match[1])
        client.remove_breakpoint(place)
        client.command("qRcmd," + b"for 3333us".hex())
        self.assertRegex(client.go(), r"^T05thread:\d;$")
        self.look_around(client)
        client._send("D")
        self.finish()
        for name in SAME:
            same = (self.folder / "plain" / name).read_bytes() == \
                (self.folder / "debugged" / name).read_bytes()
            self.assertTrue(same, f"{name} on {machine} is another")

    def step(self, client: Debugger, thread: str) -> None:
        """Steps, each to where the instruction leads."""
        for _ in range(40):
            before = client.register(PC)
            word = int.from_bytes(bytes.fromhex(client.command(f"m{before:x},4")), "little")
            stop = client.go(f"vCont;s:{thread};c")
            match = re.match(r"T05thread:(\d);(swbreak:;)?$", stop)
            assert match, stop
            if match[1] != thread:
                return  # another CPU has come to the breakpoint, or the thread has changed CPUs
            if word >> 24 in (0x91, 0xAA, 0xF9, 0xA9, 0xD2):  # ADD, MOV, LDR, STP, MOVZ
                self.assertEqual(client.register(PC), before + 4, hex(word))

    def look_around(self, client: Debugger) -> None:
        """Reads whatever can be read."""
        for thread in range(1, 9):
            client.command(f"Hg{thread}")
            client.command("g")
            client.command(f"qThreadExtraInfo,{thread}")
            counter = client.register(PC)
            try:
                client.command(f"m{counter & ~15:x},40")
            except GdbError as error:
                self.assertRegex(str(error), "E0e")
        client.command("qRcmd," + b"status".hex())
        client.command("qRcmd," + b"tasks".hex())


class Steps(GdbCase):
    """Steps over what is not one instruction after another."""

    def test_over_a_system_call_on_soc(self) -> None:
        self.over_a_system_call("soc")

    def test_over_a_system_call_on_iss(self) -> None:
        self.over_a_system_call("iss")

    def over_a_system_call(self, machine: str) -> None:
        self.begin(machine, "first_light")
        client = self.client()
        function = address_of(PROGRAM, "user::system::cpu_number")
        client.insert_breakpoint(function)
        client.go()
        while SVC not in (self.word(client, function + 4 * i) for i in range(12)):
            client.go()  # the code of other programs lies here as well
        client.remove_breakpoint(function)
        while self.word(client, client.register(PC)) != SVC:
            self.assertLess(client.register(PC), function + 48)
            client.go("s")
        call, thread = client.register(PC), self.thread(client)
        stop = client.go("s")
        self.assertRegex(stop, r"^T05thread:\d;$")
        client.command(f"Hg{stop[10]}")
        self.assertEqual(client.register(PC), call + 4)
        self.assertEqual(self.thread(client), thread)
        client._send("D")
        self.finish()

    def test_out_of_the_kernel(self) -> None:
        self.begin("iss", "first_light")
        client = self.client()
        place = address_of(KERNEL, "resume_user")
        client.insert_breakpoint(place)
        client.go()
        client.remove_breakpoint(place)
        while self.word(client, client.register(PC)) != ERET:
            self.assertGreaterEqual(client.register(PC), place)
            client.go("s")
        client.go("s")
        self.assertLess(client.register(PC), 1 << 48)
        self.assertEqual(client.register(CPSR) & 15, 0)  # EL0
        client._send("D")
        self.finish()

    def thread(self, client: Debugger) -> str:
        """The kernel's thread on the present CPU."""
        number = client.command("qC")[2:]
        text = bytes.fromhex(client.command(f"qThreadExtraInfo,{number}")).decode()
        match = re.search(r"thread \d+", text)
        assert match, text
        return match[0]

    def word(self, client: Debugger, address: int) -> int:
        """An instruction."""
        return int.from_bytes(bytes.fromhex(client.command(f"m{address:x},4")), "little")


class WithGdb(GdbCase):
    """gdb-multiarch on programs and on the kernel."""

    def test_program(self) -> None:
        self.begin("soc", "first_light")
        said = self.debug(PROGRAM, """
            monitor only hash_worker
            tbreak user::user_main
            continue
            info threads
            break user::Sha256::process
            continue
            backtrace
            printf "at %#lx, block %d\\n", $pc, block != 0
            stepi
            info registers pc
            next
            info locals
            delete
            finish
            monitor status
            print $v0.d.u[0] + 1
            detach
        """)
        self.assertRegex(said, r"hit Temporary breakpoint 1, user::user_main")
        self.assertRegex(said, r"\* \d +Thread \d \(cpu\d: task \d+ \(hash_worker\), thread \d+, "
                               r"EL0\) user::user_main")
        self.assertRegex(said, r"hit Breakpoint 2, user::Sha256::process \(this=.*0x7[0-9a-f]+, "
                               r"block=")
        self.assertRegex(said, r"#1 .*user::Sha256::update [\s\S]*#\d .*user::user_main ")
        start, after = (int(one, 16) for one in re.search(
            r"at (0x[0-9a-f]+), block 1\n[\s\S]*?pc +(0x[0-9a-f]+)", said).groups())
        self.assertEqual(after, start + 4)
        self.assertRegex(said, r"\nschedule = \{[\s\S]*user::Sha256::update ")
        self.assertRegex(said, r"\$1 = \d+\n")
        self.assertRegex(said, r"\d+ ns, kernel running\nonly hash_worker stops at EL0\n")
        self.assertIn("detached", said)
        self.finish()

    def test_kernel(self) -> None:
        self.begin("iss", "first_light")
        said = self.debug(KERNEL, """
            tbreak kernel::spawn
            continue
            backtrace
            info threads
            info registers pc cpsr
            finish
            monitor for 1ms
            continue
            detach
        """)
        self.assertRegex(said, r"hit Temporary breakpoint 1, kernel::spawn \(request=")
        self.assertRegex(said, r"#0 +kernel::spawn [\s\S]*\n#\d .*hal_boot ")
        self.assertEqual(len(re.findall(r"Thread \d \(cpu\d: no thread, EL1\)", said)), 8)
        self.assertRegex(said, r"cpsr +0x[0-9a-f]*[0-9a-f]5 ")  # EL1h
        self.assertRegex(said, r"Value returned is .*kernel::abi::Status::Ok")
        self.assertIn("received signal SIGTRAP", said)  # 1 ms later
        self.assertIn("detached", said)
        self.finish()

    def test_values_are_changed(self) -> None:
        self.begin("soc", "first_light")
        said = self.debug(PROGRAM, """
            monitor only hash_worker
            tbreak user::user_main
            continue
            set var $saved = $x5
            set $x5 = 0x1234567
            print /x $x5
            set $x5 = $saved
            set $old = *(unsigned long*)$sp
            set {unsigned long}$sp = 77
            print *(unsigned long*)$sp
            set {unsigned long}$sp = $old
            detach
        """)
        self.assertIn("= 0x1234567", said)
        self.assertIn("= 77", said)
        self.finish()

    def test_ctrl_c_and_the_end(self) -> None:
        # Long enough on any host: an hour of idle time is over in a moment.
        self.begin("soc", "scheduler_mix")
        client = self.client()
        client._send("vCont;c")
        self.assertTrue(client.is_silent())
        self.assertRegex(client.interrupt(), r"^T02thread:1;$")
        self.assertEqual(client.go(), "W00")
        self.finish()


class Machines(GdbCase):
    def test_qemu_has_its_own(self) -> None:
        done = self.orrery("run", "idle", "--on", "qemu", "--gdb", "0")
        self.assertRefused(done, "Unsupported: --gdb goes with --on soc; QEMU has a stub of its "
                                 "own, see docs/debugging.md")


if __name__ == "__main__":
    unittest.main()
