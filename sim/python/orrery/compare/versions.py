# SPDX-License-Identifier: Apache-2.0
"""Versions of all that a comparison is made with, so that it can be repeated."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from .. import paths
from .plan import Comparison

#: Packages of Debian to tell versions of, set by the launcher, which installs them.
PACKAGES = "ORRERY_PACKAGES"
_LIBRARIES = ("jinja2", "matplotlib", "numpy", "scipy")


def of_runs(comparison: Comparison) -> dict[str, str]:
    """What results depend on. Runs with other versions are never mixed with these."""
    build = paths.build_folder()
    job = comparison.template
    machines = {comparison.job(variant, 1).on for variant in comparison.variants}
    versions = {
        "scenario file (SHA-256)": _digest([Path(job.file)]),
        "simulator (SHA-256)": _digest(sorted((build / "python").glob("_orrery*.so"))),
        "simulator's Python (SHA-256)": _digest(sorted(Path(__file__).parents[1].glob("*.py"))),
        "kernel image (SHA-256)": _digest([Path(job.image or paths.kernel_image())]),
        "boot archive (SHA-256)": _digest([Path(job.archive or paths.initial_archive())]),
        "Python": platform.python_version(),
    }
    if "qemu" in machines:
        versions["QEMU"] = _said_by("qemu-system-aarch64", "--version") or "not installed"
    return versions


def of_tools() -> dict[str, str]:
    """What built the phone and what writes the report: to be told, not to be compared."""
    cache = _cache(paths.build_folder() / "CMakeCache.txt")
    compiler = cache.get("CMAKE_CXX_COMPILER", "")
    versions = {
        "Orrery (git commit)": _commit(),
        "compiler": _said_by(compiler, "--version") if compiler else "not known: not built here",
        "build type": cache.get("CMAKE_BUILD_TYPE", "not known: not built here"),
        "operating system": _system(),
    }
    versions |= {f"Python package {name}": metadata.version(name) for name in _LIBRARIES}
    packages = os.environ.get(PACKAGES, "").split()
    if packages:
        versions |= _packages(packages)
    else:
        versions["packages"] = "not recorded: start with ./orrery compare to have them listed"
    return versions


def _digest(files: Iterable[Path]) -> str:
    """One digest of all files; says so where there is none."""
    digest, count = hashlib.sha256(), 0
    for path in files:
        if path.is_file():
            digest.update(path.read_bytes())
            count += 1
    return digest.hexdigest() if count else "there is none"


def _commit() -> str:
    head = _said_by("git", "-C", str(paths.ROOT), "rev-parse", "HEAD")
    if not head:
        return "not known: the source tree is no git checkout"
    changed = _said_by("git", "-C", str(paths.ROOT), "status", "--porcelain", "-uno")
    return f"{head}, with local changes" if changed else head


def _said_by(*command: str) -> str:
    """The first line that a program says; empty if it cannot be asked."""
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.partition("\n")[0].strip() if done.returncode == 0 else ""


def _cache(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    text = path.read_text("utf-8", "replace")
    return dict(re.findall(r"^([A-Z_]+):[A-Z]+=(.*)$", text, re.MULTILINE))


def _system() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        name = "not known"
    return f"{name}, {platform.system()} {platform.release()}, {platform.machine()}"


def _packages(names: list[str]) -> dict[str, str]:
    if shutil.which("dpkg-query") is None:
        return {"packages": "not known: there is no dpkg-query"}
    form = "${Package}\t${Version}\t${db:Status-Status}\n"
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", form, *names], capture_output=True, text=True, check=False
    )
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return {f"package {row[0]}": row[1] for row in sorted(rows) if row[2:] == ["installed"]}
