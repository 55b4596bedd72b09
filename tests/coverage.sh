#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: coverage.sh OUT [PERCENT]
# Adds up which lines of the modules the suites have run that were booted on the kernel
# gcov with their results in OUT. Writes OUT/coverage.info for lcov's tools,
# OUT/coverage.txt (a line for each file) and OUT/coverage-gaps.txt (the lines that never
# ran). Fails below so many percent of the lines, by default 85.
set -eu

usage='usage: coverage.sh OUT [PERCENT]'
out=$(cd "${1:?$usage}" && pwd)
least=${2:-85}
work=$out/coverage
rm -rf "$work"
mkdir -p "$work"

lcov() {
	command lcov --quiet --rc lcov_branch_coverage=1 "$@"
}

# capture ARCHIVE: the counts of one domain, to $info. The compiler's notes on the lines
# are where the modules were built, which the names in the archive say.
capture() {
	tree=$work/tree
	rm -rf "$tree"
	mkdir -p "$tree"
	tar -xz -C "$tree" -f "$1" || return 0
	find "$tree" -name '*.gcda' | grep '/kernels/gcov/' | while read -r counts; do
		note=${counts%.gcda}.gcno
		ln -s "${note#"$tree"}" "$note"
	done
	found=$(find "$tree" -type d -path '*/kernels/gcov' | head -n 1)
	[ -n "$found" ] || return 0
	lcov --capture --directory "$found" --base-directory "${found#"$tree"}" \
		--output-file "$info"
	sed -i 's|^SF:.*/kernels/gcov/|SF:|' "$info"
}

number=0 adds=
for archive in "$out"/*/logs/coverage/*.tgz "$out"/*/*/logs/coverage/*.tgz; do
	[ -s "$archive" ] || continue
	number=$((number + 1)) info=$work/$number.info
	capture "$archive"
	[ ! -s "$info" ] || adds="$adds --add-tracefile $info"
done
[ -n "$adds" ] || {
	echo "coverage.sh: no counts in $out: no suite has run on the kernel gcov" >&2
	exit 1
}
# shellcheck disable=SC2086
lcov $adds --output-file "$work/all"
lcov --extract "$work/all" 'drb-core/*' 'netback-drb/*' 'netfront-drb/*' \
	--output-file "$out/coverage.info"
rm -rf "$work"

# SF: a file; DA: a line and how often; BRDA: a branch, and how often or "-".
enough=0
awk -F '[:,]' -v least="$least" -v gaps="$out/coverage-gaps.txt" '
	function line(name, n, h, b, t) {
		printf "%-26s %5d of %5d lines %5.1f %%  %5d of %5d branches %5.1f %%\n",
			name, h, n, n ? 100 * h / n : 0, t, b, b ? 100 * t / b : 0
	}
	BEGIN { printf "" >gaps }
	$1 == "SF" { file = $2; n = h = b = t = 0 }
	$1 == "DA" { n++; if ($3 > 0) h++; else print file ":" $2 >gaps }
	$1 == "BRDA" { b++; if ($5 != "-" && $5 > 0) t++ }
	$1 == "end_of_record" {
		line(file, n, h, b, t)
		N += n; H += h; B += b; T += t
	}
	END {
		line("all", N, H, B, T)
		exit !(N && 100 * H / N >= least)
	}' "$out/coverage.info" >"$out/coverage.txt" || enough=1
cat "$out/coverage.txt"
exit "$enough"
