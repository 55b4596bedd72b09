#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Shows that the tests can fail: each line of the table below takes one check
# or one barrier out of a copy of the ring header, and the named test, built
# against the copy, must notice.
# usage: mutants.sh OUT INCLUDE, the build and the include directory
set -eu

out=$1
include=$2
here=$(cd "$(dirname "$0")" && pwd)
seconds=${FUZZ_SECONDS:-30}
# shellcheck source=mutate.sh
. "$here/mutate.sh"

# name | test | sed expression
mutants() {
	cat <<'TABLE'
span-unchecked|fuzz|s/drb_span(rec->data_off, rec->len) > r->prod - r->cons/0/
len-max-unchecked|fuzz|s/rec->len > DRB_MAX_PACKET/0/
len-min-unchecked|fuzz|s/rec->len < DRB_MIN_PACKET/0/
data-off-min-unchecked|fuzz|s/rec->data_off < DRB_MIN_DATA_OFF/0/
data-off-max-unchecked|fuzz|s/rec->data_off > DRB_MAX_DATA_OFF/0/
cons-ahead-unchecked|fuzz|s/(uint32_t)(r->published - r->cons) ||/UINT32_MAX ||/
cons-unaligned-unchecked|fuzz|s/cons % DRB_ALIGN/0/
prod-overfull-unchecked|fuzz|s/(uint32_t)(prod - r->published) > r->size/0/
prod-backwards-unchecked|fuzz|s/(uint32_t)(r->prod - r->published)/0/
prod-unaligned-unchecked|fuzz|s/prod % DRB_ALIGN/0/
header-read-twice|fuzz|s/^\treturn 1;$/\tdrb_record_copy(rec, drb_ring_at(r, r->cons));\n&/
joined-end-ignored|fuzz|s/return pages << DRB_PAGE_SHIFT/return 2 * pages << DRB_PAGE_SHIFT/
ring-end-ignored|model|s/return pages << DRB_PAGE_SHIFT/return 2 * pages << DRB_PAGE_SHIFT/
pieces-unchecked|fuzz|s/return DRB_PAGE_SIZE;/continue;/
page-end-ignored|unit|s/memcpy(d, drb_ring_at(r, pos), run);/memcpy(d, drb_ring_at(r, pos), run + (run < len));/
event-one-off|unit|s/new - event - 1/new - event/
disarm-forgotten|unit|/^static inline void drb_ring_disarm/,/^}/s/WRITE_ONCE(.*$/;/
threshold-one-off|unit|s/r->prod - used - 1/r->prod - used/
order-of-put|model|s/s += run;/s += run - (run > 2000);/
no-recheck-data|handshake|s/return r->prod - r->cons > bytes;/return 0;/
no-recheck-space|handshake|s/return r->prod - r->cons <= used;/return 0;/
barrier-after-look|handshake|/either we see its event/,/^}/s/drb_mb();//
release-is-plain|tsan|s/drb_store_release(&r->ctrl->prod, r->prod)/WRITE_ONCE(r->ctrl->prod, r->prod)/
TABLE
}

san='-fsanitize=address,undefined -fno-sanitize-recover=all'
flags="-std=gnu11 -O1 -g -w"

# build MUTANT SOURCE COMPILER-AND-FLAGS...
build() {
	dir=$1 source=$2
	shift 2
	"$@" -I"$dir" "$here/$source" -o "$dir/test" -pthread
}

# shellcheck disable=SC2086
noticed() {
	dir=$1
	case $2 in
	fuzz)
		build "$dir" ring_fuzz.c clang $flags $san -fsanitize=fuzzer ||
			return 1
		mkdir -p "$dir/corpus"
		"$out/fuzz_seeds" "$dir/corpus"
		! "$dir/test" -seed=1 -max_len=2048 -timeout=10 \
			-max_total_time="$seconds" -artifact_prefix="$dir/" \
			"$dir/corpus" >"$dir/log" 2>&1 &&
			grep -qE 'DRB INVARIANT|ERROR: AddressSanitizer' \
				"$dir/log"
		;;
	tsan)
		build "$dir" ring_threads.c clang $flags -fsanitize=thread \
			-include "$here/relaxed_port.h" || return 1
		! "$dir/test" 1 2000 >"$dir/log" 2>&1 &&
			grep -q 'WARNING: ThreadSanitizer' "$dir/log"
		;;
	*)
		build "$dir" "ring_$2.c" "${CC:-gcc}" $flags $san || return 1
		! "$dir/test" >"$dir/log" 2>&1
		;;
	esac
}

spoil() {
	mkdir -p "$1/drb"
	cp "$include"/drb/drb_if.h "$include"/drb/drb_port.h "$1/drb/"
	sed -e "$2" "$include/drb/drb_ring.h" >"$1/drb/drb_ring.h"
	! cmp -s "$include/drb/drb_ring.h" "$1/drb/drb_ring.h"
}

rm -rf "$out/mutants"
try_all
