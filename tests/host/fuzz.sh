#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs a fuzz target for FUZZ_SECONDS (30) from a fresh corpus.
# usage: fuzz.sh NAME RATE TARGET SEEDS...
# NAME is the test's; RATE how many inputs a second it must take; SEEDS a
# command that writes the first inputs into the directory it is given last.
set -eu

name=$1 rate=$2 target=$3
shift 3
seconds=${FUZZ_SECONDS:-30}
corpus=$target.corpus log=$target.log

rm -rf "$corpus"
mkdir -p "$corpus"
"$@" "$corpus"

# A crash leaves its input in a file that the log names.
if "$target" -seed=1 -max_len=2048 -timeout=10 \
	-max_total_time="$seconds" -print_final_stats=1 \
	-artifact_prefix="$target-" "$corpus" >"$log" 2>&1; then
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	if [ "${runs:-0}" -ge $((seconds * rate)) ]; then
		echo "PASS $name"
		echo "# $runs inputs in $seconds s"
	else
		echo "FAIL $name: only ${runs:-0} inputs in $seconds s"
		exit 1
	fi
else
	why=$(grep -m1 -E 'INVARIANT|ERROR: |runtime error' "$log" ||
		echo "see $log")
	echo "FAIL $name: $why"
	exit 1
fi
