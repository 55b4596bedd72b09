# SPDX-License-Identifier: GPL-2.0
# Names shared by the scripts of this directory; sourced, with $here set.
# shellcheck shell=sh disable=SC2034,SC2154

top=$(cd "$here/.." && pwd)
# shellcheck source=../testbed/config.sh
. "$top/testbed/config.sh"

XEN_SERIES=${XEN_SERIES:-$here}	# has a folder of patches for each version
# shellcheck source=series.sh
. "$here/series.sh"
versions=$(xen_versions)

# Whether $XEN_VERSION can be built here; else says why not.
buildable() {
	have_xen_source || {
		say "without $XEN_VERSION: $(no_xen_source)"
		return 1
	}
}
