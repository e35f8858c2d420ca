# SPDX-License-Identifier: Apache-2.0
"""Snapshots: copies of the run's process, made with fork, that sleep until they are woken.

A snapshot is the whole process at a moment: the phone's memory, the simulation, the scenario in the
middle of its function. Memory is shared until somebody writes to it. A snapshot that is woken stays
as it is and makes a copy of itself, which goes on; so one can be gone back to again.

A snapshot holds one end of a socket and whoever has the run the other; it ends when nobody has
that any more. Invariant: their number and what they keep of memory are bounded.
"""

from __future__ import annotations

import os
import pickle
import resource
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from .front import Front
from .journal import Position

#: Snapshots at a time, and bytes of memory that they may keep beside the run's own.
MOST = 64
MOST_BYTES = 4 << 30

_SIZE = struct.Struct("=Q")
_PAGE = resource.getpagesize()
# Descriptors of one message: Linux's SCM_MAX_FD is 253.
_MOST_DESCRIPTORS = 253


class Gone(Exception):
    """A snapshot could not be woken."""


@dataclass(frozen=True)
class Snapshot:
    """A process that sleeps, and what it is a copy of."""

    position: Position
    #: How many changes of the journal are behind it.
    done: int
    #: It is of the first moment of its time, before anybody has done anything then.
    first: bool
    #: Bytes that it keeps at most beyond what the one before it keeps.
    bytes: int
    wake: socket.socket | None = None

    @property
    def time(self) -> int:
        """Simulated time."""
        return self.position.time


@dataclass
class Message:
    """What a woken snapshot is told."""

    state: Any
    #: Of the clients, in the order in which they were given.
    sockets: list[socket.socket]
    snapshots: list[Snapshot]
    #: On it the one who has the run hears that it has been taken over.
    baton: socket.socket


class Snapshots:
    """The snapshots of a run, oldest first.

    `release` lets go of what only the one who has the run may hold: the clients' sockets.
    """

    def __init__(self, front: Front, interval: int, release: Callable[[], None]) -> None:
        self._front = front
        self.interval = interval
        self._release = release
        self.all: list[Snapshot] = []
        #: Why none is taken at present; empty: one is.
        self.trouble = ""
        self._tried = 0  # when that was
        self._children: list[int] = []  # that this process has made
        self._faults = _faults()

    def due(self, position: Position) -> int:
        """Nanoseconds until the next one is to be taken; 0: now."""
        before = [one.time for one in self.all if one.position <= position]
        after = [one.time for one in self.all if one.position > position]
        if self.trouble and position.time >= self._tried:
            before.append(self._tried)
        if not before:
            return 0
        # Where there are some already there need not be more.
        if after and after[0] - position.time <= self.interval // 2:
            return after[0] - position.time + self.interval
        return max(before[-1] // self.interval * self.interval + self.interval - position.time, 0)

    def take(self, position: Position, done: int, first: bool) -> Message | None:
        """Takes one. Returns None, and a message when it is woken, in another process."""
        self._reap()
        self.trouble = _obstacle()
        if self.trouble:
            self._tried = position.time
            return None
        faults, self._faults = self._faults, _faults()
        ours, theirs = socket.socketpair()
        try:
            child = os.fork()
        except OSError as error:
            self.trouble = f"this host has no room for one more process: {error.strerror}"
            self._tried = position.time
            ours.close()
            theirs.close()
            return None
        if child == 0:
            ours.close()
            return self._sleep(theirs)
        theirs.close()
        self._children.append(child)
        self.all.append(Snapshot(position, done, first, (self._faults - faults) * _PAGE, ours))
        self.all.sort(key=lambda one: one.position)
        self._bound(position.time)
        return None

    @property
    def bytes(self) -> int:
        """What they keep of memory at most, beside the run's own."""
        return sum(one.bytes for one in self.all[1:])

    def newest(self, time: int) -> Snapshot | None:
        """The newest one from which the first moment of a time can be reached."""
        return max((one for one in self.all if one.time < time or (one.first and one.time == time)),
                   key=lambda one: (one.position, one.done), default=None)

    def drop_after(self, position: Position) -> None:
        """Ends those that lie behind a position."""
        self.drop([one for one in self.all if one.position > position])

    def drop(self, some: list[Snapshot]) -> None:
        """Ends some."""
        for one in some:
            self.all.remove(one)
            if one.wake is not None:
                one.wake.close()

    def wake(
        self, chosen: Snapshot, state: Any, sockets: list[socket.socket],
        stay: tuple[Position, int, bool] | None,
    ) -> Message:
        """Gives the run away to a copy of a snapshot.

        With `stay` this process sleeps as one itself, and returns when it is woken; without, it
        ends. Raises `Gone` if the other could not be woken: then it has ended, and this process
        still has the run.
        """
        baton, other = socket.socketpair()
        ours, theirs = socket.socketpair()
        kept = list(self.all)
        if stay is not None:
            kept.append(Snapshot(*stay, (_faults() - self._faults) * _PAGE, ours))
            kept.sort(key=lambda one: one.position)
        shown = [replace(one, wake=None) for one in kept]
        payload = pickle.dumps((state, shown))
        held = [one.wake for one in kept]
        descriptors = [one.fileno() for one in (other, *held, *sockets) if one is not None]
        try:
            assert chosen.wake is not None
            _send(chosen.wake, payload, descriptors)
            other.close()
            taken = baton.recv(1)
        except OSError:
            taken = b""
        for one in (other, baton, ours):
            one.close()
        if not taken:
            theirs.close()
            self.drop([chosen])
            raise Gone("the snapshot has ended")
        if stay is None:
            os._exit(0)
        return self._sleep(theirs)

    def adopt(self, message: Message, here: Position) -> None:
        """This process has the run now, and these snapshots."""
        self.all = message.snapshots
        self._front.take_over()
        message.baton.sendall(b"+")
        message.baton.close()
        self._bound(here.time)

    def _sleep(self, end: socket.socket) -> Message:
        """Sleeps, and returns in a new process whenever it is woken."""
        for one in self.all:
            if one.wake is not None:
                one.wake.close()
        self.all, self._children = [], []
        self._release()
        while True:
            received = _receive(end)
            if received is None:
                os._exit(0)
            payload, descriptors = received
            try:
                awake = self._front.branch()
            except OSError:
                awake = False  # whoever wanted it hears so: the baton's other end is closed
            if awake:
                end.close()
                self._faults = _faults()
                return _message(payload, descriptors)
            for descriptor in descriptors:
                os.close(descriptor)

    def _bound(self, here: int) -> None:
        """Ends some while there are too many."""
        while len(self.all) > 2 and (
            len(self.all) > MOST or self.bytes > MOST_BYTES
        ):
            self._thin(here)

    def _thin(self, here: int) -> None:
        """Ends the one that is missed least: of the smallest gap, as seen from here.

        So they are dense here and sparser the farther away. The first one and the last one stay.
        """
        def loss(place: int) -> float:
            gap = self.all[place + 1].time - self.all[place - 1].time
            return gap / (abs(here - self.all[place].time) + self.interval)

        place = min(range(1, len(self.all) - 1), key=loss)
        ended, after = self.all[place], self.all[place + 1]
        # The later one may keep now what both did, but none keeps more than there is.
        both = min(ended.bytes + after.bytes, _resident())
        self.all[place + 1] = replace(after, bytes=max(ended.bytes, after.bytes, both))
        self.drop([ended])

    def _reap(self) -> None:
        self._children = [child for child in self._children if not _ended(child)]


def _send(end: socket.socket, payload: bytes, descriptors: list[int]) -> None:
    assert len(descriptors) <= _MOST_DESCRIPTORS
    socket.send_fds(end, [_SIZE.pack(len(payload))], descriptors)
    end.sendall(payload)


def _receive(end: socket.socket) -> tuple[bytes, list[int]] | None:
    """A message and its descriptors; None when nobody can send one any more."""
    try:
        header, descriptors, _, _ = socket.recv_fds(
            end, _SIZE.size, _MOST_DESCRIPTORS, socket.MSG_WAITALL | socket.MSG_CMSG_CLOEXEC)
        if len(header) < _SIZE.size:
            return None
        payload = end.recv(_SIZE.unpack(header)[0], socket.MSG_WAITALL)
    except OSError:
        return None
    return payload, descriptors


def _message(payload: bytes, descriptors: list[int]) -> Message:
    state, snapshots = pickle.loads(payload)
    baton, *sockets = [socket.socket(fileno=one) for one in descriptors]
    count = len(snapshots)
    held = [replace(one, wake=end) for one, end in zip(snapshots, sockets)]
    return Message(state, sockets[count:], held, baton)


def _faults() -> int:
    """Pages that this process has got so far: as many copies has it made at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def _resident() -> int:
    """Bytes of memory that this process has."""
    with open("/proc/self/statm", encoding="ascii") as shown:
        return int(shown.read().split()[1]) * _PAGE


def _obstacle() -> str:
    """Why this process cannot be copied; empty if it can."""
    threads = len(os.listdir("/proc/self/task"))
    if threads == 1:
        return ""
    return (f"the run's process has {threads} threads, and a copy would have one: "
            "let the scenario start none")


def _ended(child: int) -> bool:
    try:
        return os.waitpid(child, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return True
