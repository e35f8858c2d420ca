# SPDX-License-Identifier: Apache-2.0
"""Runs one scenario in this process and leaves its results in a folder.

`python3 -m orrery.runner JOB` is started by the driver, a process for each scenario, with the job
as JSON. What happens meanwhile goes to the job's report descriptor, a JSON object a line.
"""

from __future__ import annotations

import json
import math
import os
import platform
import socket
import sys
import time
import traceback
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from . import allocation_trace, backend, checkpoint, explain, paths, scenarios
from .archive import with_files
from .errors import (
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_LIMIT,
    EXIT_PASSED,
    EXIT_SIMULATOR,
    EXIT_USAGE,
    SessionQuit,
    SimulatorError,
    TimeLimit,
    Unsupported,
    UsageError,
)
from .metrics import as_csv, curves_csv, maps_csv, samples_csv, series_csv
from .parameters import Parameters, Preparation
from .phone import Phone, boot_arguments
from .records import epitaph_of, fault_as_dict, task_as_dict
from .run_folder import (
    UNFINISHED_ALLOCATIONS,
    UNFINISHED_ARCHIVE,
    UNFINISHED_TRACE,
    verdict_of,
    write_result,
)
from .session import Controlled, Front, Plan
from .units import format_duration

# Host seconds between two reports of progress.
_REPORT_EVERY = 0.1


@dataclass
class Job:
    """One scenario to run, and how."""

    file: str
    scenario: str
    on: str
    folder: str
    settings: dict[str, str] = field(default_factory=dict)
    seed: int | None = None
    time_limit: int | None = None
    trace: bool = False
    record_allocations: str | None = None
    archive: str | None = None
    image: str | None = None
    device_tree: str | None = None
    entry_level: int = 1
    cpu: str | None = None
    fidelity: str | None = None
    bootargs: str = ""
    verbose: bool = False
    # Descriptor of the socket that a session is served on, and whether the run begins held.
    session: int | None = None
    session_wait: bool = False
    # The same for GDB.
    gdb: int | None = None
    gdb_wait: bool = False
    # Simulated time between two snapshots to go back to; 0: there are none.
    snapshots: int = 0
    # File of the checkpoint that the run is to continue from.
    restore: str | None = None
    # Simulated time at which to make a checkpoint, and its file: the run ends with it.
    checkpoint_at: int | None = None
    checkpoint: str | None = None
    report: int | None = None

    @property
    def label(self) -> str:
        """The machine's name in what people read."""
        return backend.label(self.on, self.cpu)

    def to_json(self) -> str:
        """The job as the runner's argument."""
        return json.dumps(asdict(self))


class Runner:
    """Runs a job: loads the scenario, holds the phone, writes down what came of it."""

    def __init__(self, job: Job, front: Front | None = None) -> None:
        self._job = job
        self._front = front
        # Absolute: the scenario may change into another folder.
        self._path = Path(job.file).absolute()
        self._folder = Path(job.folder).absolute()
        self._parameters = Parameters(job.settings)
        self._scenario: scenarios.Scenario | None = None
        self._phone: Phone | None = None
        self._backend: backend.Backend | None = None
        self._started = time.monotonic()
        self._reported = 0.0
        self._logged = 0

    def run(self) -> int:
        """Runs the job and returns its exit code."""
        code, message = self._outcome()
        result = self._result(code, message)
        if self._backend is not None:
            self._backend.close()
        write_result(self._folder, result)
        self._report({"event": "end"})
        return code

    def _outcome(self) -> tuple[int, str]:
        """Runs the scenario; every way it can end, as exit code and message."""
        try:
            self._play()
            if unknown := self._parameters.unknown():
                return EXIT_USAGE, unknown
            return EXIT_PASSED, ""
        except checkpoint.Written:
            unknown = self._parameters.unknown()
            return (EXIT_USAGE, unknown) if unknown else (EXIT_PASSED, "")
        except TimeLimit as limit:
            return EXIT_LIMIT, self._placed(limit)
        except SessionQuit as end:
            return EXIT_INTERRUPTED, self._placed(end)
        except (UsageError, Unsupported) as error:
            return EXIT_USAGE, self._placed(error)
        except SimulatorError as error:
            return EXIT_SIMULATOR, " ".join(str(error).split())
        except AssertionError as error:
            self._trace_back()
            return EXIT_FAILED, explain.describe(error, self._path)
        except SystemExit:
            return EXIT_USAGE, "the scenario ended its own process with sys.exit"
        except KeyboardInterrupt:
            return EXIT_USAGE, "the scenario interrupted itself"
        except BaseException as error:
            self._trace_back()
            if isinstance(error, SyntaxError) or explain.place(error, self._path):
                return EXIT_USAGE, explain.describe(error, self._path)
            words = " ".join(str(error).split())
            return EXIT_SIMULATOR, f"the simulator failed: {type(error).__name__}: {words}"

    def _play(self) -> None:
        job = self._job
        self._scenario = chosen = scenarios.load(self._path, job.scenario)
        # Who looks into a run takes their time.
        host_limit = chosen.host_limit if job.session is job.gdb is None else math.inf
        self._report({"event": "start", "host_limit": host_limit})
        config = backend.Config(
            machine=chosen.machine,
            seed=self._seed,
            archive=self._archive(chosen),
            image=Path(job.image) if job.image else paths.kernel_image(),
            bootargs=boot_arguments(
                chosen.program, self._bootargs, job.trace, job.record_allocations is not None),
            trace=self._folder / UNFINISHED_TRACE if job.trace else None,
            allocations=self._folder / UNFINISHED_ALLOCATIONS if job.record_allocations else None,
            log_folder=self._folder,
            device_tree=Path(job.device_tree) if job.device_tree else None,
            entry_level=job.entry_level,
            cpu=job.cpu,
            fidelity=job.fidelity,
            huge_pages=job.snapshots > 0,
        )
        self._backend = backend.create(job.on, config)
        self._control()
        self._phone = Phone(
            self._backend, name=job.on, archive=config.archive, seed=self._seed,
            parameters=self._parameters, time_limit=job.time_limit or chosen.time_limit,
            on_progress=self._progress,
        )
        try:
            chosen.function(self._phone)
            self._check_end()
        finally:
            self._finish_trace(config)

    def _control(self) -> None:
        """Puts the run under the control of a session, or of checkpoints."""
        job = self._job
        assert self._backend is not None
        served = [None if one is None else socket.socket(fileno=one)
                  for one in (job.session, job.gdb)]
        if not any(served) and job.restore is None and job.checkpoint_at is None:
            return
        native = paths.native().__file__ if job.on == "soc" else None
        plan = Plan(
            wait=job.session_wait or job.gdb_wait, interval=job.snapshots, front=self._front,
            on_wake=self._forget_log, checkpoint_at=job.checkpoint_at,
            on_checkpoint=self._write_checkpoint,
            recipe=(lambda: checkpoint.recipe_of(job, native)) if native else None,
        )
        if job.restore:
            plan.restore = checkpoint.read(Path(job.restore))
            checkpoint.check_inputs(plan.restore, job, str(native))
        self._backend = Controlled(self._backend, served[0], plan, served[1])

    def _write_checkpoint(self, made: dict[str, Any]) -> None:
        checkpoint.write(Path(str(self._job.checkpoint)), made)
        raise checkpoint.Written

    def _check_end(self) -> None:
        """The scenario is over: nothing may be left to be done."""
        assert self._phone is not None
        if self._job.checkpoint_at is not None:
            raise UsageError(
                f"there is no checkpoint: the run ended at {format_duration(self._phone.now)}, "
                f"before {format_duration(self._job.checkpoint_at)}")
        if self._job.restore and not self._backend.restored:  # type: ignore[union-attr]
            raise SimulatorError("the run ended before the checkpoint's place: something else than "
                                 "its recipe decides what it does")

    def _archive(self, chosen: scenarios.Scenario) -> Path:
        """What the phone boots with: the archive as it is, or with the scenario's own files."""
        path = Path(self._job.archive) if self._job.archive else paths.initial_archive()
        if chosen.files is None:
            return path
        files = chosen.files(Preparation(self._parameters, self._seed, self._job.on))
        own = self._folder / UNFINISHED_ARCHIVE
        try:
            own.write_bytes(with_files(path.read_bytes(), files))
        except OSError as error:
            reason = error.strerror or str(error)
            raise UsageError(f"{paths.display(path)} cannot be read: {reason}") from error
        return own

    def _finish_trace(self, config: backend.Config) -> None:
        # A trace gets its name when it is complete, else it goes away with the work.
        assert self._phone is not None
        failing = sys.exc_info()[1] is not None
        try:
            self._phone.finish()
        except Exception:
            if not failing:
                raise
        else:
            if config.trace and config.trace.exists():
                config.trace.rename(config.trace.with_name("trace.pftrace"))
            if config.allocations and self._job.record_allocations:
                allocation_trace.put(config.allocations, Path(self._job.record_allocations))

    @property
    def _seed(self) -> int:
        if self._job.seed is not None:
            return self._job.seed
        return self._scenario.seed if self._scenario else 0

    @property
    def _bootargs(self) -> str:
        # Of two words with one key the later one counts: the command line's come last.
        own = self._scenario.bootargs if self._scenario else ""
        own = own if isinstance(own, str) else own.get(self._job.on, "")
        return " ".join(filter(None, (own, self._job.bootargs)))

    def _result(self, code: int, message: str) -> dict[str, Any]:
        """What goes into run.json. Host time stands apart: the rest repeats from run to run."""
        result = result_of(self._job, code, message, time.monotonic() - self._started)
        if self._scenario:
            result["machine"] = self._scenario.machine
            result["seed"] = self._seed
            result["program"] = self._scenario.program
            result["bootargs"] = self._bootargs
        result["parameters"] = self._parameters.values
        if self._phone is None or self._backend is None:
            return result
        self._log_console()
        # A phone that has broken down shows what it still can.
        for part in (self._versions, self._end_state):
            try:
                result |= part()
            except Exception:
                self._trace_back()
        return result

    def _versions(self) -> dict[str, Any]:
        assert self._backend is not None
        return {"versions": {"python": platform.python_version()} | self._backend.versions()}

    def _end_state(self) -> dict[str, Any]:
        assert self._phone is not None and self._backend is not None
        state: dict[str, Any] = {"simulated_ns": self._phone.now}
        metrics = dict(self._phone.metrics)
        for name, text in (
            ("metrics.csv", as_csv(metrics)), ("samples.csv", samples_csv(metrics)),
            ("series.csv", series_csv(metrics)), ("maps.csv", maps_csv(metrics)),
            ("curves.csv", curves_csv(metrics)),
        ):
            if text:
                (self._folder / name).write_text(text, "utf-8")
        state["metrics"] = {name: metric.as_dict() for name, metric in metrics.items()}
        if metrics:
            view = self._backend.kernel()
            epitaph = epitaph_of(view)
            state["power_off_code"] = self._phone.power_off_code
            state["epitaph"] = asdict(epitaph) if epitaph else None
            state["trace_lost"] = view.trace_lost if self._job.trace else None
            state["faults"] = [fault_as_dict(fault) for fault in self._phone.faults]
            state["tasks"] = [task_as_dict(task) for task in self._phone.tasks]
        return state

    def _placed(self, error: BaseException) -> str:
        where = explain.place(error, self._path)
        return f"{where}: {error}" if where else str(error)

    def _trace_back(self) -> None:
        if self._job.verbose:
            traceback.print_exc()

    def _progress(self, now: int, line: str) -> None:
        self._log_console()
        moment = time.monotonic()
        if moment - self._reported >= _REPORT_EVERY:
            self._reported = moment
            self._report({"event": "progress", "now": now, "line": line[:200]})

    def _log_console(self) -> None:
        # As it comes, so that it is there even if this process is killed.
        text = self._phone.console.text if self._phone else ""
        if len(text) > self._logged:
            with open(self._folder / "console.log", "a", encoding="utf-8", newline="\n") as log:
                log.write(text[self._logged :])
            self._logged = len(text)

    def _forget_log(self) -> None:
        # Another process has written further than this one, which is an earlier one, woken again.
        (self._folder / "console.log").unlink(missing_ok=True)
        self._logged = 0

    def _report(self, event: dict[str, Any]) -> None:
        if self._job.report is not None:
            try:
                os.write(self._job.report, json.dumps(event).encode() + b"\n")
            except OSError:
                self._job.report = None


def result_of(job: Job, code: int, message: str, seconds: float) -> dict[str, Any]:
    """The frame of run.json, for a run of which nothing else is known."""
    return {
        "scenario": job.scenario, "file": paths.from_root(Path(job.file)),
        "backend": job.on,
        "cpu": (job.cpu or backend.CPU_KINDS[0]) if job.on == "soc" else None,
        "fidelity": (job.fidelity or backend.DEFAULT_FIDELITY) if job.on == "soc" else None,
        "machine": None, "program": None, "bootargs": job.bootargs, "seed": job.seed,
        "parameters": dict(job.settings),
        "verdict": verdict_of(code), "exit_code": code, "message": message, "simulated_ns": 0,
        "versions": {}, "metrics": {}, "power_off_code": None, "epitaph": None,
        "trace_lost": None, "faults": [], "tasks": [], "host": {"seconds": round(seconds, 3)},
    }


def main() -> int:
    """Entry point of the runner's process."""
    sys.dont_write_bytecode = True
    job = Job(**json.loads(sys.argv[1]))
    try:
        front = Front.begin() if job.snapshots else None
        return Runner(job, front).run()
    except Exception as error:
        # The scenario has broken this process. The last line is what the driver tells.
        if job.verbose:
            traceback.print_exc()
        print(f"{type(error).__name__}: {error}")
        return EXIT_SIMULATOR


if __name__ == "__main__":
    sys.exit(main())
