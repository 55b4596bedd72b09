#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: check.sh
# Shows that run.sh and lanes.sh count nothing as good that has not passed, and that
# fails_on takes no failure of the agent's for one of the command's.  PASS name, or
# FAIL name: why.
# shellcheck disable=SC2317 # its functions are called by check
set -u

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
scratch=$(mktemp -d)
started=
trap 'clean_up' EXIT
status=0
# Of it, fails_on; what else it has the same names as here is not called.
# shellcheck source=../../testbed/lib.sh
. "$root/testbed/lib.sh"

clean_up() {
	# shellcheck disable=SC2086
	[ -z "$started" ] || kill -9 $started 2>/dev/null
	rm -rf "$scratch"
}

# check NAME COMMAND...
check() {
	name=runner.$1
	shift
	if "$@" >"$scratch/check" 2>&1; then
		echo "PASS $name"
	else
		echo "FAIL $name: $(tail -n 1 "$scratch/check")"
		sed 's/^/# /' "$scratch/check"
		status=1
	fi
}

# ---- run.sh ----------------------------------------------------------------

# executable FILE: of standard input.
executable() {
	mkdir -p "$(dirname "$1")"
	cat >"$1"
	chmod +x "$1"
}

# A tree with the true run.sh, lanes.sh and list of skips, whose suites say what
# files of $says have: SUITE.said and SUITE.code.
make_tree() {
	tree=$scratch/tree says=$scratch/says
	mkdir -p "$tree/tests" "$tree/testbed" "$says" "$scratch/cache"
	cp "$root/tests/run.sh" "$root/tests/lanes.sh" "$root/tests/skips" "$tree/tests"
	cp "$root/testbed/config.sh" "$tree/testbed"
	executable "$tree/testbed/behind.sh" </dev/null
	for suite in tests/tools/run tests/lint/lint tests/deb/check testbed/kernels; do
		executable "$tree/$suite.sh" <<-'END'
			#!/bin/sh
			name=$(echo "$0" | sed 's|.*/\(.*\)/run.sh$|\1|
				s|.*/\(.*\)/check.sh$|\1|; s|.*/\(.*\).sh$|\1|')
			cat "$SAYS/$name.said"
			exit "$(cat "$SAYS/$name.code")"
		END
	done
	# run.py SCENARIO ... --out DIR
	executable "$tree/testbed/run.py" <<-'END'
		#!/bin/sh
		name=$(basename "$1" .toml)
		while [ "$1" != --out ]; do
			shift
		done
		mkdir -p "$2"
		[ ! -e "$SAYS/$name.said" ] || cp "$SAYS/$name.said" "$2/verdict.json"
		exit "$(cat "$SAYS/$name.code")"
	END
}

# say SUITE CODE [LINE...]; verdict SCENARIO CODE PASSED SKIPPED, lists in JSON.
say() {
	echo "$2" >"$says/$1.code"
	file=$says/$1.said
	shift 2
	: >"$file"
	[ $# = 0 ] || printf '%s\n' "$@" >"$file"
}

verdict() {
	echo "$2" >"$says/$1.code"
	echo "{\"passed\": $3, \"failures\": [], \"skipped\": $4}" >"$says/$1.said"
}

run() {
	_script=$1
	shift
	env -u DRB_TOGETHER SAYS="$says" OUT="$scratch/out" MODULES=/none XEN=/none \
		DRB_CACHE="$scratch/cache" "$tree/tests/$_script" "$@" \
		>"$scratch/said" 2>&1
	code=$?
	cat "$scratch/said"
}

# good COUNTS SUITE...; bad COUNTS WORDS SUITE...: these last lines, and that reason.
good() {
	counts=$1
	shift
	run run.sh "$@"
	[ "$code" = 0 ] && [ "$(tail -n 1 "$scratch/said")" = "$counts" ]
}

bad() {
	counts=$1 words=$2
	shift 2
	run run.sh "$@"
	[ "$code" = 1 ] && [ "$(tail -n 1 "$scratch/said")" = "$counts" ] &&
		grep -q "^FAIL .*$words" "$scratch/said"
}

passes() {
	say tools 0 "PASS tools.one" "PASS tools.two" &&
		good "2 passed, 0 failed, 0 skipped" tools &&
		verdict one 0 '["a check"]' '[]' &&
		good "3 passed, 0 failed, 0 skipped" tools boot:one
}

# Beside one that passes, as it would be in a list of suites.
says_nothing() {
	say lint 0 && bad "2 passed, 1 failed, 0 skipped" "nothing has passed" \
		tools lint &&
		say lint 0 "pass in other letters" "# a remark" &&
		bad "2 passed, 1 failed, 0 skipped" "nothing has passed" tools lint
}

scenario_says_nothing() {
	verdict none 0 '[]' '[]' &&
		bad "2 passed, 1 failed, 0 skipped" "nothing has passed" tools boot:none
}

scenario_without_verdict() {
	echo 0 >"$says/lost.code" &&
		bad "2 passed, 1 failed, 0 skipped" "no verdict" tools boot:lost
}

fails_quietly() {
	say lint 3 "PASS lint.names" &&
		bad "1 passed, 1 failed, 0 skipped" "exit code 3" lint
}

fails_and_ends_well() {
	say lint 0 "PASS lint.names" "FAIL lint.spdx: 1 complaints" &&
		bad "1 passed, 1 failed, 0 skipped" "lint.spdx" lint
}

no_such_suite() {
	bad "2 passed, 1 failed, 0 skipped" "no such suite" tools nonesuch
}

permitted_skip() {
	say kernels 0 "SKIP kernels.6.12: no mirror of Debian had the kernel; make deps says why"
	good "2 passed, 0 failed, 1 skipped" tools kernels:6.12
}

forbidden_skip() {
	say lint 0 "PASS lint.names" \
		"SKIP lint.checkpatch-kernel: checkpatch.pl is not in the cache" &&
		bad "1 passed, 1 failed, 0 skipped" "does not permit: .*checkpatch" lint
}

# What one suite may leave out another may not.
skip_of_another() {
	say lint 0 "PASS lint.names" \
		"SKIP kernels.6.12: no mirror of Debian had the kernel; make deps says why" &&
		bad "1 passed, 1 failed, 0 skipped" "does not permit" lint
}

scenario_skips() {
	mkdir -p "$scratch/cache/xen-source-4.17/debian" &&
		: >"$scratch/cache/xen-source-4.17/debian/changelog" &&
		verdict iotask 0 '["a check"]' \
			'["zapped, then revoked not on a debugging hypervisor"]' &&
		good "1 passed, 0 failed, 1 skipped" debug:iotask &&
		bad "1 passed, 1 failed, 0 skipped" "does not permit" task:iotask
}

# The suite as a whole, for want of a source: of 4.20 it may be, of 4.17 not.
whole_suite_skips() {
	good "2 passed, 0 failed, 1 skipped" tools task:iotask:4.20 &&
		rm -r "$scratch/cache/xen-source-4.17" &&
		bad "2 passed, 1 failed, 0 skipped" "does not permit: .*4.17" \
			tools task:iotask
}

# Three fields a line, and none that would permit any suite or any text.
list_of_skips() {
	grep -v '^#' "$root/tests/skips" >"$scratch/skips" &&
		awk -F '\t+' 'NF != 3 || $1 == "*" || $2 == "*" || $3 == "" {
			print "not a line of it: " $0; bad = 1
		} END { exit bad }' "$scratch/skips"
}

# lanes CODE COUNTS LANE...
lanes() {
	wanted=$1 counts=$2
	shift 2
	run lanes.sh "$@"
	[ "$code" = "$wanted" ] && [ "$(tail -n 1 "$scratch/said")" = "$counts" ]
}

lanes_count() {
	say lint 0 "PASS lint.names" &&
		lanes 0 "3 passed, 0 failed, 0 skipped" tools lint &&
		say lint 0 && lanes 1 "2 passed, 2 failed, 0 skipped" tools lint &&
		lanes 1 "2 passed, 1 failed, 0 skipped" tools "" &&
		grep "a lane has passed nothing" "$scratch/said"
}

lane_ends_early() {
	executable "$tree/tests/tools/run.sh" <<-'END'
		#!/bin/sh
		# run.sh itself, two processes up from its suite.
		kill -9 "$(awk '/^PPid:/ { print $2 }' /proc/$PPID/status)" $PPID
	END
	say lint 0 "PASS lint.names" &&
		lanes 1 "1 passed, 1 failed, 0 skipped" tools lint &&
		grep "did not come to its end" "$scratch/said"
}

make_tree
check passes passes
check says-nothing says_nothing
check scenario-says-nothing scenario_says_nothing
check scenario-without-verdict scenario_without_verdict
check fails-quietly fails_quietly
check fails-and-ends-well fails_and_ends_well
check no-such-suite no_such_suite
check permitted-skip permitted_skip
check forbidden-skip forbidden_skip
check skip-of-another skip_of_another
check scenario-skips scenario_skips
check whole-suite-skips whole_suite_skips
check list-of-skips list_of_skips
check lanes-count lanes_count
check lane-ends-early lane_ends_early
# shellcheck source=agent.sh
. "$here/agent.sh"
exit "$status"
