#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: version.sh [FILE]
# Prints the version of this tree, which grows with each commit: that of the Makefile,
# and behind it, unless its tag (v0.1.0) is on the commit, how many commits there are
# and which is the last.  A tree that came without its history has it in the file
# "version".  With FILE the version is written there, if it is not there already.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)

in_git() {
	git -C "$top" "$@" 2>/dev/null
}

# Of a history that begins somewhere, nobody can tell how many commits it has: its
# packages are older than any other.
history() {
	if [ -n "$(in_git tag --points-at HEAD --list "v$release")" ]; then
		return
	elif [ "$(in_git rev-parse --is-shallow-repository)" = false ]; then
		printf '+%s.g' "$(in_git rev-list --count HEAD)"
	else
		printf '~0.g'
	fi
	in_git rev-parse --short=12 HEAD
}

version() {
	release=$(sed -n 's/^VERSION *:= *//p' "$top/Makefile")
	if [ -e "$top/version" ]; then
		cat "$top/version"
	elif [ "$(in_git rev-parse --show-toplevel)" != "$top" ]; then
		echo "$release"
	elif in_git diff --quiet HEAD; then
		echo "$release$(history)"
	else
		echo "$release$(history).changed"
	fi
}

if [ $# -eq 0 ]; then
	version
	exit
fi
new=$(version)
[ "$(cat "$1" 2>/dev/null)" = "$new" ] || echo "$new" >"$1"
