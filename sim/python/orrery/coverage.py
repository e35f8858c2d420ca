# SPDX-License-Identifier: Apache-2.0
"""`./orrery test --coverage`: which share of the kernel's lines its tests reach.

The tests of tests/kernel are run by a build that counts (clang's source-based coverage); the lines
that were reached are added up by folder.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from . import paths

#: What the coverage is of.
_SUBJECT = "kernel"
#: Percent of all lines.
_LEAST = 90.0


@dataclass
class Lines:
    """Lines that have code, and those of them that were reached."""

    total: int = 0
    reached: int = 0

    def add(self, other: Lines) -> None:
        """Adds the lines of another file."""
        self.total += other.total
        self.reached += other.reached

    @property
    def percent(self) -> float:
        """The share that was reached; 100 of nothing."""
        return 100.0 * self.reached / self.total if self.total else 100.0


def subject_of(name: str) -> PurePosixPath | None:
    """The path of a file of the kernel from the root of the tree, or None for another one."""
    parts = PurePosixPath(name).parts
    if _SUBJECT not in parts or "tests" in parts:
        return None
    return PurePosixPath(*parts[parts.index(_SUBJECT):])


def by_file(export: dict[str, Any]) -> dict[PurePosixPath, Lines]:
    """The lines of each file of the kernel, from what `llvm-cov export` printed."""
    files: dict[PurePosixPath, Lines] = {}
    for entry in export["data"][0]["files"]:
        path = subject_of(entry["filename"])
        if path is None:
            continue
        lines = entry["summary"]["lines"]
        files.setdefault(path, Lines()).add(Lines(lines["count"], lines["covered"]))
    return files


def table(files: dict[PurePosixPath, Lines]) -> tuple[str, Lines]:
    """Rows by folder with the files that lack most, and the total."""
    folders: dict[str, Lines] = {}
    total = Lines()
    for path, lines in sorted(files.items()):
        folders.setdefault(str(path.parent), Lines()).add(lines)
        total.add(lines)
    rows = [f"{'folder':<36} {'lines':>7} {'reached':>8} {'percent':>8}"]
    for name, lines in [*folders.items(), ("total", total)]:
        rows.append(f"{name:<36} {lines.total:>7} {lines.reached:>8} {lines.percent:>8.1f}")
    lacking = sorted(files.items(), key=lambda item: (item[1].reached - item[1].total, item[0]))
    rows += ["", "most lines that no test reaches:"]
    for path, lines in lacking[:12]:
        if lines.reached < lines.total:
            rows.append(f"{str(path):<48} {lines.total - lines.reached:>5} of {lines.total}")
    return "\n".join(rows), total


def _tool(name: str) -> str:
    found = shutil.which(f"{name}-14") or shutil.which(name)
    if found is None:
        sys.exit(f"{name} is not there: install the package llvm")
    return found


def measure(build: Path) -> tuple[dict[PurePosixPath, Lines], bool]:
    """Runs the tests and reads what they counted; false if some of them failed."""
    program = build / "tests" / "kernel" / "kernel_tests"
    folder = build / "counts"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # Each process of a test that ends its own writes a file.
    environment = {**os.environ, "LLVM_PROFILE_FILE": str(folder / "%p.profraw")}
    print("running kernel_tests", flush=True)
    result = subprocess.run([str(program), "--gtest_brief=1"], env=environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if result.returncode != 0:
        print("\n".join(result.stdout.splitlines()[-40:]))
    merged = folder / "all.profdata"
    names = folder / "names"
    names.write_text("\n".join(str(path) for path in sorted(folder.glob("*.profraw"))) + "\n",
                     encoding="utf-8")
    subprocess.run([_tool("llvm-profdata"), "merge", "-sparse", f"--input-files={names}",
                    "-o", str(merged)], check=True)
    export = subprocess.run([_tool("llvm-cov"), "export", "-summary-only",
                             f"-instr-profile={merged}", str(program)],
                            stdout=subprocess.PIPE, check=True)
    return by_file(json.loads(export.stdout)), result.returncode == 0


def main(arguments: list[str] | None = None) -> int:
    """Prints the table; returns the exit code."""
    parser = argparse.ArgumentParser(prog="./orrery test", add_help=False, allow_abbrev=False)
    parser.add_argument("--coverage", type=float, nargs="?", const=_LEAST, metavar="LEAST")
    least: float = parser.parse_args(arguments).coverage
    files, passed = measure(paths.build_folder())
    text, total = table(files)
    print(text)
    if not passed:
        print("\nsome tests failed, so they may have reached less than they should: mend them first",
              file=sys.stderr)
        return 1
    if total.percent < least:
        print(f"\n{total.percent:.1f} % of the lines of {_SUBJECT}/ are reached, "
              f"which is less than {least:g} %: write tests for what is listed", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
