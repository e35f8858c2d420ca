# SPDX-License-Identifier: Apache-2.0
"""Client for the GDB remote serial protocol, as far as holding a machine at a breakpoint needs it.

The protocol is described in the GDB manual, appendix E: a packet is `$data#sum`, acknowledged with
`+` or `-`. Numbers are hexadecimal; register values are in the target's byte order.
"""

from __future__ import annotations

import re
import socket

from .errors import SimulatorError

# Register numbers of AArch64 in org.gnu.gdb.aarch64.core.
_PC = 0x20


class GdbError(SimulatorError):
    """The debug stub answered with an error or not at all."""


class GdbClient:
    """Talks to a GDB stub over a connected socket.

    Commands wait for their answer; `resume` does not: afterwards `stopped` is to be asked whenever
    the socket can be read.
    """

    def __init__(self, connection: socket.socket, timeout: float = 30) -> None:
        self._socket = connection
        self._timeout = timeout
        self._buffer = bytearray()
        self._closed = False

    def start(self) -> None:
        """Agrees on the features that this client uses."""
        self.command("qSupported:xmlRegisters=aarch64;swbreak+;hwbreak+")
        # QEMU takes writes to single registers only from a client that has read what there are.
        self.command("qXfer:features:read:target.xml:0,ffb")

    def fileno(self) -> int:
        """The socket's descriptor, to wait for it together with others."""
        return self._socket.fileno()

    @property
    def closed(self) -> bool:
        """Whether the stub has closed the connection."""
        return self._closed

    def command(self, text: str) -> str:
        """Sends a command and returns the answer; raises `GdbError` for an error."""
        self._send(text)
        answer = self._receive(self._timeout)
        if answer is None:
            raise GdbError(f"the debug stub did not answer {text.partition(':')[0]}")
        if re.fullmatch(r"E[0-9a-fA-F]{2}", answer):
            raise GdbError(f"the debug stub refused {text.partition(':')[0]} ({answer})")
        return answer

    def insert_breakpoint(self, address: int) -> None:
        """Stops every CPU that is about to execute the instruction at `address`."""
        if self.command(f"Z0,{address:x},4") != "OK":
            raise GdbError("the debug stub has no breakpoints")

    def remove_breakpoint(self, address: int) -> None:
        """Undoes insert_breakpoint()."""
        if self.command(f"z0,{address:x},4") != "OK":
            raise GdbError("the debug stub does not remove a breakpoint")

    def resume(self) -> None:
        """Lets all CPUs run; does not wait."""
        self._send("c")

    def stopped(self) -> str | None:
        """The thread that stopped at a breakpoint, if that has come; never waits.

        Returns "" for a stop of another kind: the machine was paused from elsewhere.
        """
        answer = self._receive(0)
        if answer is None:
            return None
        if answer[:1] in ("W", "X"):
            self._closed = True
            return None
        match = re.match(r"T05.*?thread:([0-9a-fA-Fp.]+);", answer)
        return match.group(1) if match else ""

    def skip_instruction(self, thread: str) -> None:
        """Moves a stopped thread's program counter past one instruction."""
        self.command(f"Hg{thread}")
        counter = int.from_bytes(bytes.fromhex(self.command(f"p{_PC:x}")), "little") + 4
        if self.command(f"P{_PC:x}={counter.to_bytes(8, 'little').hex()}") != "OK":
            raise GdbError("the debug stub cannot set the program counter")

    def close(self) -> None:
        """Closes the connection."""
        self._closed = True
        self._socket.close()

    def _send(self, text: str) -> None:
        data = text.encode()
        try:
            self._socket.settimeout(self._timeout)
            self._socket.sendall(b"$" + data + b"#" + f"{sum(data) & 0xFF:02x}".encode())
        except OSError:
            self._closed = True

    def _receive(self, timeout: float) -> str | None:
        """The next packet, or None if there is none in time or the connection has ended."""
        while not self._closed:
            packet = self._take_packet()
            if packet is not None:
                return packet
            self._socket.settimeout(timeout)
            try:
                data = self._socket.recv(65536)
            except (BlockingIOError, TimeoutError):
                return None
            except OSError:
                data = b""
            if not data:
                self._closed = True
            self._buffer += data
        return None

    def _take_packet(self) -> str | None:
        start = self._buffer.find(b"$")
        end = self._buffer.find(b"#", start + 1)
        if start < 0 or end < 0 or len(self._buffer) < end + 3:
            return None
        data = bytes(self._buffer[start + 1 : end])
        given = bytes(self._buffer[end + 1 : end + 3])
        del self._buffer[: end + 3]
        if given != f"{sum(data) & 0xFF:02x}".encode():
            self._acknowledge(b"-")
            return self._take_packet()
        self._acknowledge(b"+")
        return data.decode("latin-1")

    def _acknowledge(self, sign: bytes) -> None:
        try:
            self._socket.settimeout(self._timeout)
            self._socket.sendall(sign)
        except OSError:
            self._closed = True
