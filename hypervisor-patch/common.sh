# SPDX-License-Identifier: GPL-2.0
# Names shared by the scripts of this directory; sourced, with $here set.
# shellcheck shell=sh disable=SC2034,SC2154

top=$(cd "$here/.." && pwd)
# shellcheck source=../testbed/config.sh
. "$top/testbed/config.sh"

versions='4.17 4.20'
XEN_SERIES=${XEN_SERIES:-$here}	# has a folder of patches for each version

# The patches of $XEN_VERSION in their order; their paths must have no space.
series() {
	for p in "$XEN_SERIES/$XEN_VERSION"/[0-9]*.patch; do
		[ ! -e "$p" ] || echo "$p"
	done
}

# Whether $XEN_VERSION can be built here; else says why not.
buildable() {
	have_xen_source || {
		say "without $XEN_VERSION: $no_xen_source"
		return 1
	}
}
