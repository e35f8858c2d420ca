# SPDX-License-Identifier: Apache-2.0
"""The phone in SystemC, in this process."""

from __future__ import annotations

from typing import Any

from . import paths
from .backend import Config
from .errors import SimulatorError, Unsupported, UsageError


class SocBackend:
    """`--on soc`: the phone as a model, the kernel's host build, EL0 on Unicorn."""

    def __init__(self, config: Config) -> None:
        if config.entry_level != 1:
            raise Unsupported("the kernel's host build has no entry at EL2: use --on qemu")
        self._native = paths.native()
        if not config.archive.is_file():
            raise UsageError(
                f"{paths.display(config.archive)} is missing: run ./orrery build first"
            )
        try:
            self._phone = self._native.Phone({
                "machine": config.machine,
                "cpu": config.cpu,
                "image": str(config.image),
                "seed": config.seed,
                "fidelity": config.fidelity,
                "archive": str(config.archive),
                "bootargs": config.bootargs,
                "trace": str(config.trace) if config.trace else None,
                "device_tree": str(config.device_tree) if config.device_tree else None,
            })
        except RuntimeError as error:
            raise SimulatorError(str(error)) from error

    def boot(self) -> None:
        """Switches the phone on."""
        self._call(self._phone.boot)

    def run(self, nanoseconds: int, until_console: bool) -> str:
        """Runs the model."""
        return self._call(self._phone.run, nanoseconds, until_console)

    @property
    def now(self) -> int:
        """Time of the model."""
        return self._phone.now

    def console_take(self) -> bytes:
        """Output of the UART since the last call."""
        return self._phone.console_take()

    def console_send(self, data: bytes) -> None:
        """Input for the UART."""
        self._phone.console_send(data)

    def kernel(self) -> Any:
        """The kernel's view of itself."""
        return self._phone.kernel()

    def configure_power(self, choices: dict[str, Any]) -> None:
        """Chooses ambience and battery."""
        self._call(self._phone.configure_power, choices)

    def power(self) -> Any:
        """What the power model has counted."""
        return self._phone.power()

    def cpu_work(self) -> list[dict[str, float]]:
        """Counted by the model."""
        return self._phone.cpu_work

    def versions(self) -> dict[str, str]:
        """Version of the simulator."""
        return {"orrery": self._native.version()}

    def finish(self) -> None:
        """Completes the trace."""
        self._call(self._phone.finish)

    def close(self) -> None:
        """The model lives as long as the process: there can be one SystemC phone in it."""

    @staticmethod
    def _call(function: Any, *arguments: Any) -> Any:
        # What the C++ side throws is the simulator's own failure, said in one sentence there.
        try:
            return function(*arguments)
        except RuntimeError as error:
            raise SimulatorError(str(error)) from error
