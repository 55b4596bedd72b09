#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Lists which lines of the I/O task table, and of the functions that the series
# changes, were not reached by what ran last, and how many were.
# usage: coverage.sh OUT
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "$1" && pwd)

# The same files without the patches say what the series changes.
rm -rf "$out/stock" "$out/none"
mkdir -p "$out/stock" "$out/none"
XEN_SERIES=$out/none "$here/extract.sh" "$out/stock"

cd "$out"
for f in grant iotask arch; do
	gcov --json-format --stdout "real_$f.cov.gcda"
done >coverage.json
python3 "$here/coverage.py" "$out" "$out/stock" <coverage.json
