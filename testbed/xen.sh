#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: xen.sh [PATCH...]
# Builds the hypervisor, with performance counters and optionally with patches,
# unless the cache has that very build, and prints the path of the image.
# $XEN_OPTIONS: further lines of its configuration, such as CONFIG_DEBUG=y.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=config.sh
. "$here/config.sh"

options='CONFIG_EXPERT=y
CONFIG_PERF_COUNTERS=y
CONFIG_PERF_ARRAYS=y'"
${XEN_OPTIONS:-}"

build() {
	work=$out.build
	rm -rf "$work"
	mkdir -p "$work"
	cp -a "$DRB_XEN_SOURCE/." "$work"
	for p in "$@"; do
		patch -d "$work" -p1 --fuzz=0 <"$p" >>"$work/build.log" ||
			die "$p does not apply, see $work/build.log"
	done
	echo "$options" >"$work/xen/.config"
	if ! { make -C "$work/xen" olddefconfig &&
		make -C "$work/xen" -j"$(nproc)"; } >>"$work/build.log" 2>&1
	then
		tail -n 30 "$work/build.log" >&2
		die "the hypervisor did not build, see $work/build.log"
	fi
	mkdir -p "$out.new"
	cp "$work/xen/xen" "$work/xen/xen-syms" "$work/xen/.config" "$out.new"
	rm -rf "$work"
	mv "$out.new" "$out"
}

version=$(cd "$DRB_XEN_SOURCE" && dpkg-parsechangelog -S Version)
key=$({
	echo "$version $options"
	[ $# -eq 0 ] || cat "$@"
} | sha256sum | cut -c 1-12)
out=$DRB_CACHE/xen/$version-$key
mkdir -p "$DRB_CACHE/xen"
exec 7>"$DRB_CACHE/xen/lock"
flock 7
if [ ! -e "$out/xen" ]; then
	say "building Xen $version"
	build "$@"
fi
echo "$out/xen"
