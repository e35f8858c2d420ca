# SPDX-License-Identifier: Apache-2.0
"""`./orrery test --fuzz`: a long run of a fuzzer of tests/fuzz.

It starts from the corpus in the tree and from what earlier runs have found, which is kept in
build/fuzz with whatever made the kernel fail.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from . import paths

_FUZZERS = ("system_calls", "readers", "traces")


def command(fuzzer: str, seconds: int, folder: Path) -> list[str]:
    """How the fuzzer is started; what it finds goes to `folder`."""
    found = folder / "found"
    found.mkdir(parents=True, exist_ok=True)
    # Without the schedule that weighs rare features, which took more time than the kernel did.
    return [
        str(paths.build_folder() / "tests" / "fuzz" / f"fuzz_{fuzzer}"),
        f"-max_total_time={seconds}", "-max_len=4096", "-len_control=0", "-entropic=0",
        "-timeout=60", "-rss_limit_mb=4096", "-print_final_stats=1", f"-artifact_prefix={folder}/",
        str(found), str(paths.ROOT / "tests" / "fuzz" / "corpus" / fuzzer),
    ]


def main(arguments: list[str] | None = None) -> int:
    """Runs what the command line names; returns the exit code."""
    parser = argparse.ArgumentParser(prog="./orrery test", add_help=False, allow_abbrev=False)
    parser.add_argument("--fuzz", type=int, nargs="?", const=60, metavar="SECONDS")
    parser.add_argument("fuzzer", nargs="?", choices=_FUZZERS, default=_FUZZERS[0])
    chosen = parser.parse_args(arguments)
    folder = paths.build_folder() / "fuzz" / chosen.fuzzer
    environment = {**os.environ, "ORRERY_FUZZ_COUNT": "1"}
    result = subprocess.run(command(chosen.fuzzer, chosen.fuzz, folder), env=environment,
                            check=False)
    if result.returncode == 0:
        return 0
    print(f"the fuzzer failed: the input lies in {paths.display(folder)}; run it again with\n"
          f"  {paths.display(paths.build_folder())}/tests/fuzz/fuzz_{chosen.fuzzer} FILE",
          file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
