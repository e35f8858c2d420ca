# SPDX-License-Identifier: Apache-2.0
"""Everything that can end a run early, each with the verdict and the exit code it leads to."""

from __future__ import annotations

EXIT_PASSED = 0
EXIT_FAILED = 1  # an expectation of the scenario failed
EXIT_USAGE = 2  # the scenario or the command line is wrong
EXIT_SIMULATOR = 3  # the simulator or the kernel failed
EXIT_LIMIT = 4  # a time limit was reached
EXIT_INTERRUPTED = 130  # Ctrl-C, or `quit` of a session

# Several scenarios end with the exit code that says most about what to do next.
SEVERITY = (EXIT_INTERRUPTED, EXIT_USAGE, EXIT_SIMULATOR, EXIT_LIMIT, EXIT_FAILED, EXIT_PASSED)


def most_severe(codes: list[int]) -> int:
    """The exit code that stands for several: 130, 2, 3, 4, 1 and 0 in this order."""
    return next((code for code in SEVERITY if code in codes), EXIT_PASSED)


class UsageError(Exception):
    """The scenario or the command line asks for something that makes no sense (exit code 2)."""


class Unsupported(Exception):
    """The phone, or the machine it runs on, does not offer what was asked for (exit code 2)."""


class TimedOut(AssertionError):
    """A condition was not met in the simulated time given to it (exit code 1)."""


class PoweredOff(AssertionError):
    """The phone powered itself off while the scenario still needed it (exit code 1)."""


class BatteryEmpty(PoweredOff):
    """The phone's battery became empty while the scenario still needed it (exit code 1)."""


class SimulatorError(Exception):
    """The simulator failed, not the scenario (exit code 3)."""


class KernelPanic(SimulatorError):
    """The kernel of the phone panicked; the message is its epitaph (exit code 3)."""


class TimeLimit(BaseException):
    """The run reached its limit in simulated time (exit code 4).

    Not an `Exception`, so that no `except Exception` in a scenario keeps a run alive.
    """


class SessionQuit(BaseException):
    """A client of the session ended the run (exit code 130).

    Not an `Exception`, for the same reason.
    """
