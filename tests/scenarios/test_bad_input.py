# SPDX-License-Identifier: Apache-2.0
"""Broken archives, programs, kernel images, device trees and command lines: a sentence for each."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import unittest
from pathlib import Path

from machine_case import MACHINES, MachineCase, archive, archive_of
from orrery import paths, read_archive

# Machines that execute the kernel's image, and machines in SystemC.
WITH_IMAGE = ("iss", "qemu")
MODELS = ("soc", "iss")

NOISE = bytes(index * index % 251 for index in range(300_000))
BROKEN = "the boot archive (initrd) is no cpio newc archive, or it is cut off"
BAD_INIT = "cannot start bin/init: bad image"
NO_INIT = "cannot start bin/init: not found"

# As much of a machine as the kernel looks at before it gives up in these tests.
TREE = """/dts-v1/;
/ {
    compatible = "orrery,test"; #address-cells = <2>; #size-cells = <2>;
    interrupt-parent = <&gic>;
    chosen { bootargs = "init=bin/init"; };
    memory@40000000 { device_type = "memory"; reg = <0 0x40000000 0 0x40000000>; };
    cpus { #address-cells = <1>; #size-cells = <0>;
        cpu@0 { device_type = "cpu"; compatible = "arm,armv8"; reg = <0>; };
    };
    timer { compatible = "arm,armv8-timer"; interrupts = <1 13 4 1 14 4 1 11 4 1 10 4>; };
    gic: gic { compatible = "arm,gic-400"; interrupt-controller; #interrupt-cells = <3>;
        reg = <0 0x08000000 0 0x1000 0 0x08010000 0 0x2000>; };
    uart { compatible = "arm,pl011"; reg = <0 0x09000000 0 0x1000>; interrupts = <0 1 4>; };
};
"""


class InputCase(MachineCase):
    """A test of what the phone boots with."""

    def file(self, name: str, data: bytes) -> str:
        path = self.folder / name
        path.write_bytes(data)
        return str(path)

    def assertPanics(self, machine: str, words: str, *options: str,
                     decorator: str = '@scenario(program="idle")') -> None:
        """The kernel gives up with `words`, and nothing else is said."""
        scenario = self.scenario("phone.boot()\nphone.run_for(5 * ms)", decorator)
        done = self.run_on(machine, scenario, *options)
        where = r"\(kernel/boot/start\.cpp:\d+, CPU 0, thread 0(; values [0-9a-fx ]+)?\)"
        self.assertEnded(done, 3, f"the kernel panicked: {re.escape(words)} {where}")
        epitaph = self.result()["epitaph"]
        self.assertEqual(epitaph["file"], "kernel/boot/start.cpp")
        self.assertGreater(epitaph["line"], 0)

    def assertFails(self, machine: str, sentence: str, *options: str) -> None:
        scenario = self.scenario("phone.boot()\nphone.run_for(5 * ms)")
        self.assertEnded(self.run_on(machine, scenario, *options), 3, sentence)


class Archives(InputCase):
    def test_cut_off(self) -> None:
        whole = archive()
        # In the first header, at its end, in a name, in the contents, in the last entry.
        for size in (1, 50, 110, 115, 4000, len(whole) // 2, len(whole) - 124):
            for machine in MACHINES:
                with self.subTest(size=size, machine=machine):
                    path = self.file("cut.cpio", whole[:size])
                    self.assertPanics(machine, f"cannot boot: {BROKEN}", "--archive", path)

    def test_corrupt(self) -> None:
        whole = archive()
        # Behind the first header, name and contents, each padded to four bytes.
        contents, name = (int(whole[at : at + 8], 16) for at in (54, 94))
        second = (110 + name + 3 & ~3) + (contents + 3 & ~3)
        self.assertEqual(whole[second : second + 6], b"070701")
        for what, data in (
            ("first magic", b"070707" + whole[6:]),
            ("second magic", whole[:second] + b"07070x" + whole[second + 6:]),
            ("size", whole[:54] + b"0000zz00" + whole[62:]),
            ("huge size", whole[:54] + b"ffffffff" + whole[62:]),
            ("noise", NOISE),
        ):
            for machine in MACHINES:
                with self.subTest(what, machine=machine):
                    path = self.file("corrupt.cpio", data)
                    self.assertPanics(machine, f"cannot boot: {BROKEN}", "--archive", path)

    def test_empty(self) -> None:
        path = self.file("empty.cpio", b"")
        for machine in MACHINES:
            with self.subTest(machine):
                self.assertPanics(
                    machine, "cannot boot: there is no boot archive (initrd)", "--archive", path
                )

    def test_missing(self) -> None:
        scenario = self.scenario("phone.boot()")
        for machine in MACHINES:
            done = self.run_on(machine, scenario, "--archive", "none.cpio")
            self.assertRefused(done, 'argument --archive: there is no file "none.cpio" .*')
        for machine in MACHINES:
            done = self.run_on(machine, scenario, ORRERY_BUILD=str(self.folder))
            self.assertEnded(done, 2, r"\S+ is missing: run \./orrery build first")

    def test_python_says_the_same(self) -> None:
        scenario = self.scenario("phone.archive")
        path = self.file("cut.cpio", archive()[:4000])
        self.assertEnded(self.run_on("soc", scenario, "--archive", path), 2,
                         r"trial\.py:4: archive: cut off at byte 4000, inside .*")


class Programs(InputCase):
    def test_broken_init(self) -> None:
        files = read_archive(archive())
        good = files["bin/init"]
        for what, init in (
            ("empty", b""),
            ("text", b"#!/bin/sh\necho hello\n" * 20),
            ("noise", NOISE),
            ("cut in the header", good[:40]),
            ("cut after the header", good[:64]),
            ("cut in half", good[: len(good) // 2]),
            ("writable code", files["broken/writable_executable.elf"]),
            ("another CPU's", files["broken/wrong_machine.elf"]),
            ("kernel address", files["broken/kernel_address.elf"]),
        ):
            path = self.file("init.cpio", archive_of({"bin/init": init}))
            for machine in MACHINES:
                with self.subTest(what, machine=machine):
                    self.assertPanics(machine, BAD_INIT, "--archive", path)

    def test_no_init(self) -> None:
        files = read_archive(archive())
        del files["bin/init"]
        for contents in (files, {}):
            path = self.file("init.cpio", archive_of(contents))
            for machine in MACHINES:
                with self.subTest(machine=machine, files=len(contents)):
                    self.assertPanics(machine, NO_INIT, "--archive", path)

    def test_good_archive_of_our_own(self) -> None:
        # What the tests above break does work when it is whole.
        path = self.file("good.cpio", archive_of(read_archive(archive())))
        for machine in MACHINES:
            self.assertPassed(self.run_on(machine, "first_light", "--archive", path))


class Images(InputCase):
    def test_cut_off(self) -> None:
        image = bytearray(paths.kernel_image().read_bytes())
        struct.pack_into("<I", image, 60, len(image))  # what the image says of its own size
        for size in (0, 20, 64, 4096, len(image) // 2, len(image) - 1):
            path = self.file("cut.img", bytes(image[:size]))
            for machine in WITH_IMAGE:
                with self.subTest(size=size, machine=machine):
                    self.assertFails(machine, r"the kernel image cut\.img is cut off",
                                     "--image", path)

    def test_no_image(self) -> None:
        for data in (NOISE, bytes(5000), paths.initial_archive().read_bytes()):
            path = self.file("noise.img", data)
            for machine in WITH_IMAGE:
                self.assertFails(machine, r"noise\.img is not a kernel image", "--image", path)

    def header_over(self, code: bytes) -> str:
        header = paths.kernel_image().read_bytes()[:56] + b"ARM\x64\0\0\0\0"
        return self.file("noise.img", header + code)

    def test_header_over_noise_in_the_model(self) -> None:
        branch_to_itself = b"\0\0\0\x14"
        beginning = paths.kernel_image().read_bytes()[:4]
        entry = 4 * (int.from_bytes(beginning, "little") & 0xFFFF)  # header's branch, from itself
        for what, code, sentence in (
            ("noise", NOISE, r"the kernel does not start: is its image whole\?"),
            ("endless loop", branch_to_itself * 50_000,
             r"the kernel does not start: is its image whole\?"),
            ("reset", self.psci(0x8400_0009, entry),
             "the machine reset itself without a word from the kernel"),
            ("switched off", self.psci(0x8400_0008, entry),
             "the machine switched itself off without a word from the kernel"),
        ):
            with self.subTest(what):
                self.assertFails("iss", sentence, "--image", self.header_over(code))

    def psci(self, function: int, entry: int) -> bytes:
        """What follows the header in an image that only calls the firmware."""
        words = (0xD280_0000 | (function & 0xFFFF) << 5,  # movz x0, ...
                 0xF2A0_0000 | function >> 16 << 5,  # movk x0, ..., lsl #16
                 0xD400_0002,  # hvc #0
                 0x1400_0000)  # b .
        nop = struct.pack("<I", 0xD503_201F)
        return (nop * ((entry - 64) // 4) + struct.pack("<4I", *words)).ljust(300_000, b"\0")

    def test_header_over_noise(self) -> None:
        path = self.header_over(NOISE)
        code = (
            "import orrery.qemu, orrery\n"
            "from orrery.backend import Config\n"
            "from pathlib import Path\n"
            "orrery.qemu._START_PATIENCE = 2\n"
            "config = Config(machine='phone8', seed=1, archive=orrery.paths.initial_archive(),\n"
            f"                image=Path({path!r}), bootargs='')\n"
            "phone = orrery.Phone(orrery.qemu.QemuBackend(config), name='qemu',\n"
            "                     archive=config.archive)\n"
            "try:\n"
            "    phone.boot()\n"
            "except orrery.SimulatorError as error:\n"
            "    print(error)\n"
            "phone.close()\n"
        )
        done = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True,
                              env=self.environment(), timeout=60)
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, "the kernel does not start: is its image whole?\n", ""))
        self.assertNothingRuns()

    def test_missing(self) -> None:
        for machine in WITH_IMAGE:
            done = self.run_on(machine, self.scenario("phone.boot()"), "--image", "none.img")
            self.assertRefused(done, 'argument --image: there is no file "none.img" .*')


class DeviceTrees(InputCase):
    def tree(self, source: str) -> bytes:
        done = subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb"], input=source.encode(),
                              capture_output=True, check=True, timeout=20)
        return done.stdout

    def test_broken(self) -> None:
        good = self.tree(TREE)
        for what, data in (
            ("empty", b""), ("noise", NOISE), ("magic", b"\0" + good[1:]),
            ("cut in the header", good[:20]), ("cut", good[: len(good) // 2]),
            ("size", good[:4] + b"\xff\xff\xff\xff" + good[8:]),
            ("structure", good[:8] + b"\xff\xff\xff\x00" + good[12:]),
        ):
            path = self.file("broken.dtb", data)
            with self.subTest(what):
                for machine in MODELS:
                    self.assertPanics(machine, "cannot boot: the device tree is broken",
                                      "--device-tree", path)
                # QEMU looks at a tree before the kernel does.
                self.assertFails("qemu", r"QEMU ended with exit code 1: .*", "--device-tree", path)

    def test_lacking(self) -> None:
        for machines, gone, words in (
            # QEMU puts memory into a tree that has none.
            (MODELS, 'device_type = "memory";', "memory"),
            (MACHINES, 'device_type = "cpu";', "CPUs"),
            (MACHINES, 'compatible = "arm,gic-400";', "a GICv2 (arm,gic-400)"),
            (MACHINES, 'compatible = "arm,armv8-timer";',
             "the generic timer (arm,armv8-timer)"),
        ):
            self.assertIn(gone, TREE)
            for machine in machines:
                source = TREE.replace(gone, "")
                if machine in MODELS:  # where the UART stands elsewhere
                    source = source.replace("arm,pl011", "none")
                path = self.file("lacking.dtb", self.tree(source))
                with self.subTest(words, machine=machine):
                    self.assertPanics(machine, f"cannot boot: the device tree lacks {words}",
                                      "--device-tree", path)

    def test_missing(self) -> None:
        done = self.run_on("soc", self.scenario("phone.boot()"), "--device-tree", "none.dtb")
        self.assertRefused(done, 'argument --device-tree: there is no file "none.dtb" .*')


class CommandLines(InputCase):
    WORDS = (
        "frob", "frob=1", "=", "cpus", "cpus=", "cpus=0", "cpus=x", "cpus=-1",
        "cpus=99999999999999999999", "page_allocator=magic", "trace=maybe", "init=", "hold=x",
        "trace_records=7", "task_memory=101",
    )

    def test_words(self) -> None:
        for word in self.WORDS:
            for machine in MACHINES:
                with self.subTest(word, machine=machine):
                    self.assertPanics(
                        machine,
                        f"cannot boot: the command line has a word that is not understood: {word}",
                        decorator=f'@scenario(program="idle", bootargs="cpus=8 {word}")',
                    )

    def test_other_init(self) -> None:
        for machine in MACHINES:
            self.assertPanics(machine, "cannot start bin/none: not found",
                              decorator='@scenario(bootargs="init=bin/none")')

    def test_no_such_program(self) -> None:
        scenario = self.scenario('phone.boot()\nphone.console.wait_for("^never$", timeout=5 * ms)',
                                 '@scenario(program="bin/none")')
        for machine in MACHINES:
            self.assertEnded(
                self.run_on(machine, scenario), 1,
                r'trial\.py:5: the console did not show "\^never\$" within 5 ms; it said: '
                r".*init: cannot start bin/none: not found",
            )

    def test_refused_by_python(self) -> None:
        for arguments, words in (
            ('bootargs="cpus=1\\ncpus=2"', r"bootargs is printable ASCII text, not .*"),
            ('bootargs="cpus=1\\0"', r"bootargs is printable ASCII text, not .*"),
            ('program="bin/\\u00fc"', r"program is printable ASCII text, not .*"),
            ('bootargs="cpus=1 " * 400',
             r"a kernel command line has at most 2048 characters, not 28\d\d"),
            ("program=3", r"trial\.py:2: @scenario takes no program like 3"),
            ("time_limit=0.5", r"trial\.py:2: @scenario takes no time_limit like 0\.5"),
            ("host_limit=0", r"trial\.py:2: @scenario takes a host_limit above 0, not 0"),
            ('machine="phone99"', r'there is no machine "phone99": choose from phone8'),
            ("frob=1", r"trial\.py:2: TypeError: scenario\(\) got an unexpected .*"),
        ):
            for machine in MACHINES:
                with self.subTest(arguments, machine=machine):
                    scenario = self.scenario("phone.boot()", f"@scenario({arguments})")
                    self.assertEnded(self.run_on(machine, scenario), 2, words)


if __name__ == "__main__":
    unittest.main()
