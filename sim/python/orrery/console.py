# SPDX-License-Identifier: Apache-2.0
"""The phone's serial console, used in the manner of expect."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import Protocol

from .errors import PoweredOff, TimedOut, UsageError
from .units import format_duration, ms, s, whole

# How long the console must be silent before a match at the very end of the output is believed.
_SETTLE = 1 * ms


class _Machine(Protocol):
    """What the console needs of the phone."""

    @property
    def now(self) -> int: ...

    def advance(self, nanoseconds: int, until_console: bool) -> str: ...


class Console:
    """The serial console: what the phone has written, and a keyboard.

    Output is text: UTF-8 with lines that end in a single newline.
    """

    def __init__(self, machine: _Machine, send: Callable[[bytes], None]) -> None:
        self._machine = machine
        self._send = send
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._position = 0

    @property
    def text(self) -> str:
        """Everything the phone has written so far."""
        return self._text

    @property
    def unmatched(self) -> str:
        """What the phone has written since the last match of `wait_for`."""
        return self._text[self._position :]

    @property
    def last_line(self) -> str:
        """The newest line that is not empty, whole or not."""
        return self._text[-400:].rstrip().rpartition("\n")[2]

    def wait_for(self, pattern: str | re.Pattern[str], timeout: int = 10 * s) -> re.Match[str]:
        """Lets time pass until the output after the last match matches a regular expression.

        `^` and `$` stand for the ends of lines. A match that touches the end of the output counts
        only after the console has been silent for a millisecond, so that `(\\d+)` never takes half
        a number. Raises `TimedOut` when nothing matches within `timeout` nanoseconds.
        """
        compiled = self._compile(pattern)
        deadline = self._machine.now + whole(timeout)
        while True:
            match = compiled.search(self._text, self._position)
            if match and (match.end() < len(self._text) or self._settled(deadline)):
                self._position = match.end()
                return match
            if match:
                continue
            left = deadline - self._machine.now
            if left <= 0:
                self._fail(compiled, f"within {format_duration(timeout)}")
            if self._machine.advance(left, until_console=True) == "powered_off":
                self._after_power_off(compiled)

    def expect_silence(self, duration: int) -> None:
        """Lets `duration` pass and fails if the phone writes anything meanwhile."""
        before = len(self._text)
        end = self._machine.now + whole(duration)
        while self._machine.now < end:
            reason = self._machine.advance(end - self._machine.now, until_console=True)
            new = self._text[before:]
            if new:
                raise AssertionError(f'the console was to be silent but wrote "{new.strip()}"')
            if reason == "powered_off":
                return

    def send(self, text: str) -> None:
        """Types `text`, as it is."""
        self._send(text.encode())

    def send_line(self, text: str = "") -> None:
        """Types `text` and presses enter (a carriage return, as a terminal sends it)."""
        self.send(text + "\r")

    def feed(self, data: bytes) -> None:
        """Takes in output of the phone; for the phone itself."""
        self._text += self._decoder.decode(data).replace("\r", "")

    def _settled(self, deadline: int) -> bool:
        # A phone that is off says no more, and past the deadline there is no more waiting.
        length = len(self._text)
        end = min(self._machine.now + _SETTLE, deadline)
        while self._machine.now < end:
            left = end - self._machine.now
            if self._machine.advance(left, until_console=True) == "powered_off":
                break
            if len(self._text) != length:
                return False
        return len(self._text) == length

    def _after_power_off(self, pattern: re.Pattern[str]) -> None:
        # The last words may have come with the power-off: a match in them is as good as any.
        if not pattern.search(self._text, self._position):
            self._fail(pattern, "before the phone powered itself off", PoweredOff)

    def _fail(
        self, pattern: re.Pattern[str], when: str, kind: type[AssertionError] = TimedOut
    ) -> None:
        tail = self.unmatched.strip().splitlines()[-3:]
        said = "; it said: " + " | ".join(tail) if tail else "; it said nothing"
        raise kind(f'the console did not show "{pattern.pattern}" {when}{said}')

    @staticmethod
    def _compile(pattern: str | re.Pattern[str]) -> re.Pattern[str]:
        try:
            return re.compile(pattern, re.MULTILINE) if isinstance(pattern, str) else pattern
        except re.error as error:
            raise UsageError(f'"{pattern}" is not a regular expression: {error}') from error
