#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: check.sh [--full | --read | --self | --table]
# Reads the series of all versions, applies and builds them. By default the
# last step is built, as release and for debugging; with --full every step is,
# and the last one also without the option and for Arm; with --read none is.
# First each checker is given something bad, and must complain (--self: only
# that). One line per check: PASS name, FAIL name: why, SKIP name: why;
# complaints follow a FAIL in lines that start with "#", and each version ends
# with such a line that says what has become of it. --table: a table of these and
# nothing else.
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
		echo "SKIP $1: no patch adds $(basename "$3")"
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
	all_of_them=$(find "$XEN_SERIES/$XEN_VERSION" -name '*.patch' | sort)
	# shellcheck disable=SC2086
	verdict "$name.mail" "$(mail_complaints $all_of_them)"
	# shellcheck disable=SC2086
	verdict "$name.lines" "$(line_complaints $all_of_them)"
	new_files "$scratch/new-$XEN_VERSION" "$@"
	same "$name.header" "$top/include/drb/iotask.h" \
		"$scratch/new-$XEN_VERSION/$public"
	have_xen_source || return 0
	said=$(apply_series)
	verdict "$name.apply" "$said"
	applies=yes
	[ -z "$said" ] || applies=no
	# shellcheck disable=SC2046
	verdict "$name.function-length" "$(long_xen_functions \
		"$DRB_XEN_SOURCE" "$tree" $(touched_c_files "$@"))"
	rm -rf "$tree"
}

# build KIND: sets $built.
build() {
	built=yes
	"$here/steps.sh" "$1" $all || built=no status=1
}

build_series() {
	build release
	release=$built
	build debug
	debug=$built
	[ -n "$all" ] || return 0
	for kind in without arm64; do
		build "$kind"
	done
}

# What has become of the version, as a line of the table and for the reader.
tell() {
	printf '%-9s %-34s %-8s %-8s %s\n' "$XEN_VERSION" "$(xen_source_version)" \
		"$applies" "$release" "$debug" >>"$scratch/table"
	line="xen.$XEN_VERSION: $(xen_source_version):"
	case $applies in
	yes) line="$line applied" ;;
	no) line="$line does not apply" ;;
	esac
	for kind in release debug; do
		eval "built=\$$kind"
		case $built in
		yes) line="$line, built $kind" ;;
		no) line="$line, $kind does not build" ;;
		esac
	done
	echo "# $line"
}

check_version() {
	# What it names depends on the version.
	# shellcheck source=../testbed/config.sh
	. "$top/testbed/config.sh"
	applies=- release=- debug=-
	# shellcheck disable=SC2046
	set -- $(series)
	if [ $# -eq 0 ]; then
		echo "SKIP xen.$XEN_VERSION: the series is empty"
		return
	fi
	read_series "$@"
	if ! have_xen_source; then
		echo "SKIP xen.$XEN_VERSION: not to be had: $(no_xen_source)"
		printf '%-9s not to be had: %s\n' "$XEN_VERSION" \
			"$(no_xen_source)" >>"$scratch/table"
		return
	fi
	[ "$all" = none ] || [ "$applies" = no ] || build_series
	tell
}

# Each version has the same interface, and the same table behind it.
check_same() {
	[ -d "$scratch/new-$XEN_MASTER" ] || new_files "$scratch/new-$XEN_MASTER" \
		"$XEN_SERIES/$XEN_MASTER"/[0-9]*.patch
	for XEN_VERSION in $versions; do
		[ "$XEN_VERSION" != "$XEN_MASTER" ] || continue
		[ -d "$scratch/new-$XEN_VERSION" ] || continue
		for f in "$public" "$common"; do
			same "xen.$XEN_VERSION.same-$(basename "$f")" \
				"$scratch/new-$XEN_MASTER/$f" \
				"$scratch/new-$XEN_VERSION/$f"
		done
	done
}

all='' table=''
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
case ${1:-} in
--full) all=--all ;;
--read) all=none ;;
--table) table=y ;;
esac
[ -n "$table" ] || check_self
[ "${1:-}" != --self ] || exit "$status"
export XEN_VERSION
[ -z "$table" ] || exec 5>&1 >"$scratch/lines"
for XEN_VERSION in $versions; do
	check_version
done
check_same
if [ "$all" != none ] && [ -z "$table" ]; then
	"$here/sources.sh" || status=1
	"$here/grub.sh" || status=1
fi
if [ -n "$table" ]; then
	printf '%-9s %-34s %-8s %-8s %s\n' version source applies release debug >&5
	cat "$scratch/table" >&5
	grep '^FAIL' "$scratch/lines" >&5
fi
exit "$status"
