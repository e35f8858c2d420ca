#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A short run of a fuzzer, the same every time: short_run.sh PROGRAM FOUND CORPUS RUNS
# First every input of the corpus, then so many runs with one seed. What is new goes to FOUND.
set -eu
rm -rf "$2"
mkdir -p "$2"
cd "$2"
exec "$1" -seed=1 -runs="$4" -max_len=2048 -timeout=60 -rss_limit_mb=4096 -print_final_stats=1 \
    "$2" "$3"
