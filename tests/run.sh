#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: run.sh SUITE...
# Runs test suites and counts what they report; the last line is
# "N passed, N failed, N skipped".  A suite is
#	host		the ring, compiled for this machine
#	iotask-host	the I/O task table, likewise
#	lint		the source tree as a reviewer reads it
#	xen		the series of hypervisor patches, and builds with them
#	xen-full	the same, with a build for each patch
#	boot:NAME	tests/boot/NAME.toml on a real Xen in the test bed
#	boot:NAME:TYPE	the same with guests of type pv or pvh
#	task:NAME	the same on XEN, a hypervisor with the I/O task table
#	control:NAME	the same on one without it, where attacks must succeed
#	bed:NAME	the test bed's own scenario
#	selftest	whether the test bed's verdict can be trusted
# MODULES is the directory of the modules, OUT that of results.
set -u

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
passed=0 failed=0 skipped=0
mkdir -p "$OUT"

# One suite's result lines: PASS name, FAIL name: why, SKIP name: why.
run_lines() {
	log=$OUT/$1.log
	shift
	"$@" >"$log" 2>&1
	code=$?
	grep -E '^(FAIL|SKIP|#) ?' "$log"
	count_lines "$log"
	if [ "$code" -ne 0 ] && ! grep -q '^FAIL ' "$log"; then
		echo "FAIL $*: exit code $code"
		tail -n 20 "$log"
		failed=$((failed + 1))
	fi
}

count_lines() {
	p=$(grep -c '^PASS ' "$1")
	passed=$((passed + p))
	failed=$((failed + $(grep -c '^FAIL ' "$1")))
	skipped=$((skipped + $(grep -c '^SKIP ' "$1")))
	echo "$p passed"
}

# A scenario: its verdict file counts, and a run without one has failed.
run_scenario() {
	out=$OUT/$1
	shift
	rm -f "$out/verdict.json"
	"$root/testbed/run.py" "$@" --out "$out"
	code=$?
	if [ ! -f "$out/verdict.json" ]; then
		echo "FAIL $*: no verdict"
		failed=$((failed + 1))
		return
	fi
	f=$(jq '.failures | length' "$out/verdict.json")
	[ "$code" = 0 ] || [ "$f" -gt 0 ] || f=1
	passed=$((passed + $(jq '.passed | length' "$out/verdict.json")))
	failed=$((failed + f))
	skipped=$((skipped + $(jq '.skipped | length' "$out/verdict.json")))
}

boot() {
	name=${1%%:*}
	type=
	[ "$name" = "$1" ] || type=${1#*:}
	# shellcheck disable=SC2086
	run_scenario "boot-$name$type" "$here/boot/$name.toml" \
		--modules "$MODULES" ${type:+--set domain.guest.type=$type}
}

for suite; do
	echo "== $suite"
	case $suite in
	host) run_lines host make -s -C "$here/host" check ;;
	iotask-host)
		run_lines iotask-host make -s -C "$here/iotask-host" check
		;;
	lint) run_lines lint "$here/lint/lint.sh" ;;
	xen) run_lines xen "$root/hypervisor-patch/check.sh" ;;
	xen-full)
		run_lines xen-full "$root/hypervisor-patch/check.sh" --full
		;;
	boot:*) boot "${suite#boot:}" ;;
	task:*)
		run_scenario "task-${suite#task:}" \
			"$here/boot/${suite#task:}.toml" --xen "$XEN"
		;;
	control:*)
		run_scenario "control-${suite#control:}" \
			"$here/boot/${suite#control:}.toml" --set env.control=1
		;;
	bed:*)
		run_scenario "bed-${suite#bed:}" \
			"$root/testbed/scenarios/${suite#bed:}.toml"
		;;
	selftest) run_lines selftest "$root/testbed/selftest.sh" ;;
	*)
		echo "FAIL $suite: no such suite"
		failed=$((failed + 1))
		;;
	esac
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
