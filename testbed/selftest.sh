#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: selftest.sh [SCENARIO...]
# Shows that the verdict cannot lie: every way for a run to go wrong must end
# in a non-zero exit code of run.py, for the right reason.
set -u

here=$(cd "$(dirname "$0")" && pwd)
out=$here/../build/testbed/selftest
bad=0

# wanted NAME: all are where none was named.
wanted() {
	case " $chosen " in
	"  " | *" $1 "*) ;;
	*) return 1 ;;
	esac
}

# expect NAME EXIT [REASON]: the regular expression must match the failures;
# without one there must be none.
expect() {
	wanted "$1" || return
	"$here/run.py" "$here/scenarios/selftest/$1.toml" --out "$out/$1" \
		>"$out/$1.log" 2>&1
	code=$?
	if [ "$code" -ne "$2" ]; then
		echo "FAIL $1: exit code $code instead of $2, see $out/$1.log"
		bad=1
	elif ! jq -e --arg why "${3:-}" "$as_said" "$out/$1/verdict.json" \
		>/dev/null; then
		echo "FAIL $1: the reason is not '${3:-}', see $out/$1.log"
		bad=1
	else
		echo "PASS $1"
	fi
}

# said NAME TEXT...: the console has these.
said() {
	wanted "$1" || return
	console=$out/$1/console.log
	shift
	for text; do
		grep -qF "$text" "$console" && continue
		echo "FAIL $console lacks '$text'"
		bad=1
	done
}

# shellcheck disable=SC2016
as_said='if $why == "" then .failures == []
	else .failures | join("; ") | test($why) end'
chosen=$*
mkdir -p "$out"
expect failing-check 1 'a command that fails exit 3: the reason'
expect failing-script 1 'the script ended with exit code 3'
expect nothing-checked 1 'nothing was checked'
expect dom0-panic 1 'stopped before the verdict: .*(panic|crash)'
expect dom0-log 1 'kernel log of dom0: .*BUG: a line'
expect xen-log 1 'hypervisor: .*Assertion.*UBSAN.*BUG.*WARN.*corruption'
expect guest-panic 1 'domain guest crashed'
expect guest-log 1 'kernel log of guest: .*WARNING: a line'
expect expected-crash 0
expect slow 0
expect hang 1 'no progress for 60 s, .*: pass something .*blocked tasks: none'
said hang "Dumping Dom0 vcpu#0 state" "sysrq: Show backtrace of all active CPUs"
expect power-off 1 'stopped before the verdict'
exit "$bad"
