# SPDX-License-Identifier: Apache-2.0
"""The phone in SystemC, in this process."""

from __future__ import annotations

import hashlib
from typing import Any

from . import paths
from .backend import CPU_KINDS, DEFAULT_FIDELITY, Config
from .errors import SimulatorError, Unsupported, UsageError
from .image import check_image
from .session.soc_inspection import SocInspection
from .units import s

# Simulated time that a kernel has for its first words: a thousand times what it needs.
_START_PATIENCE = 1 * s


class SocBackend:
    """`--on soc`: the phone as a model.

    `--cpu native` runs the kernel's host build natively and EL0 on Unicorn, `--cpu iss` the
    kernel's image with all its programs on Unicorn.
    """

    def __init__(self, config: Config) -> None:
        if config.entry_level != 1:
            raise Unsupported("the phone in SystemC has no entry at EL2: use --on qemu")
        cpu = config.cpu or CPU_KINDS[0]
        self._fidelity = config.fidelity or DEFAULT_FIDELITY
        self._native = paths.native(memory=self._fidelity == "memory" and cpu == "native")
        self._image = config.image if cpu == "iss" else None
        self._started = False
        for path in filter(None, (self._image, config.archive)):
            if not path.is_file():
                raise UsageError(f"{paths.display(path)} is missing: run ./orrery build first")
        if self._image:
            check_image(self._image)
        try:
            self._phone = self._native.Phone({
                "machine": config.machine,
                "cpu": cpu,
                "image": str(config.image),
                "seed": config.seed,
                "fidelity": self._fidelity,
                "archive": str(config.archive),
                "bootargs": config.bootargs,
                "trace": str(config.trace) if config.trace else None,
                "allocations": str(config.allocations) if config.allocations else None,
                "device_tree": str(config.device_tree) if config.device_tree else None,
                "huge_pages": config.huge_pages,
            })
        except RuntimeError as error:
            raise SimulatorError(str(error)) from error

    def boot(self) -> None:
        """Switches the phone on."""
        self._call(self._phone.boot)

    def run(self, nanoseconds: int, until_console: bool) -> str:
        """Runs the model."""
        reason = self._call(self._phone.run, nanoseconds, until_console)
        if not self._started:
            self._look_for_life()
        return reason

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

    def memory_counts(self) -> list[dict[str, int]]:
        """Counted by the model of caches, translation and branches, where there is one."""
        if self._fidelity != "memory":
            raise Unsupported(
                f"phone.memory_counts is Unsupported at --fidelity {self._fidelity}, "
                "which models no caches: choose --fidelity memory")
        return self._phone.memory_counts

    def inspection(self) -> SocInspection:
        """The simulation from inside."""
        return SocInspection(self._native, self._phone, self._image)

    def versions(self) -> dict[str, str]:
        """Version of the simulator."""
        versions = {"orrery": self._native.version()}
        if self._image:
            versions["image"] = hashlib.sha256(self._image.read_bytes()).hexdigest()
        return versions

    def finish(self) -> None:
        """Completes the trace."""
        self._call(self._phone.finish)

    def close(self) -> None:
        """The model lives as long as the process: there can be one SystemC phone in it."""

    def _look_for_life(self) -> None:
        self._started = self._phone.kernel().present
        if not self._started and self.now > _START_PATIENCE:
            raise SimulatorError("the kernel does not start: is its image whole?")

    @staticmethod
    def _call(function: Any, *arguments: Any) -> Any:
        # What the C++ side throws is the simulator's own failure, said in one sentence there.
        try:
            return function(*arguments)
        except RuntimeError as error:
            raise SimulatorError(str(error)) from error
