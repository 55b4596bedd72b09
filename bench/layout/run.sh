#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs the layout micro-benchmark, waits for a quiet machine before, counts
# instructions after, and leaves everything in OUT/layout.json.
# usage: run.sh PROGRAM OUT COUNTED
# COUNTED is the build with the C library's copies, in which a copy is as many
# instructions as it has vectors and not, as valgrind counts string moves,
# bytes.
# QUIET_SECONDS (30) is how long to wait for quiet; SAMPLES (7) per cell.
set -eu

program=$1
out=$2
counted=$3
json=$out/$(basename "$program").json

# What all CPUs did, now and a second later.
busy() {
	grep '^cpu ' /proc/stat
	sleep 1
	grep '^cpu ' /proc/stat
}

# Quiet: at most a tenth of one CPU was busy or stolen.
quiet() {
	busy | awk '{ b[NR] = $2 + $3 + $4 + $7 + $8 + $9 }
		END { exit b[2] - b[1] > 10 }'
}

wait_for_quiet() {
	tries=${QUIET_SECONDS:-30}
	while ! quiet; do
		tries=$((tries - 1))
		if [ "$tries" -le 0 ]; then
			echo "The machine is busy: see the column 'disturbed'."
			return
		fi
	done
}

# instructions LAYOUT SIZE PACKETS: that a whole run takes
instructions() {
	# For the same reason the library must not use them for long copies.
	GLIBC_TUNABLES=glibc.cpu.x86_rep_movsb_threshold=1000000 \
		valgrind --tool=callgrind --callgrind-out-file=/dev/null \
		"$counted" --alone "$1" "$2" "$3" 2>&1 |
		sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

# The slope between two runs leaves out what is not per packet.  Both lengths
# are multiples of a period, after which the checks of the content repeat.
slope() {
	few=$(instructions "$1" "$2" 1024)
	many=$(instructions "$1" "$2" 3072)
	awk -v a="$few" -v b="$many" 'BEGIN {
		if (a + 0 <= 0 || b + 0 <= a + 0) exit 1
		printf "%.1f\n", (b - a) / 2048 }'
}

count_instructions() {
	printf '\n%-8s %6s  instructions/packet, both ends, one thread\n' \
		layout size
	: >"$out/instructions"
	for size in 64 1500 65536; do
		for layout in records linear chunks; do
			n=$(slope "$layout" "$size")
			printf '%-8s %6s  %s\n' "$layout" "$size" "$n"
			echo "$layout $size $n" >>"$out/instructions"
		done
	done
	jq -R -s 'split("\n") | map(select(. != "") | split(" ") |
		{layout: .[0], size: (.[1] | tonumber),
		 per_packet: (.[2] | tonumber)})' "$out/instructions" |
		jq --slurpfile all "$json" '$all[0] + {instructions: .}' \
			>"$json.new"
	mv "$json.new" "$json"
}

wait_for_quiet
"$program" --samples "${SAMPLES:-7}" --json "$json"
missing=
for tool in valgrind jq; do
	command -v "$tool" >/dev/null || missing="$missing $tool"
done
if [ -n "$missing" ]; then
	echo "No instruction counts: missing$missing."
else
	count_instructions
fi
