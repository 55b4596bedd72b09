#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: lanes.sh "SUITE..." "SUITE..."
# Runs lists of suites beside each other, each as run.sh does, for a machine that
# has a CPU for each; the last line is run.sh's, for all of them.  Nothing in them
# may depend on the machine being quiet.
# OUT and MODULES as for run.sh; the lanes' results are in OUT/lane-N.
set -u

here=$(cd "$(dirname "$0")" && pwd)
out=$OUT
mkdir -p "$out"
rm -f "$out"/lane-*.log
export DRB_TOGETHER=1

# lane N "SUITE...": each line with the number of its lane.
lane() {
	# shellcheck disable=SC2086
	OUT=$out/lane-$1 "$here/run.sh" $2 2>&1 | tee "$out/lane-$1.log" |
		sed -u "s/^/$1: /"
}

number=0
for suites; do
	number=$((number + 1))
	lane $number "$suites" &
done
wait

behind=$("$here/../testbed/behind.sh" 4.17 4.20)
# A lane without its last line has not come to its end, and one that has passed
# nothing has failed, as a suite has in run.sh.
awk -v lanes=$number -v behind="$behind" '
	/^FAIL/ { seen[$0] = 1 }
	/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ {
		ended++; passed += $1; failed += $3; skipped += $5
		if (!$1) {
			print "FAIL a lane has passed nothing"
			failed++
		}
	}
	END {
		for (line in seen) print line
		if (ended != lanes) { print "FAIL a lane did not come to its end"; failed++ }
		if (behind != "") print behind
		print passed + 0 " passed, " failed + 0 " failed, " skipped + 0 " skipped"
		exit failed || !passed
	}' "$out"/lane-*.log
