#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: measure.sh NAME CLOCK DISTANCE ARGUMENT...
# Measures with the ARGUMENTs for run.py, by the wall clock after learning with the
# program DISTANCE how far apart the host's CPUs are.  The report is written of what
# there is, also when the run is stopped (Ctrl-C) or fails.
set -u

root=$(cd "$(dirname "$0")/.." && pwd)
name=$1 clock=$2 distance=$3
shift 3
out=$root/build/bench
raw=$out/raw-$name
LEARN_SECONDS=5

mkdir -p "$raw"
rm -f "$raw/distances.json"
near=0
[ "$clock" != wall ] ||
	near=$("$root/bench/distances.py" "$distance" $LEARN_SECONDS \
		"$raw/distances.json")

# In the background, since a shell that waits for a program hears no signal.
"$root/testbed/run.py" "$@" --out "$raw" --set env.near="$near" \
	--distance "$distance" &
run=$!
trap 'kill -TERM $run 2>/dev/null' INT TERM HUP
wait $run
status=$?
while kill -0 $run 2>/dev/null; do
	wait $run
	status=$?
done

"$root/bench/report.py" "$raw" "$out" || exit
cp "$out/report.json" "$out/report-$name.json"
cp "$out/report.md" "$out/report-$name.md"
exit $status
