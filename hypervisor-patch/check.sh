#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: check.sh [--full | --read | --self]
# Reads the series of both versions, applies and builds them. By default the
# last step is built, as release and for debugging; with --full every step is,
# and the last one also without the option and for Arm; with --read none is.
# First each checker is given something bad, and must complain (--self: only
# that). One line per check: PASS name, FAIL name: why, SKIP name: why;
# complaints follow a FAIL in lines that start with "#".
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
# shellcheck source=checkers.sh
. "$here/checkers.sh"
# shellcheck source=../tests/lint/checkers.sh
. "$top/tests/lint/checkers.sh"
# shellcheck source=self.sh
. "$here/self.sh"

status=0
public=xen/include/public/iotask.h
common=xen/common/iotask.c

# verdict NAME COMPLAINTS: lines with a "#" are for information.
verdict() {
	bad=$(printf '%s' "$2" | grep -c '^[^#]')
	if [ "$bad" = 0 ]; then
		echo "PASS $1"
	else
		echo "FAIL $1: $bad complaints"
		status=1
	fi
	[ -z "$2" ] || printf '%s\n' "$2" | sed 's/^#* */# /'
}

# same NAME FILE FILE: both must be there and be equal.
same() {
	if [ -e "$2" ] && [ -e "$3" ]; then
		verdict "$1" "$(different_files "$2" "$3")"
	else
		echo "SKIP $1: no series adds $(basename "$3")"
	fi
}

# Says how the series applies, and leaves its result in $tree.
apply_series() {
	xen_copy_source "$tree"
	for p in $(series); do
		said=$(xen_apply "$tree" "$p" 2>&1) || {
			printf '%s does not apply\n%s\n' "${p##*/}" "$said"
			return
		}
	done
}

# read_series PATCH...: all that needs no compiler.
read_series() {
	name=xen.$XEN_VERSION
	tree=$scratch/$XEN_VERSION
	verdict "$name.mail" "$(mail_complaints "$@")"
	verdict "$name.lines" "$(line_complaints "$@")"
	have_xen_source || return 0
	verdict "$name.apply" "$(apply_series)"
	# shellcheck disable=SC2046
	verdict "$name.function-length" "$(long_xen_functions \
		"$DRB_XEN_SOURCE" "$tree" $(touched_c_files "$@"))"
	same "$name.header" "$top/include/drb/iotask.h" "$tree/$public"
}

build_series() {
	for kind in release debug; do
		"$here/steps.sh" "$kind" $all || status=1
	done
	[ -n "$all" ] || return
	for kind in without arm64; do
		"$here/steps.sh" "$kind" || status=1
	done
}

check_version() {
	# What it names depends on the version.
	# shellcheck source=../testbed/config.sh
	. "$top/testbed/config.sh"
	# shellcheck disable=SC2046
	set -- $(series)
	if [ $# -eq 0 ]; then
		echo "SKIP xen.$XEN_VERSION: the series is empty"
		return
	fi
	read_series "$@"
	if ! have_xen_source; then
		echo "SKIP xen.$XEN_VERSION: applying and building: $(no_xen_source)"
		return
	fi
	compared="$compared $XEN_VERSION"
	[ "$all" = none ] || build_series
}

all=
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
check_self
case ${1:-} in
--self) exit "$status" ;;
--full) all=--all ;;
--read) all=none ;;
esac
export XEN_VERSION
compared=
for XEN_VERSION in $versions; do
	check_version
done
[ "$compared" = " $versions" ] || exit "$status"
for f in "$public" "$common"; do
	same "xen.same-$(basename $f)" "$scratch/4.17/$f" "$scratch/4.20/$f"
done
exit "$status"
