#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs a test program that prints its own result lines, and adds a FAIL line
# when it ends badly without having said so: a sanitizer's report, a crash.
# usage: run.sh PROGRAM [ARGUMENT...]
set -u

log=$1.log
"$@" >"$log" 2>"$log.err"
status=$?
cat "$log"
grep -v "doesn't fully support makecontext" "$log.err" >&2
if [ "$status" -ne 0 ] && ! grep -q '^FAIL ' "$log"; then
	echo "FAIL $(basename "$1").ends-well: exit status $status"
fi
exit "$status"
