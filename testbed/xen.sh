#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: xen.sh [PATCH...]
# Builds the hypervisor, with performance counters and optionally with patches,
# unless the cache has that very build, and prints the path of the image.
# $XEN_VERSION: 4.17 (default) or another. $XEN_OPTIONS: further lines of its
# configuration, such as CONFIG_DEBUG=y. $XEN_COUNTERS=n: as it is packaged, with
# neither counters nor anything else that only tests need.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=config.sh
. "$here/config.sh"

# Live migration of PV guests takes shadow paging, which is deprecated, and off by
# default, since XSA-495.
for_tests='CONFIG_EXPERT=y
CONFIG_PERF_COUNTERS=y
CONFIG_PERF_ARRAYS=y
CONFIG_SHADOW_PAGING=y'
[ "${XEN_COUNTERS:-y}" = y ] || for_tests=
options="$for_tests
${XEN_OPTIONS:-}"

build() {
	xen_copy_source "$work" >"$log"
	for p in "$@"; do
		xen_apply "$work" "$p" >>"$log" ||
			die "$p does not apply, see $log"
	done
	echo "$options" >"$work/xen/.config"
	if ! { xen_make "$work" olddefconfig && xen_make "$work"; } \
		>>"$log" 2>&1
	then
		tail -n 30 "$log" >&2
		die "the hypervisor did not build, see $log"
	fi
	mkdir -p "$out.new"
	cp "$work/xen/xen" "$work/xen/xen-syms" "$work/xen/.config" "$out.new"
	rm -rf "$work" "$log"
	mv "$out.new" "$out"
}

have_xen_source || die "no Xen $XEN_VERSION: $(no_xen_source)"
version=$(xen_source_version)
key=$({
	echo "$version $options"
	[ $# -eq 0 ] || cat "$@"
} | sha256sum | cut -c 1-12)
out=$DRB_CACHE/xen/$version-$key
log=$out.log
# Another build's lock is no reason to wait for what is there.
if [ ! -e "$out/xen" ]; then
	xen_take_build_tree
	if [ ! -e "$out/xen" ]; then
		say "building Xen $version"
		build "$@"
	fi
fi
echo "$out/xen"
