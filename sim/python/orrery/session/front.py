# SPDX-License-Identifier: Apache-2.0
"""Front: the process before a run that can be taken back, in which the run itself changes hands.

Whoever started the run waits for one process and takes its exit code. With snapshots the run is in
one process now and in another later, so that one process does nothing else: it is the parent of
whichever has the run, ends as that one ends, and takes all of them with it when it is killed. Which
process has the run stands in a page that all of them share.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import struct

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
_PID = struct.Struct("=i")


class Front:
    """What the run's processes know of the process before them."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._page = mmap.mmap(-1, mmap.PAGESIZE)  # shared by all that are forked

    @classmethod
    def begin(cls) -> Front:
        """Becomes the front, and returns in a new process, which has the run.

        Precondition: this process has one thread and no children.
        """
        front = cls()
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)
        child = os.fork()
        if child != 0:
            front._set_owner(child)
            front._stand(child)
        front._belong()
        return front

    def branch(self) -> bool:
        """Makes a copy of this process, a child of the front; returns whether this is the copy.

        A copy's parent is the front, by way of a process between them that ends at once: so the
        copy lives on without whom it was made of, and ends with the front.
        """
        between = os.fork()
        if between != 0:
            _, status = os.waitpid(between, 0)
            if status != 0:
                raise OSError(f"a process could not be made (status {status})")
            return False
        between = os.getpid()
        try:
            child = os.fork()
        except OSError:
            os._exit(1)
        if child != 0:
            os._exit(0)
        while os.getppid() == between:
            os.sched_yield()
        self._belong()
        return True

    def take_over(self) -> None:
        """This process has the run from now on."""
        self._set_owner(os.getpid())

    def _belong(self) -> None:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self.pid:
            os._exit(1)  # it was killed just now

    def _stand(self, child: int) -> None:
        """Waits for the end of the run, and ends as it did."""
        while True:
            ended, status = os.wait()
            if ended == self._owner():
                break
        code = os.waitstatus_to_exitcode(status)
        if code < 0:
            if -code not in _FIXED:
                signal.signal(-code, signal.SIG_DFL)
            os.kill(os.getpid(), -code)
        os._exit(code)

    def _set_owner(self, pid: int) -> None:
        _PID.pack_into(self._page, 0, pid)

    def _owner(self) -> int:
        return int(_PID.unpack_from(self._page, 0)[0])


# Signals whose effect cannot be chosen.
_FIXED = (signal.SIGKILL, signal.SIGSTOP)


def _prctl(option: int, value: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
