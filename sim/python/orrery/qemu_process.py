# SPDX-License-Identifier: Apache-2.0
"""QEMU as a child process: its command line, its memory as a file, its sockets.

Nothing of it has a name in the file system: guest memory is a memfd that both sides map, and the
sockets are pairs made before the start. QEMU dies with this process.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import IO

from .backend import Config
from .errors import SimulatorError, UsageError

#: Where the guest sees its memory, and how much of it there is (board `virt`).
RAM_BASE = 0x4000_0000
RAM_SIZE = 1 << 30
RAM_NODES = 2
_CPUS = 8
_DISTANCE = 20  # of the nodes from each other; 10 is within a node

_PROGRAM = "qemu-system-aarch64"
_PR_SET_PDEATHSIG = 1


class QemuProcess:
    """A QEMU that has been started but whose machine is still at rest."""

    def __init__(self, config: Config, bootargs: str) -> None:
        program = shutil.which(_PROGRAM)
        if program is None:
            raise UsageError(
                "QEMU is not installed: install qemu-system-arm, or run ./orrery run --on qemu "
                "once as root"
            )
        self._log: IO[bytes] = _open_log(config.log_folder)
        self._process: subprocess.Popen[bytes] | None = None
        self._memory = [os.memfd_create(f"orrery-ram{node}") for node in range(RAM_NODES)]
        for memory in self._memory:
            os.ftruncate(memory, RAM_SIZE // RAM_NODES)
        self.gdb, gdb = socket.socketpair()
        self.qmp, qmp = socket.socketpair()
        self.console, console = socket.socketpair()
        theirs = {"gdb": gdb, "qmp": qmp, "console": console}
        try:
            self._process = subprocess.Popen(
                [program, *self._arguments(config, bootargs, theirs)],
                stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT,
                pass_fds=[*self._memory, *(end.fileno() for end in theirs.values())],
                preexec_fn=_die_with_parent,
            )
        except OSError as error:
            raise SimulatorError(f"QEMU cannot be started: {error.strerror}") from error
        finally:
            for end in theirs.values():
                end.close()

    @property
    def memory_banks(self) -> list[tuple[str, int, int]]:
        """The guest's memory: files that this process can open, their addresses and sizes."""
        size = RAM_SIZE // RAM_NODES
        return [(f"/proc/self/fd/{memory}", RAM_BASE + node * size, size)
                for node, memory in enumerate(self._memory)]

    @property
    def memory(self) -> list[tuple[int, int, int]]:
        """The same with the descriptors themselves."""
        size = RAM_SIZE // RAM_NODES
        return [(memory, RAM_BASE + node * size, size)
                for node, memory in enumerate(self._memory)]

    def exit_code(self, wait: float = 0) -> int | None:
        """How QEMU ended; None while it runs. Waits up to `wait` seconds for its end."""
        assert self._process is not None
        try:
            return self._process.wait(wait) if wait else self._process.poll()
        except subprocess.TimeoutExpired:
            return None

    def last_words(self) -> str:
        """The last line that QEMU has written to its log."""
        self._log.seek(0)
        lines = [
            line for line in self._log.read().decode("utf-8", "replace").strip().splitlines()
            if "icount sleep disabled" not in line  # a remark on every idle machine
        ]
        return lines[-1].removeprefix(f"{_PROGRAM}: ") if lines else ""

    def close(self) -> None:
        """Ends QEMU if it still runs and gives its memory back."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        for end in (self.gdb, self.qmp, self.console):
            end.close()
        while self._memory:
            os.close(self._memory.pop())
        self._log.close()

    def _arguments(
        self, config: Config, bootargs: str, ends: dict[str, socket.socket]
    ) -> list[str]:
        virtualization = ",virtualization=on" if config.entry_level == 2 else ""
        arguments = [
            "-machine", f"virt,gic-version=2{virtualization}",
            "-cpu", "cortex-a72", "-smp", str(_CPUS), "-m", str(RAM_SIZE >> 20),
            *self._nodes(),
            "-nodefaults", "-no-user-config", "-display", "none",
            # Time is counted in instructions and jumps over idleness: no host clock in it.
            "-icount", "shift=0,sleep=off", "-rtc", "base=2026-01-01,clock=vm",
            "-seed", str(config.seed & 0xFFFF_FFFF),
            "-kernel", str(config.image), "-initrd", str(config.archive), "-append", bootargs,
            "-S", "-no-shutdown", "-no-reboot",
        ]
        if config.device_tree:
            arguments += ["-dtb", str(config.device_tree)]
        for name, end in ends.items():
            arguments += ["-chardev", f"socket,id={name},fd={end.fileno()}"]
        return arguments + [
            "-serial", "chardev:console", "-gdb", "chardev:gdb", "-qmp", "chardev:qmp",
        ]


    def _nodes(self) -> list[str]:
        """NUMA nodes: the first CPUs are at home on the first, the others on the other."""
        cpus = _CPUS // RAM_NODES
        arguments = []
        for node, (path, _, size) in enumerate(self.memory_banks):
            arguments += [
                "-object", f"memory-backend-file,id=ram{node},size={size},mem-path={path},share=on",
                "-numa", f"node,nodeid={node},memdev=ram{node},"
                f"cpus={node * cpus}-{(node + 1) * cpus - 1}",
            ]
        return [*arguments, "-numa", f"dist,src=0,dst=1,val={_DISTANCE}"]


def _open_log(folder: Path | None) -> IO[bytes]:
    if folder is None:
        return os.fdopen(os.memfd_create("orrery-qemu-log"), "w+b")
    return open(folder / "qemu.log", "w+b")


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
