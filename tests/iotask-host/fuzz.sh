#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs the table's fuzz target for FUZZ_SECONDS (30) from a fresh corpus.
# usage: fuzz.sh OUT, the directory that holds fuzz and replay
set -eu

out=$1
seconds=${FUZZ_SECONDS:-30}
name=iotask.fuzz

rm -rf "$out/corpus"
mkdir -p "$out/corpus"
"$out/replay" write "$out/corpus"

# A crash leaves its input in a file that the log names.
if "$out/fuzz" -seed=1 -max_len=2048 -timeout=10 \
	-max_total_time="$seconds" -print_final_stats=1 \
	-artifact_prefix="$out/fuzz-" "$out/corpus" >"$out/fuzz.log" 2>&1; then
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/fuzz.log")
	if [ "${runs:-0}" -ge $((seconds * 20)) ]; then
		echo "PASS $name"
		echo "# $runs inputs in $seconds s"
	else
		echo "FAIL $name: only ${runs:-0} inputs in $seconds s"
		exit 1
	fi
else
	why=$(grep -m1 -E 'INVARIANT|ERROR: |runtime error' "$out/fuzz.log" ||
		echo "see fuzz.log")
	echo "FAIL $name: $why"
	exit 1
fi
