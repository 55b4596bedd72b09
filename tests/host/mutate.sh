# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# Tries mutants: copies of a source with one thing spoilt, each of which a test
# must notice. Sourced by scripts that have set $out and defined
#	mutants			prints the table: name | test | sed expression
#	spoil DIR EXPRESSION	writes the copy; fails if it is as before
#	noticed DIR TEST	succeeds if the test notices; a mutant that
#				does not build has shown nothing

status=0

try() {
	dir=$out/mutants/$1
	mkdir -p "$dir"
	if ! spoil "$dir" "$3"; then
		echo "FAIL mutant.$1: its pattern is no longer in the source"
	elif noticed "$dir" "$2"; then
		echo "PASS mutant.$1-found-by-$2"
		rm -rf "$dir"
		return
	else
		echo "FAIL mutant.$1: $2 did not notice"
	fi
	status=1
}

# All of the table; the script's exit code says whether all were noticed.
try_all() {
	mutants >"$out/mutants.table"
	while IFS= read -r line; do
		rest=${line#*|}
		try "${line%%|*}" "${rest%%|*}" "${rest#*|}"
	done <"$out/mutants.table"
	exit "$status"
}
