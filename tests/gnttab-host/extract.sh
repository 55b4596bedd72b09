#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Takes the grant table's code out of Xen's source with the series of patches,
# and leaves out the #include lines: port.h stands in for all of them.
# usage: extract.sh OUT		writes the files to OUT
#	 extract.sh --there	says if there is a source to take them from
# XEN_VERSION and XEN_SERIES say which source and which patches, as they do in
# hypervisor-patch/common.sh.
set -eu

here=$(cd "$(dirname "$0")/../../hypervisor-patch" && pwd)
# shellcheck source=../../hypervisor-patch/common.sh
. "$here/common.sh"

have_xen_source || {
	echo "SKIP gnttab.build: $(no_xen_source)"
	exit 1
}
[ "$1" != --there ] || exit 0
out=$1
tree=$out/tree

# Only what the patches touch and what is taken, which is quicker than all.
rm -rf "$tree"
mkdir -p "$tree"
files='xen/common/radix-tree.c xen/include/xen/radix-tree.h
	xen/common/grant_table.c xen/include/xen/grant_table.h
	xen/include/public/grant_table.h xen/arch/x86/pv/mm.h'
for f in $files $(series | xargs -r sed -n 's|^--- a/||p'); do
	mkdir -p "$tree/$(dirname "$f")"
	[ ! -e "$DRB_XEN_SOURCE/$f" ] || cp "$DRB_XEN_SOURCE/$f" "$tree/$f"
done
for p in $(series); do
	xen_apply "$tree" "$p" >"$out/patch.log" || {
		cat "$out/patch.log" >&2
		exit 1
	}
done

# update NAME: only what has changed, so that make need not compile again.
update() {
	cmp -s "$out/$1.new" "$out/$1" || mv "$out/$1.new" "$out/$1"
	rm -f "$out/$1.new"
}

# take FILE NAME
take() {
	[ -e "$tree/$1" ] || return 0	# without the series
	sed '/^#include/d' "$tree/$1" >"$out/$2.new"
	update "$2"
}

# Small batches, so that a few references are several.
iotask=$tree/xen/common/iotask.c
[ ! -e "$iotask" ] ||
	sed -i 's/^\(#define IOTASK_BATCH\) 32U$/\1 2U/' "$iotask"
sed -i 's/^\(#define GNTTAB_UNMAP_BATCH_SIZE\) 32$/\1 2/' \
	"$tree/xen/common/grant_table.c"

take xen/common/grant_table.c grant_table.c
take xen/common/iotask.c iotask.c
take xen/common/radix-tree.c radix-tree.c
take xen/arch/x86/pv/grant_table.c pv_grant_table.c
take xen/arch/x86/hvm/grant_table.c hvm_grant_table.c
take xen/include/xen/grant_table.h grant_table.h
take xen/include/xen/iotask.h iotask.h
take xen/include/xen/radix-tree.h radix-tree.h
take xen/include/public/grant_table.h public_grant_table.h
take xen/include/public/iotask.h public_iotask.h
take xen/arch/x86/include/asm/grant_table.h asm_grant_table.h
take xen/arch/x86/include/asm/pv/grant_table.h pv_grant_table.h
take xen/arch/x86/include/asm/hvm/grant_table.h hvm_grant_table.h

# Of these, just what writes a PV guest's page table, and the flags of pages.
sed -n '/^static inline bool update_intpte/,/^}/p
	/^#define UPDATE_ENTRY/,/)$/p
	/^static always_inline l1_pgentry_t adjust_guest_l1e/,/^}/p' \
	"$tree/xen/arch/x86/pv/mm.h" >"$out/pv_mm.h.new"
update pv_mm.h
mm=xen/arch/x86/include/asm/mm.h
mkdir -p "$tree/$(dirname $mm)"
[ -e "$tree/$mm" ] || cp "$DRB_XEN_SOURCE/$mm" "$tree/$mm"
sed -n '/define PGT_none /,/define PGC_count_mask /p' "$tree/$mm" |
	grep '^ *#' >"$out/page_flags.h.new"
update page_flags.h

# What the model has to know of the base.
# says NAME WORD FILE
says() {
	echo "#define $1 $(grep -c "$2" "$out/$3")"
}
{ says NEW_BASE gnttab_map_frame_begin grant_table.h
	says RADIX_INIT radix_tree_init_maxindex radix-tree.c
} >"$out/base.h.new"
update base.h
touch "$out/extracted"
