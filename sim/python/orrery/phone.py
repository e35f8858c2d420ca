# SPDX-License-Identifier: Apache-2.0
"""Phone: what a scenario holds in its hands, the same on every backend."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from numbers import Real
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any

from . import backend as backends
from . import paths
from .archive import read_archive
from .console import Console
from .errors import (
    BatteryEmpty,
    KernelPanic,
    PoweredOff,
    SimulatorError,
    TimedOut,
    TimeLimit,
    Unsupported,
    UsageError,
)
from .energy import Energy, energy_of, power_metrics
from .metrics import Metrics
from .kernel_heap import KernelHeap, heap_metrics, kernel_heap_of
from .page_frames import PageFrames, frame_metrics, page_frames_of
from .parameters import Parameters, T, random_source
from .records import (
    Container,
    Cpu,
    CpuWork,
    Fault,
    MemoryCounts,
    Task,
    containers_of,
    cpus_of,
    epitaph_of,
    faults_of,
    tasks_of,
)
from .schedule import Schedule, schedule_of
from .units import format_duration, ms, s, whole

# Time goes on in slices of at most this much, so that whoever waits can be shown how far it is.
# A constant: where a run is cut must not depend on the host.
_SLICE = 250 * ms
# As Linux takes it on this architecture.
_LONGEST_COMMAND_LINE = 2048


class _NotOffered:
    """A part of a phone that scenarios may ask for by name and that no backend has yet."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, phone: Phone | None, owner: type) -> Any:
        if phone is None:
            return self
        raise Unsupported(f"phone.{self._name} is Unsupported: no phone on {phone.backend} has it")


class Phone:
    """A phone under a scenario's control.

    Time passes only inside `boot`, `run_for`, `run_until` and `console.wait_for`; between calls it
    stands still. All times are integers in nanoseconds.
    """

    touch = _NotOffered()
    display = _NotOffered()
    network = _NotOffered()
    modem = _NotOffered()
    wifi = _NotOffered()
    npu = _NotOffered()
    storage = _NotOffered()

    def __init__(
        self,
        backend: backends.Backend,
        *,
        name: str,
        archive: Path,
        seed: int = 7,
        parameters: Parameters | None = None,
        time_limit: int | None = None,
        on_progress: Callable[[int, str], None] | None = None,
    ) -> None:
        self._backend = backend
        self._name = name
        self._archive_path = archive
        self._seed = seed
        self._parameters = parameters or Parameters()
        self._time_limit = time_limit
        self._on_progress = on_progress
        self._booted = False
        self._over: str | None = None
        self._console = Console(self, self._type)
        self._metrics = Metrics(self._built_in_metrics, lambda: self.now)
        self._sources: dict[str, Random] = {}

    @classmethod
    def open(
        cls,
        program: str = "",
        *,
        on: str = "soc",
        machine: str = "phone8",
        seed: int = 7,
        bootargs: str = "",
        trace: Path | str | None = None,
        time_limit: int | None = None,
        cpu: str | None = None,
        fidelity: str | None = None,
        archive: Path | str | None = None,
    ) -> Phone:
        """A phone for interactive use, outside of any scenario file.

        `cpu` and `fidelity` are what `./orrery run` takes as `--cpu` and `--fidelity`, on `soc`
        only, and `archive` is its `--archive`. Use it with `with`, so that everything is given back::

            with orrery.Phone.open("bin/shell") as phone:
                phone.boot()
        """
        path = Path(archive) if archive else paths.initial_archive()
        config = backends.Config(
            machine=machine, seed=seed, archive=path, image=paths.kernel_image(),
            bootargs=boot_arguments(program, bootargs, tracing=trace is not None),
            trace=Path(trace) if trace else None, cpu=cpu, fidelity=fidelity,
        )
        machinery = backends.create(on, config)
        return cls(machinery, name=on, archive=path, seed=seed, time_limit=time_limit)

    def __enter__(self) -> Phone:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # Time

    def boot(self, timeout: int = 10 * s) -> None:
        """Switches the phone on and runs it until the kernel has started init."""
        if self._booted:
            raise UsageError("the phone has been booted already: a scenario boots it once")
        self._booted = True
        deadline = self.now + whole(timeout)
        self._backend.boot()
        while (state := self._backend.kernel().state) != "running":
            if state == "powered_off":
                return  # it did what it had to do, and quickly
            if self.now >= deadline:
                raise TimedOut(
                    f"the kernel had not started init after {format_duration(timeout)}"
                )
            self.advance(1 * ms, until_console=False)

    def run_for(self, duration: int) -> None:
        """Lets `duration` nanoseconds pass.

        Raises `PoweredOff` if the phone powers itself off before they have.
        """
        end = self.now + whole(duration)
        while self.now < end:
            if self.advance(end - self.now, until_console=False) == "powered_off":
                raise PoweredOff(
                    f"the phone powered itself off with code {self.power_off_code} "
                    f"while it was to run for {format_duration(duration)}"
                )

    def run_until(
        self, condition: Callable[[], object], timeout: int, every: int = 1 * ms
    ) -> None:
        """Lets time pass until `condition()` is true, asking every `every` nanoseconds.

        Time stands still while the condition is evaluated. Raises `TimedOut` if it has not come
        true within `timeout` nanoseconds, `PoweredOff` if the phone powers itself off before.
        """
        if whole(every) == 0:
            raise UsageError("run_until asks every so many nanoseconds: more than 0")
        deadline = self.now + whole(timeout)
        off = False
        while not condition():
            if off:
                raise PoweredOff(
                    f"the phone powered itself off with code {self.power_off_code} "
                    f"before {_name_of(condition)} was true"
                )
            if self.now >= deadline:
                raise TimedOut(
                    f"{_name_of(condition)} was not true within {format_duration(timeout)}"
                )
            step = min(every, deadline - self.now)
            off = self.advance(step, until_console=False) == "powered_off"

    def run_until_off(self, timeout: int) -> int:
        """Lets time pass until the phone powers itself off; returns its code."""
        deadline = self.now + whole(timeout)
        while self.now < deadline:
            if self.advance(deadline - self.now, until_console=False) == "powered_off":
                break
        code = self.power_off_code
        if code is None:
            raise TimedOut(f"the phone was still on after {format_duration(timeout)}")
        return code

    @property
    def now(self) -> int:
        """Simulated time since the phone was switched on."""
        return self._backend.now

    def advance(self, nanoseconds: int, until_console: bool) -> str:
        """Lets up to `nanoseconds` pass; says why it stopped: `time`, `console`, `powered_off`.

        The primitive under everything else, which scenarios seldom need. It may stop early with
        `time`: look at `now`. Raises `KernelPanic` if the kernel panics.
        """
        self._check_booted()
        if self._over:
            return self._over
        step = min(whole(nanoseconds), _SLICE)
        if self._time_limit is not None:
            step = min(step, self._time_limit - self.now)
            if step <= 0:
                limit = format_duration(self._time_limit)
                raise TimeLimit(f"the run reached its limit of {limit} of simulated time")
        try:
            reason = self._backend.run(step, until_console)
        except (SimulatorError, UsageError, Unsupported):
            raise
        except Exception as error:
            kind = type(error).__name__
            raise SimulatorError(f"the simulator failed: {kind}: {error}") from error
        self._console.feed(self._backend.console_take())
        if self._on_progress:
            self._on_progress(self.now, self._console.last_line)
        if reason == "panicked":
            raise KernelPanic(self._last_words())
        if reason == "battery_empty":
            raise BatteryEmpty("the battery (modelled) is empty: the phone is off")
        if reason == "powered_off":
            self._over = reason
        return reason

    # What the phone shows

    @property
    def console(self) -> Console:
        """The serial console."""
        return self._console

    @property
    def tasks(self) -> list[Task]:
        """Tasks as the kernel sees them now; one that has ended stays until it is waited for."""
        return tasks_of(self._kernel())

    @property
    def containers(self) -> list[Container]:
        """Containers as the kernel sees them now, by number: the root first."""
        return containers_of(self._kernel())

    @property
    def programs(self) -> list[str]:
        """Names of the programs that are running now."""
        return [task.name for task in self.tasks if task.state == "running"]

    @property
    def faults(self) -> list[Fault]:
        """The kernel's fault reports, oldest first; it keeps the newest 64."""
        return faults_of(self._kernel())

    @property
    def fault_count(self) -> int:
        """Number of faults since boot, those included whose reports are gone."""
        return self._kernel().fault_count

    @property
    def page_frames(self) -> PageFrames:
        """What the page-frame strategy shows of physical memory."""
        return page_frames_of(self._kernel(), self.now)

    @property
    def kernel_heap(self) -> KernelHeap:
        """What the allocator of kernel objects shows."""
        return kernel_heap_of(self._kernel(), self.now)

    @property
    def cpus(self) -> list[Cpu]:
        """What each CPU has done since boot."""
        return cpus_of(self._kernel())

    @property
    def schedule(self) -> Schedule:
        """How much each CPU is wanted, and how long threads have waited for one."""
        return schedule_of(self._kernel())

    @property
    def cpu_work(self) -> list[CpuWork]:
        """Instructions and cycles of each CPU, by level; only on the model."""
        return [CpuWork(**work) for work in self._backend.cpu_work()]

    @property
    def memory_counts(self) -> list[MemoryCounts]:
        """Misses of each CPU's caches and TLBs, and its branches; modelled.

        Raises `Unsupported` but with `--fidelity memory`.
        """
        return [MemoryCounts(**counts) for counts in self._backend.memory_counts()]

    @property
    def cpu_count(self) -> int:
        """Number of CPUs the kernel has found."""
        return len(self._kernel().cpus)

    @property
    def power_off_code(self) -> int | None:
        """Code with which the phone powered itself off; None while it is on."""
        view = self._kernel()
        return view.power_off_code if view.state == "powered_off" else None

    def configure_power(
        self,
        *,
        ambient_celsius: float | None = None,
        battery_percent: float | None = None,
        trip_celsius: float | None = None,
        autonomous_sleep: bool | None = None,
    ) -> None:
        """Chooses, before `boot`, what the power model starts with; None leaves the machine's own.

        `trip_celsius` is where throttling begins. With `autonomous_sleep` cores that wait long
        enough are powered down, and need time to wake up. Raises `Unsupported` on QEMU.
        """
        if self._booted:
            raise UsageError("power is configured before phone.boot()")
        for name, value, low, high in (
            ("ambient_celsius", ambient_celsius, -40, 150),
            ("battery_percent", battery_percent, 0, 100),
            ("trip_celsius", trip_celsius, -40, 200),
        ):
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, Real):
                raise UsageError(f"{name} is a number, not {value!r}")
            if not low <= value <= high:
                raise UsageError(f"{name} lies between {low} and {high}, not at {value}")
        if autonomous_sleep is not None and not isinstance(autonomous_sleep, bool):
            raise UsageError(f"autonomous_sleep is True or False, not {autonomous_sleep!r}")
        self._backend.configure_power({
            "ambient_celsius": ambient_celsius, "battery_percent": battery_percent,
            "trip_celsius": trip_celsius, "autonomous_sleep": autonomous_sleep,
        })

    def energy(self) -> Energy:
        """Energy, clocks, temperatures and battery since power-on: modelled, see docs/energy.md.

        Raises `Unsupported` where power is not modelled.
        """
        report = self._backend.power()
        if report is None:
            raise Unsupported(f"phone.energy() is Unsupported: {self.backend} models no power")
        return energy_of(report)

    @property
    def metrics(self) -> Metrics:
        """Metrics of this run: look them up by name, add to them with `metrics.record`."""
        return self._metrics

    @cached_property
    def archive(self) -> dict[str, bytes]:
        """Files of the archive the phone boots with, name -> contents."""
        try:
            return read_archive(self._archive_path.read_bytes())
        except OSError as error:
            reason = error.strerror or str(error)
            raise UsageError(f"{self._archive_path} cannot be read: {reason}") from error

    @property
    def backend(self) -> str:
        """Name of the machine the phone runs on: `soc` or `qemu`."""
        return self._name

    # What the scenario asks for

    def parameter(self, name: str, default: T) -> T:
        """A parameter of the scenario: what `--set name=value` gave, else `default`.

        The default's type is the parameter's: bool, int (durations such as `20ms` too), float
        or str.
        """
        return self._parameters.get(name, default)

    @property
    def seed(self) -> int:
        """Seed of everything random in this run: `--seed`, else the scenario's own."""
        return self._seed

    def random(self, purpose: str = "") -> Random:
        """A source of random numbers that the run's seed determines, a stream for each purpose.

        The same seed and purpose give the same numbers in every variant of a comparison, whatever
        is drawn for other purposes::

            pause = phone.random("pauses").randrange(10 * ms)
        """
        if purpose not in self._sources:
            self._sources[purpose] = random_source(self._seed, purpose)
        return self._sources[purpose]

    def require(self, feature: str) -> None:
        """Raises `Unsupported` unless this phone offers `feature`."""
        part = getattr(type(self), feature, None)
        if part is None or feature.startswith("_"):
            raise Unsupported(f"phone.{feature} is Unsupported: a phone has no such part")
        if isinstance(part, _NotOffered):
            getattr(self, feature)

    def finish(self) -> None:
        """Completes the trace. No time passes afterwards."""
        self._backend.finish()

    def close(self) -> None:
        """Gives everything back that the phone uses on this host."""
        self._backend.close()

    def _last_words(self) -> str:
        """What is known of a panic: the epitaph, and what the kernel logged right before it."""
        epitaph = epitaph_of(self._backend.kernel())
        before = self._console.text.partition("kernel panic")[0].rstrip().rpartition("\n")[2]
        if epitaph is None:
            return "the kernel panicked: it left no epitaph"
        news = before and not before.endswith(epitaph.message)
        said = f'; last on the console: "{before}"' if news else ""
        return f"the kernel panicked: {epitaph}{said}"

    def _check_booted(self) -> None:
        if not self._booted:
            raise UsageError("the phone is off: a scenario begins with phone.boot()")

    def _kernel(self) -> Any:
        self._check_booted()
        return self._backend.kernel()

    def _type(self, data: bytes) -> None:
        self._check_booted()
        self._backend.console_send(data)

    def _built_in_metrics(self) -> dict[str, tuple[float, str]]:
        if not self._booted:
            return {}
        view = self._backend.kernel()
        values: dict[str, tuple[float, str]] = {"simulated_time": (self.now / s, "s")}
        if not view.present:
            return values
        if view.init_ns:
            values["boot.to_init"] = ((view.init_ns - view.boot_ns) / s, "s")
        cpus = cpus_of(view)
        elapsed = self.now - view.boot_ns
        for cpu in cpus:
            busy = min(1.0, cpu.busy_time / elapsed) if elapsed > 0 else 0.0
            values[f"cpu{cpu.number}.busy"] = (round(busy, 9), "")
        for counter in ("system_calls", "interrupts", "faults", "context_switches"):
            values[counter] = (sum(getattr(cpu, counter) for cpu in cpus), "")
        values |= frame_metrics(view, self.now)
        values |= {
            f"memory.{name}": (value, "B" if name.endswith("_bytes") else "")
            for name, value in view.memory
        }
        values |= heap_metrics(view)
        report = self._backend.power()
        return values | (power_metrics(report) if report is not None else {})


def boot_arguments(
    program: str, more: str = "", tracing: bool = False, recording: bool = False
) -> str:
    """The kernel command line that has init start `program`."""
    words = ["init=bin/init"]
    if tracing:
        words.append("trace=on")
    if recording:
        words.append("record_allocations=on")
    for part, text in (("program", program), ("bootargs", more)):
        if not (isinstance(text, str) and text.isascii() and text.isprintable()):
            raise UsageError(f"{part} is printable ASCII text, not {text!r}")
    if more:
        words.append(more)
    if program:
        words += ["--", program]
    line = " ".join(words)
    if len(line) > _LONGEST_COMMAND_LINE:
        raise UsageError(
            f"a kernel command line has at most {_LONGEST_COMMAND_LINE} characters, "
            f"not {len(line)}"
        )
    return line


def _name_of(condition: Callable[[], object]) -> str:
    name = getattr(condition, "__name__", "")
    if name and name != "<lambda>":
        return f"{name}()"
    code = getattr(condition, "__code__", None)
    return f"the condition at line {code.co_firstlineno}" if code else "the condition"
