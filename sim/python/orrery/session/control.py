# SPDX-License-Identifier: Apache-2.0
"""Control: who holds the run, and until when it goes on.

The rule is VCML's: the run goes on while no client holds it. A client holds it from its `stop`, the
end of its step, a breakpoint, or the time that it gave with `resume`, until its next `resume` or
`step`; one that goes away lets go. New clients hold nothing, but a run that was started to wait
waits for the first `resume` or `step` of any client. There is no simulated time in here but what is
told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .inspection import Refused

#: Slice while a CPU is stepped: the shortest quantum of the model's CPUs.
STEP_SLICE = 2_000


@dataclass(eq=False)
class Client:
    """What is known of one client."""

    #: Why it holds the run; None: it does not.
    reason: str | None = None
    #: Simulated time at which it wants to hold the run again.
    until: int | None = None
    #: Instructions of the CPUs that it steps, as they were before.
    steps: dict[str, int] = field(default_factory=dict)
    #: Its subscription to the trace, and how many records that keeps; 0: it has none.
    tap: Any = None
    tap_limit: int = 0

    def __getstate__(self) -> dict[str, Any]:
        # For another process, which makes a subscription of its own.
        return self.__dict__ | {"tap": None}

    def accepts(self, target: str, address: int) -> bool:
        """Whether a breakpoint of its own, which a CPU has come to, is to hold the run."""
        return True


class Control:
    """The state of the run as its clients want it."""

    def __init__(self, wait: bool) -> None:
        self.clients: list[Client] = []
        #: A client has asked for the end of the run.
        self.quitting = False
        #: Who that was.
        self.ended_by = "a client of the session"
        #: The run is on its way to another time, and goes on whoever holds it.
        self.travelling = False
        self._waiting = wait

    @property
    def held(self) -> bool:
        """Time is to stand still."""
        if self.travelling:
            return False
        return self._waiting or any(client.reason is not None for client in self.clients)

    def reason(self, client: Client) -> str | None:
        """Why the run is stopped in the eyes of a client; None if it runs."""
        if self.travelling:
            return None
        if client.reason is None and self._waiting:
            return "elaboration"
        return client.reason

    def resume(self, client: Client, until: int | None, steps: dict[str, int]) -> None:
        """A client lets go, until a time or until one of some CPUs has executed something."""
        if self.reason(client) is None:
            raise Refused("simulation running")
        self._waiting = False
        client.reason, client.until, client.steps = None, until, steps

    def stop(self, client: Client, reason: str) -> None:
        """A client holds the run, if it does not yet."""
        if self.reason(client) is None:
            self.hold(client, reason)

    def leave(self, client: Client) -> None:
        """A client is gone, and lets go."""
        self.clients.remove(client)

    def adopt(self, clients: list[Client]) -> None:
        """Takes over the clients of another process, on the way to another time."""
        self.clients = clients
        self._waiting, self.travelling = False, True

    def next_stop(self, now: int) -> int | None:
        """Nanoseconds from now to where somebody wants to look again; None: nobody does."""
        if self.travelling:
            return None
        times = [max(client.until - now, 0) for client in self.clients
                 if client.until is not None]
        if any(client.steps for client in self.clients):
            times.append(STEP_SLICE)
        return min(times, default=None)

    def passed(self, now: int, instructions: Callable[[str], int]) -> None:
        """Time has passed: holds for those who wanted it so far and no further."""
        if self.travelling:
            return
        for client in self.clients:
            if client.until is not None and now >= client.until:
                self.hold(client, "step")
                continue
            for target, before in client.steps.items():
                if instructions(target) != before:
                    self.hold(client, f"target:{target}:{now}")
                    break

    @staticmethod
    def hold(client: Client, reason: str) -> None:
        """A client holds the run from now on."""
        client.reason, client.until, client.steps = reason, None, {}
