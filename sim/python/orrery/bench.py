# SPDX-License-Identifier: Apache-2.0
"""`./orrery bench`: runs the benchmarks of bench/ and prints what they measured.

A benchmark is a file `bench/NAME.py` with a function `measure(sheet)` that calls
`sheet.row(figure, value, unit, aim="")` for each figure. Nothing here passes or fails: host times
depend on the machine, so figures that matter are ratios taken side by side in one run.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from . import paths

_FOLDER = paths.ROOT / "bench"


class Sheet:
    """The rows of one benchmark, printed as they come."""

    def __init__(self, benchmark: str) -> None:
        self._benchmark = benchmark
        #: What has been measured so far.
        self.rows: list[dict[str, Any]] = []

    def row(self, figure: str, value: float, unit: str, aim: str = "") -> None:
        """Adds a figure; `aim` says what it should be, in words."""
        self.rows.append({"benchmark": self._benchmark, "figure": figure, "value": value,
                          "unit": unit, "aim": aim})
        remark = f"   (aim: {aim})" if aim else ""
        print(f"  {figure:<44} {value:>12.4g} {unit}{remark}", flush=True)

    def table_row(self, row: dict[str, Any], text: str) -> None:
        """Adds a row with columns of its own, which `text` shows."""
        self.rows.append({"benchmark": self._benchmark, **row})
        print(f"  {text}", flush=True)

    def note(self, text: str) -> None:
        """Says something about the figures that follow."""
        print(f"  {text}", flush=True)


def forked(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function returns in a process of its own, as each phone needs; RuntimeError when it
    fails."""
    context = multiprocessing.get_context("fork")
    answer = context.SimpleQueue()
    process = context.Process(target=lambda: answer.put(function(*arguments)))
    process.start()
    process.join()
    if process.exitcode != 0:
        told = " ".join(str(argument) for argument in arguments)
        raise RuntimeError(f"{function.__name__} {told} failed")
    return answer.get()


def in_process(code: str, *arguments: str) -> dict[str, Any]:
    """Runs Python code in a process of its own, as each phone needs, and returns the JSON object
    that it prints in its last line."""
    result = subprocess.run(
        [sys.executable, "-P", "-c", code, *arguments], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=600, check=False,
    )
    if result.returncode != 0:
        reason = (result.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise RuntimeError(f"a benchmark's process failed: {reason}")
    return json.loads(result.stdout.strip().splitlines()[-1])


def median(measure: Callable[[], float], runs: int = 5) -> float:
    """The median of several measurements."""
    return sorted(measure() for _ in range(runs))[runs // 2]


def timed(action: Callable[[], Any]) -> float:
    """Host seconds that an action takes."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def load(path: Path) -> ModuleType:
    """A benchmark's module, from its file."""
    specification = importlib.util.spec_from_file_location(f"bench_{path.stem}", path)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[module.__name__] = module
    specification.loader.exec_module(module)
    return module


def main(arguments: list[str] | None = None) -> int:
    """Runs what the command line names; returns the exit code."""
    available = {path.stem: path for path in sorted(_FOLDER.glob("*.py"))}
    parser = argparse.ArgumentParser(prog="./orrery bench", add_help=False, allow_abbrev=False)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--json", type=Path, metavar="FILE")
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.names if name not in available]
    if unknown:
        print(f'there is no benchmark "{unknown[0]}": choose from {", ".join(available)}',
              file=sys.stderr)
        return 2
    rows: list[dict[str, Any]] = []
    failed = False
    for name in chosen.names or available:
        print(f"{name}:", flush=True)
        sheet = Sheet(name)
        try:
            load(available[name]).measure(sheet)
        except Exception as error:  # one benchmark's failure must not hide the others' figures
            print(f"{name} failed: {error}", file=sys.stderr)
            failed = True
        rows += sheet.rows
    if chosen.json:
        try:
            chosen.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            print(f"{chosen.json} cannot be written: {error.strerror}", file=sys.stderr)
            return 2
    return 3 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
