# SPDX-License-Identifier: Apache-2.0
"""Scenarios: the decorator, and how they are found in a file."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import paths
from .errors import UsageError
from .units import s

if TYPE_CHECKING:
    from .parameters import Preparation
    from .phone import Phone

_MARK = "__orrery_scenario__"
DEFAULT_TIME_LIMIT = 60 * s
DEFAULT_HOST_LIMIT = 300


@dataclass(frozen=True)
class Scenario:
    """A scenario function and what its decorator says about it."""

    name: str
    function: Callable[[Phone], Any]
    machine: str
    seed: int
    program: str
    bootargs: str | Mapping[str, str]
    files: Callable[[Preparation], Mapping[str, bytes]] | None
    time_limit: int
    host_limit: float

    @property
    def summary(self) -> str:
        """First line of the docstring."""
        return _first_line(self.function.__doc__)


def scenario(
    function: Callable[[Phone], Any] | None = None,
    *,
    machine: str = "phone8",
    seed: int = 7,
    program: str = "",
    bootargs: str | Mapping[str, str] = "",
    files: Callable[[Preparation], Mapping[str, bytes]] | None = None,
    time_limit: int = DEFAULT_TIME_LIMIT,
    host_limit: float = DEFAULT_HOST_LIMIT,
) -> Callable[..., Any]:
    """Makes a scenario of a function that takes a `Phone`.

    - `machine`: the phone to build.
    - `seed`: seed of everything random in it; `--seed` overrides it.
    - `program`: what init starts, with its arguments: `"bin/first_light"`.
    - `bootargs`: more words for the kernel command line: `"page_allocator=freelist"`; or by
      backend: `{"qemu": "cpus=1"}`.
    - `files`: a function that makes more files for the archive, name -> contents; it is given a
      `Preparation`, as there is no phone yet.
    - `time_limit`: simulated nanoseconds the run may take; `--time-limit` overrides it.
    - `host_limit`: seconds the run may take on this host; `--host-limit` overrides it.

    The function stays an ordinary function.
    """

    for what, value, kind in (
        ("machine", machine, str), ("seed", seed, int), ("program", program, str),
        ("bootargs", bootargs, (str, Mapping)), ("time_limit", time_limit, int),
        ("host_limit", host_limit, (int, float)),
    ):
        if not isinstance(value, kind):
            raise UsageError(f"@scenario takes no {what} like {value!r}")
    if files is not None and not callable(files):
        raise UsageError(f"@scenario takes as files a function, not {files!r}")
    for what, value in (("time_limit", time_limit), ("host_limit", host_limit)):
        if value <= 0:
            raise UsageError(f"@scenario takes a {what} above 0, not {value!r}")

    def mark(wrapped: Callable[[Phone], Any]) -> Callable[[Phone], Any]:
        description = Scenario(
            wrapped.__name__, wrapped, machine, seed, program, bootargs, files, time_limit,
            host_limit,
        )
        setattr(wrapped, _MARK, description)
        return wrapped

    return mark(function) if function else mark


@dataclass(frozen=True)
class Found:
    """A scenario seen in a file that has not been executed."""

    path: Path
    name: str
    summary: str


def find(path: Path) -> list[Found]:
    """The scenarios of a file, by reading it: nothing in it is executed.

    Raises `SyntaxError` if the file is not Python.
    """
    source = path.read_bytes()
    tree = ast.parse(source, filename=str(path))
    return [
        Found(path, node.name, _first_line(ast.get_docstring(node)))
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and any(map(_is_mark, node.decorator_list))
    ]


def load(path: Path, name: str) -> Scenario:
    """Executes a scenario file and returns the scenario `name` of it."""
    specification = importlib.util.spec_from_file_location(f"scenario_{path.stem}", path)
    if specification is None or specification.loader is None:
        raise UsageError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    sys.path.append(str(path.resolve().parent))  # for modules beside it
    try:
        specification.loader.exec_module(module)
    except ValueError as error:
        if error.__traceback__ and "null bytes" in str(error):
            raise UsageError(f"{paths.display(path)} is not Python: {error}") from error
        raise
    description = getattr(getattr(module, name, None), _MARK, None)
    if not isinstance(description, Scenario):
        raise UsageError(f'{path} has no scenario "{name}"')
    _check_function(description.function, name)
    return description


def _check_function(function: Callable[..., Any], name: str) -> None:
    try:
        inspect.signature(function).bind(None)
    except TypeError as error:
        raise UsageError(f'the scenario "{name}" does not take just the phone: {error}') from error
    if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
        raise UsageError(f'the scenario "{name}" is a generator: a call of it would do nothing')


def _is_mark(decorator: ast.expr) -> bool:
    if isinstance(decorator, ast.Call):
        decorator = decorator.func
    if isinstance(decorator, ast.Attribute):
        return decorator.attr == "scenario"
    return isinstance(decorator, ast.Name) and decorator.id == "scenario"


def _first_line(text: str | None) -> str:
    lines = (text or "").strip().splitlines()
    return lines[0].strip() if lines else ""
