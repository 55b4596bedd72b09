#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: build.sh DIR [VERSION...]
# Builds the hypervisor of each version, or of those given, with its series, and
# links image, symbols and configuration into DIR/VERSION.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

dir=${1:?usage: build.sh DIR [VERSION...]}
shift
[ $# -eq 0 ] || versions=$*
XEN_OPTIONS=$(cat "$here/iotask.config")
export XEN_VERSION XEN_OPTIONS
for XEN_VERSION in $versions; do
	# What it names depends on the version.
	# shellcheck source=../testbed/config.sh
	. "$top/testbed/config.sh"
	[ $# -gt 0 ] || buildable || continue
	# shellcheck disable=SC2046
	image=$("$top/testbed/xen.sh" $(series))
	mkdir -p "$dir/$XEN_VERSION"
	for f in xen xen-syms .config; do
		ln -sf "${image%/*}/$f" "$dir/$XEN_VERSION/$f"
	done
	say "$dir/$XEN_VERSION/xen"
done
