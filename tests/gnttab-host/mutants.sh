#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Shows that the tests can fail: each line of the table below spoils a copy of
# the grant table's code or of the I/O task table, and the same runs as always
# must notice.  The time that took is printed.
# usage: mutants.sh OUT [NAME...], OUT being what holds what "make" has built
set -eu

out=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
runs=${MUTANT_RUNS:-60000}

# name | file | sed expression
mutants() {
	cat <<'TABLE'
ordinary-map|grant_table|s/tag ? pg == task_pg : !page_in_iotask(pg)/tag ? pg == task_pg : 1/
another-frame|grant_table|s/tag ? pg == task_pg : !page_in_iotask(pg)/tag ? 1 : !page_in_iotask(pg)/
in-use-when-registered|iotask|s/!rc && !gnttab_iotask_exclusive(d)/0/
exclusive-too-soon|grant_table|/^bool gnttab_iotask_exclusive/,/^}/s/break;/continue;/
copy-by-task|grant_table|/^static bool iotask_copy_okay/,/^}/s/likely(!act_iotask(act))/1/
copy-by-ordinary|grant_table|s/unlikely(!iotask_admits(rd, 0, NULL, \*page))/0/
frame-unmarked|grant_table|s/test_and_set_bit(_PGC_iotask, &(\*pg)->count_info)/0/
mark-left|grant_table|s/clear_bit(_PGC_iotask, &pg->count_info);//
frame-not-held|grant_table|/^int gnttab_iotask_tag/,/^}/s/act->iotask = tag;/{ act->iotask = tag; put_page(*pg); }/
frame-held-for-ever|grant_table|/^void gnttab_iotask_untag/,/^}/s/iotask_put_frame(d, pg);//
type-not-held|grant_table|/^static int iotask_get_frame/,/^}/s/get_page_type(\*pg, PGT_writable_page))/1)/
special-page|grant_table|/^static int iotask_get_frame/,/^}/s/!is_special_page(\*pg)/1/
pinned-when-registered|grant_table|/^int gnttab_iotask_tag/,/^}/s/else if ( act->pin )/else if ( 0 )/
tag-left|grant_table|s/^    act->iotask = 0;//
moved|pv_grant_table|s/unlikely(maps_foreign_iotask(ol1e, currd))/0/
version|grant_table|/^gnttab_set_version/,/^}/s/iotask_in_use(currd)/0/
odd-unmap|hvm_grant_table|s/type != grant_p2m_type(flags)/!p2m_is_grant(type)/
undo-unheeded|grant_table|s/undo_grant_host_mapping(loc, mfn, op->flags) != GNTST_okay/undo_grant_host_mapping(loc, mfn, op->flags) == 77/
undo-elsewhere|grant_table|s/undo_grant_host_mapping(loc, mfn, op->flags)/replace_grant_host_mapping(op->host_addr, mfn, 0, op->flags)/
hvm-not-in-place|hvm_grant_table|s/int rc = -EILSEQ;/int rc = 0;/
hvm-entry-kept|hvm_grant_table|s/rc = p2m_set_entry(p2m, gfn, page_to_mfn(sink).*/rc = 0;/
hvm-error|hvm_grant_table|/^int divert/,/^}/s/return rc == -ENOENT ? -EIO : rc;/return 0;/
hvm-error-is-absence|hvm_grant_table|/^int divert/,/^}/s/return rc == -ENOENT ? -EIO : rc;/return rc ? -ENOENT : 0;/
pv-absence-held|grant_table|s/m->held = rc != -ENOENT;/m->held = true;/
pv-held-forgotten|grant_table|s/m->held = rc != -ENOENT;/m->held = false;/
pv-absence-error|pv_grant_table|/^int divert/,/^}/s/int rc = -ENOENT;/int rc = 0;/
pv-presence|pv_grant_table|/^int divert/,/^}/s/!(l1e_get_flags(ol1e) & _PAGE_PRESENT) ||/0 ||/
pv-frame|pv_grant_table|/^int divert/,/^}/s/!mfn_eq(l1e_get_mfn(ol1e), frame)/0/
pv-ordinary-and-rights|pv_grant_table grant_table|s/!(l1e_get_flags(ol1e) & _PAGE_RW) != !!(flags & GNTMAP_readonly)/0/;s/tag ? pg == task_pg : !page_in_iotask(pg)/1/
pv-table-unlocked|pv_grant_table|/^int divert/,/^}/s/!= PGT_l1_page_table/== 77/
sink-type|pv_grant_table|s/? get_page_and_type(sink, d, PGT_writable_page)/? get_page(sink, d)/
type-by-mapper|grant_table|/^void gnttab_iotask_release/,/^}/s/readonly, NULL, rd/readonly, rd, rd/
type-of-readonly|grant_table|/^void gnttab_iotask_release/,/^}/s/get_page_type(readonly,/get_page_type(false,/
release-twice|grant_table|/^void gnttab_iotask_release/,/^}/s/if ( m->held )/if ( 1 )/
not-flushed|asm_grant_table|s/else if ( flush )/else if ( 0 )/
not-flushed-if-first|grant_table|s/flush |= m\[i\].rc == 1;/flush = m[i].rc == 1;/
pin-left|grant_table|/^void gnttab_iotask_release/,/^}/s/act->pin -= .*/;/
handle-not-told|grant_table|s/(m->flags & ~GNTMAP_host_map) | MAPTRACK_REVOKED)/m->flags)/
handle-freed-twice|grant_table|/^unmap_common/,/^}/s/unlikely(flags & MAPTRACK_REVOKED)/0/
iommu-error-released|iotask|/^static int release_ref/,/^}/s/if ( !rc )/if ( 1 )/
iommu-not-undone|iotask|s/int rc = xd ? gnttab_iotask_unmap_iommu/int rc = 0 ? gnttab_iotask_unmap_iommu/
iommu-error-at-unmap|grant_table|s/^\( *\)iotask_keep(op);/\1;/
hardware-domain-crashed|iotask|s/!is_hardware_domain(xd) && //
error-forgotten|iotask|s/t->failed = true;//
half-mapped|iotask|/case REF_unmapping:/,/break/s/m->rc = -ERESTART;/m->rc = 0;/
while-revoked|iotask|s/okay = t->state == XEN_IOTASK_STATE_active \&\&/okay =/
another-driver|iotask|s/t->driver_serial == ld->iotask->serial/1/
twice-mapped|iotask|s/r->state == REF_idle \&\& iotask_sink/iotask_sink/
no-sink|iotask|s/ \&\& iotask_sink(ld, true) \&\&/ \&\&/
device-map|iotask|s/ \&\& !(flags & GNTMAP_device_map)//
direction|iotask|s/((flags & GNTMAP_readonly) || (t->flags & XEN_IOTASK_WRITE));/1;/
busy|iotask|s/else if ( t->busy )/else if ( 0 )/
begun-at-the-end|iotask|s/t->next = 0;/;/
driver-gone-too-soon|iotask|/^int iotask_driver_gone/,/^}/s/rd->is_dying && /0 \&\& /
diverted-left|iotask|s/^        release_diverted(d, t);//
sink-leaked|iotask|/^int iotask_driver_gone/,/^}/s/free_sink(sink\[1\]);//
TABLE
}

build() {
	for o in grant iotask arch; do
		"${CC:-gcc}" -std=gnu11 -O1 -w -I"$1" -I"$here" -isystem "$out" \
			-c "$here/real_$o.c" -o "$1/real_$o.o" || return 1
	done
	set -- "$1" "$out/real_radix.gcc.o"
	for o in port mem pv p2m world check ops ops_memory ops_grant ops_task \
		fuzz replay; do
		set -- "$@" "$out/$o.gcc.o"
	done
	dir=$1
	shift
	"${CC:-gcc}" "$dir"/real_*.o "$@" -o "$dir/replay"
}

# try NAME FILES EXPRESSION
try() {
	dir=$out/mutants/$1
	mkdir -p "$dir"
	for f in $2; do
		s=$f.c
		[ -e "$out/$s" ] && [ "$f" != asm_grant_table ] || s=$f.h
		sed -e "$3" "$out/$s" >"$dir/$s"
		if cmp -s "$out/$s" "$dir/$s"; then
			echo "FAIL mutant.$1: its pattern is no longer in $s"
			return
		fi
	done
	if ! build "$dir" >"$dir/log" 2>&1; then
		echo "FAIL mutant.$1: it does not build"
	elif timeout 60 "$dir/replay" 0 "$runs" >"$dir/log" 2>&1; then
		echo "FAIL mutant.$1: not noticed"
	else
		echo "PASS mutant.$1"
		sed -n 's/^INVARIANT: //p;s/^number/# number/p' "$dir/log" |
			tr '\n' ' '
		echo
		rm -rf "$dir"
	fi
}

if [ "${1:-}" = --one ]; then
	line=$(sed -n "$2p" "$out/mutants.table")
	rest=${line#*|}
	try "${line%%|*}" "${rest%%|*}" "${rest#*|}" >"$out/mutants/$2.out" 2>&1
	exit
fi

rm -rf "$out/mutants"
mkdir -p "$out/mutants"
mutants >"$out/mutants.table"
if [ $# -gt 0 ]; then
	printf '%s\n' "$@" | sed 's/.*/^&|/' >"$out/mutants.names"
	grep -f "$out/mutants.names" "$out/mutants.table" >"$out/mutants.some"
	mv "$out/mutants.some" "$out/mutants.table"
fi
n=$(wc -l <"$out/mutants.table")
seq "$n" | xargs -P "${JOBS:-2}" -n 1 sh "$0" "$out" --one
cat "$out"/mutants/*.out
! grep -q '^FAIL' "$out"/mutants/*.out
