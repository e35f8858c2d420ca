# SPDX-License-Identifier: Apache-2.0
"""The run folder: filled beside its place, then put there in one step, so it is whole or absent."""

from __future__ import annotations

import ctypes
import fcntl
import glob
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from . import paths
from .backend import label
from .errors import EXIT_FAILED, EXIT_PASSED, UsageError
from .metrics import as_csv

#: Name of a trace until it is complete.
UNFINISHED_TRACE = "trace.partial.pftrace"
#: Name of a recording of allocations until it is complete.
UNFINISHED_ALLOCATIONS = "allocations.partial.csv"
#: Name of the archive of a run that has one of its own, for as long as the run lasts.
UNFINISHED_ARCHIVE = "archive.partial.cpio"

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def verdict_of(exit_code: int) -> str:
    """The verdict that belongs to an exit code."""
    return {EXIT_PASSED: "passed", EXIT_FAILED: "failed"}.get(exit_code, "error")


class RunFolder:
    """A folder that will appear at `target` when it is published, in place of an earlier run.

    It is filled under a hidden name beside the target and locked meanwhile. What a driver that was
    killed has left there belongs to nobody, and the next run takes it away.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self._check()
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with _locked(target.parent):
                prefix = f".{target.name}.run."
                _remove_abandoned(target.parent, prefix)
                self.work = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent)).absolute()
                self._lock = os.open(self.work, os.O_RDONLY)
                fcntl.flock(self._lock, fcntl.LOCK_EX)
            self.work.chmod(0o755)
        except OSError as error:
            reason = error.strerror or str(error)
            raise UsageError(
                f"the run folder {paths.display(target)} cannot be written: {reason}"
            ) from error

    def publish(self) -> None:
        """Puts the folder in its place; what was there before goes away."""
        # A trace that nobody could complete is not one that can be read.
        for name in (UNFINISHED_TRACE, UNFINISHED_ALLOCATIONS, UNFINISHED_ARCHIVE):
            for unfinished in self.work.glob(f"{name}*"):
                unfinished.unlink()
        try:
            if self.target.exists():
                _exchange(self.work, self.target)
                shutil.rmtree(self.work, ignore_errors=True)
            else:
                self.work.rename(self.target)
            self._unlock()
        except OSError as error:
            self.discard()
            reason = error.strerror or str(error)
            raise UsageError(
                f"the run folder {paths.display(self.target)} cannot be written: {reason}"
            ) from error

    def discard(self) -> None:
        """Forgets the run; an earlier one stays where it is."""
        shutil.rmtree(self.work, ignore_errors=True)
        self._unlock()

    def _unlock(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _check(self) -> None:
        # Whoever names their home folder by mistake shall keep it.
        target = self.target
        if target.is_symlink() or (target.exists() and not target.is_dir()):
            raise UsageError(f"{paths.display(target)} exists and is not a folder")
        if target.is_dir() and not (target / "run.json").is_file() and any(target.iterdir()):
            raise UsageError(
                f"{paths.display(target)} exists and is not a run folder: name another with --out"
            )


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keeps other drivers from making run folders in `folder` meanwhile."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _remove_abandoned(parent: Path, prefix: str) -> None:
    for path in parent.glob(f"{glob.escape(prefix)}*"):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
        except BlockingIOError:
            pass  # another driver is at work in there
        finally:
            os.close(descriptor)


def write_result(folder: Path, result: dict[str, Any]) -> None:
    """Writes run.json and junit.xml; run.json comes last and whole."""
    console = folder / "console.log"
    if not console.exists():
        console.write_text("", "utf-8")
    if not (folder / "metrics.csv").exists():
        (folder / "metrics.csv").write_text(as_csv({}), "utf-8")
    (folder / "junit.xml").write_text(junit([result]), "utf-8")
    draft = folder / "run.json.draft"
    draft.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", "utf-8")
    os.replace(draft, folder / "run.json")


def read_result(folder: Path) -> dict[str, Any] | None:
    """The result in a folder, or None if there is none."""
    try:
        return json.loads((folder / "run.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None


def junit(results: list[dict[str, Any]]) -> str:
    """Results as JUnit XML, the form that CI systems read."""
    failed = sum(result["verdict"] == "failed" for result in results)
    errors = sum(result["verdict"] == "error" for result in results)
    counts = {"tests": str(len(results)), "failures": str(failed), "errors": str(errors)}
    suites = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(suites, "testsuite", {"name": "orrery", **counts})
    for result in results:
        machine = label(result["backend"], result["cpu"])
        case = ElementTree.SubElement(suite, "testcase", {
            "classname": f"{Path(result['file']).stem}.{machine}",
            "name": result["scenario"],
            "time": f"{result['host']['seconds']:.3f}",
        })
        if result["verdict"] != "passed":
            tag = "failure" if result["verdict"] == "failed" else "error"
            message = _printable(result["message"])
            ElementTree.SubElement(case, tag, {"message": message}).text = message
    ElementTree.indent(suites)
    body = ElementTree.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _printable(text: str) -> str:
    # XML has no way to write control characters or lone surrogates.
    return "".join(
        character if character in "\t\n" or (" " <= character and not
                                             "\ud800" <= character <= "\udfff") else "?"
        for character in text
    )


def _exchange(first: Path, second: Path) -> None:
    """Swaps two folders in one step where the file system can, else in two."""
    library = ctypes.CDLL(None, use_errno=True)
    arguments = (_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE)
    if library.renameat2(*arguments) == 0:
        return
    aside = first.with_name(first.name + ".old")
    second.rename(aside)
    first.rename(second)
    aside.rename(first)
