#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: run.sh SUITE...
# Runs test suites and counts what they report; the last line is
# "N passed, N failed, N skipped".  A suite is
#	host		the ring, compiled for this machine
#	iotask-host	the I/O task table, likewise
#	gnttab-host	Xen's grant tables with the I/O task table, likewise
#	runner		whether this script's verdict can be trusted
#	tools		drbctl and drb-bench, without Xen
#	monitor		metrics, alerts and dashboard, with Prometheus' own programs
#	lint		the source tree as a reviewer reads it
#	deb		the packages, built and installed in a Debian root
#	system		the packages in a booted Debian system, and purged again
#	kernels:NAME,NAME	builds of the modules for Linux 6.1, 6.12, unstable
#	xen		the series of hypervisor patches, and builds with them
#	xen-full	the same, with a build for each patch
#	boot:NAME	tests/boot/NAME.toml on a real Xen in the test bed
#	boot:NAME:WORD,WORD	the same with
#		pv, pvh		a guest of this type
#		pvh-DOMAIN	this domain PVH
#		6.12, unstable	this kernel in every domain
#		kasan, kcsan, preempt, gcov	this one, of testbed/kernel/
#		KEY=VALUE	this setting of the scenario
#	task:NAME	the same on a hypervisor with the I/O task table
#	debug:NAME	the same on one built to find its own mistakes
#	flask:NAME	the same on one with FLASK, enforcing
#	control:NAME	the same on one without it, where attacks must succeed
#	fault:NAME	the same on one whose IOMMU can be made to fail
#	task:NAME:WORD,WORD	the same, and so for debug, flask and control; also
#		4.20		this version of Xen; 4.19 and 4.22 with 4.20's tools
#	bed:NAME	the test bed's own scenario
#	selftest	whether the test bed's verdict can be trusted
# A suite that passes nothing has failed, unless it says by a skip why; and so has
# one with a skip that is not in the list of those permitted, tests/skips.
# MODULES is the directory of the modules for 6.1, OUT that of results; XEN the
# hypervisor for task, debug and flask, by default one with the series.
set -u

here=$(cd "$(dirname "$0")" && pwd)
tab=$(printf '\t')
root=$(dirname "$here")
passed=0 failed=0 skipped=0
mkdir -p "$OUT"
: >"$OUT/failures"

# failure TEXT: repeated at the end, where it is read.
failure() {
	echo "FAIL $*"
	echo "FAIL $suite: $*" >>"$OUT/failures"
	failed=$((failed + 1))
}

# permitted TEXT: is a skip of this suite that says so in the list of them?
permitted() {
	while IFS=$tab read -r suites texts _; do
		# shellcheck disable=SC2254 # both are patterns
		case $suite in
		$suites) ;;
		*) continue ;;
		esac
		# shellcheck disable=SC2254
		case $1 in
		$texts) return ;;
		esac
	done <"$here/skips"
	return 1
}

# count_skip TEXT: what has been said to be skipped.
count_skip() {
	if permitted "$1"; then
		skipped=$((skipped + 1))
	else
		failure "skipped, which tests/skips does not permit: $1"
	fi
}

# count_skips FILE: a line for each.
count_skips() {
	while IFS= read -r text; do
		count_skip "$text"
	done <"$1"
}

skip() {
	echo "SKIP $suite: $*"
	count_skip "$*"
}

counts() {
	echo "$passed $failed $skipped"
}

# silent COUNTS NAME: fails where they are the same as before.
silent() {
	[ "$1" != "$(counts)" ] || failure "$2: nothing has passed"
}

# One suite's result lines: PASS name, FAIL name: why, SKIP name: why.
run_lines() {
	log=$OUT/$1.log
	shift
	before=$(counts)
	"$@" >"$log" 2>&1
	code=$?
	grep -E '^(FAIL|SKIP|#) ?' "$log"
	count_lines "$log"
	if [ "$code" -ne 0 ] && ! grep -q '^FAIL ' "$log"; then
		failure "$*: exit code $code"
		tail -n 20 "$log"
	fi
	silent "$before" "$*"
}

count_lines() {
	p=$(grep -c '^PASS ' "$1")
	passed=$((passed + p))
	failed=$((failed + $(grep -c '^FAIL ' "$1")))
	sed -n "s|^FAIL |&$suite: |p" "$1" >>"$OUT/failures"
	sed -n 's/^SKIP //p' "$1" >"$OUT/skipped"
	count_skips "$OUT/skipped"
	echo "$p passed"
}

# A scenario: its verdict file counts, and a run without one has failed.
run_scenario() {
	out=$OUT/$1
	shift
	before=$(counts)
	rm -f "$out/verdict.json"
	"$root/testbed/run.py" "$@" --out "$out"
	code=$?
	if [ ! -f "$out/verdict.json" ]; then
		failure "$*: no verdict"
		return
	fi
	f=$(jq '.failures | length' "$out/verdict.json")
	[ "$code" = 0 ] || [ "$f" -gt 0 ] || failure "exit code $code"
	passed=$((passed + $(jq '.passed | length' "$out/verdict.json")))
	failed=$((failed + f))
	jq -r --arg suite "$suite" '.failures[] | "FAIL \($suite): \(.)"' \
		"$out/verdict.json" >>"$OUT/failures"
	jq -r '.skipped[]' "$out/verdict.json" >"$OUT/skipped"
	count_skips "$OUT/skipped"
	silent "$before" "$1"
}

# A hypervisor's path: patched VERSION [CONFIGURATION]...; $beside: a patch beside
# the series.
patched() {
	_version=$1
	shift
	if [ -n "${XEN:-}" ]; then
		echo "$XEN"
		return
	fi
	(
		XEN_VERSION=$_version XEN_SERIES=$root/hypervisor-patch
		XEN_OPTIONS=$(cd "$XEN_SERIES" && cat "$@")
		export XEN_VERSION XEN_OPTIONS
		# shellcheck source=../testbed/config.sh
		. "$root/testbed/config.sh"
		# shellcheck source=../hypervisor-patch/series.sh
		. "$root/hypervisor-patch/series.sh"
		# shellcheck disable=SC2046
		"$root/testbed/xen.sh" $(series) ${beside:+"$beside"}
	)
}

# Whether there is a hypervisor of the version; else the suite is skipped.
version_there() {
	(XEN_VERSION=$1 && . "$root/testbed/config.sh" && have_xen_source) &&
		return
	skip "no source of Xen $1 (make deps says why)"
	return 1
}

# Makes modules for another kernel than this machine's and sets ko_dir to their
# directory. False: there are none, and it has been said.
modules_for() {
	said=$("$root/testbed/kernels.sh" "$OUT/kernels" "$1" | tee "$OUT/kernels.log")
	case $said in
	PASS*)
		ko_dir=$OUT/kernels/$1
		options="$options --test-modules $ko_dir.tests"
		return
		;;
	SKIP*)
		skip "${said#*: }"
		;;
	*) failure "no modules for Linux $1, see $OUT/kernels.log" ;;
	esac
	return 1
}

# variant WORD: what a word behind the name of a suite asks run.py for, into options,
# version and ko_dir. False: it cannot be had, and it has been said.
variant() {
	case $1 in
	pv | pvh) options="$options --set domain.guest.type=$1" ;;
	pvh-*) options="$options --set domain.${1#pvh-}.type=pvh" ;;
	4.17 | 4.20) version=$1 options="$options --xen-version $1" ;;
	4.*) version=$1 options="$options --xen-version 4.20" ;;
	6.12 | unstable)
		options="$options --kernel $1"
		modules_for "$1"
		;;
	*=*) options="$options --set $1" ;;
	*)
		options="$options --kernel $1"
		"$root/testbed/debugkernel.sh" "$1" || {
			failure "no kernel $1"
			return 1
		}
		modules_for "$1"
		;;
	esac
}

# variants NAME[:WORD,...]: sets name, too.
variants() {
	name=${1%%:*} version=4.17 options='' ko_dir=$MODULES
	for word in $(echo "${1#"$name"}" | tr ':,' '  '); do
		variant "$word" || return
	done
}

# boot NAME[:WORD,...]
boot() {
	variants "$1" || return 0
	# shellcheck disable=SC2086
	run_scenario "boot-$(echo "$1" | tr -c 'a-z0-9.\n' -)" \
		"$here/boot/$name.toml" --modules "$ko_dir" $options
}

# attack KIND NAME[:WORD,...]
attack() {
	variants "$2" || return 0
	version_there "$version" || return 0
	beside=$here/boot/tools-$version.patch
	[ -e "$beside" ] || beside=
	case $1 in
	task)
		xen=$(patched "$version" iotask.config)
		options="$options --set env.mode=iotask"
		;;
	debug)
		xen=$(patched "$version" iotask.config debug.config)
		options="$options --set env.debug=1 --set env.mode=iotask"
		;;
	flask)
		xen=$(patched "$version" iotask.config flask.config)
		options="$options --set env.mode=iotask"
		;;
	fault)
		beside=$here/boot/iotask-fault.patch
		xen=$(patched "$version" iotask.config)
		options="$options --set env.mode=iotask"
		;;
	control) xen='' options="$options --set env.control=1" ;;
	esac
	out=$1-$(echo "$2" | tr -c 'a-z0-9.\n' -)
	# shellcheck disable=SC2086
	run_scenario "$out" "$here/boot/$name.toml" ${xen:+--xen "$xen"} \
		--modules "$ko_dir" $options
}

system_there() {
	# shellcheck source=/dev/null
	(. "$root/testbed/config.sh" && have_system) && return
	skip "no mirror of Debian had the system (make deps-full says why)"
	return 1
}

# Three boots of one disk, each of which goes on from where the one before has
# come to; the boot for what is done from day to day has a copy.
system() {
	system_there || return 0
	disk=$OUT/system.img
	{ "$root/packaging/deb.sh" "$OUT/system-deb" &&
		"$root/testbed/mksystem.sh" "$disk" "$OUT"/system-deb/*.deb
	} >"$OUT/system.log" 2>&1 || {
		failure "no system, see $OUT/system.log"
		return
	}
	for step in install daily serve stock; do
		failed_before=$failed
		booted=$disk
		[ $step != daily ] || booted=$disk.daily
		[ $step != daily ] || cp --sparse=always "$disk" "$booted"
		run_scenario "system-$step" "$here/system/$step.toml" \
			--disk "$booted" --xen "$(patched 4.17 iotask.config)"
		[ "$failed" = "$failed_before" ] || return
	done
	rm -f "$disk" "$disk.daily"
}

for suite; do
	echo "== $suite"
	start=$(counts)
	began=$(date +%s)
	case $suite in
	host) run_lines host make -s -C "$here/host" check ;;
	iotask-host)
		run_lines iotask-host make -s -C "$here/iotask-host" check
		;;
	gnttab-host)
		run_lines gnttab-host make -s -C "$here/gnttab-host" check
		;;
	runner) run_lines runner "$here/runner/check.sh" ;;
	tools) run_lines tools "$here/tools/run.sh" ;;
	monitor) run_lines monitor "$here/monitor/check.sh" "$OUT/monitor" ;;
	kernels:*)
		# shellcheck disable=SC2046
		run_lines kernels "$root/testbed/kernels.sh" "$OUT/kernels" \
			$(echo "${suite#kernels:}" | tr , ' ')
		;;
	lint) run_lines lint "$here/lint/lint.sh" ;;
	deb) run_lines deb "$here/deb/check.sh" "$OUT/deb" ;;
	system) system ;;
	xen) run_lines xen "$root/hypervisor-patch/check.sh" ;;
	xen-full)
		run_lines xen-full "$root/hypervisor-patch/check.sh" --full
		;;
	boot:*) boot "${suite#boot:}" ;;
	task:* | debug:* | flask:* | control:* | fault:*)
		attack "${suite%%:*}" "${suite#*:}"
		;;
	bed:*)
		run_scenario "bed-${suite#bed:}" \
			"$root/testbed/scenarios/${suite#bed:}.toml"
		;;
	selftest) run_lines selftest "$root/testbed/selftest.sh" ;;
	*)
		failure "no such suite"
		;;
	esac
	silent "$start" "the whole suite"
	echo "-- $suite took $(($(date +%s) - began)) s"
done

cat "$OUT/failures"
[ -n "${DRB_TOGETHER:-}" ] || "$root/testbed/behind.sh" 4.17 4.20
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
