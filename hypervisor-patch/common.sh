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
XEN_MASTER=4.20			# the series that is written; others come of it

# Git in $dir. Nobody's own settings get into the patches.
clean_git() {
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null \
		git -C "$dir" -c core.abbrev=12 -c gc.auto=0 "$@"
}

# write_series BASE FOLDER: the commits of $dir behind BASE. What was not changed
# comes back byte by byte.
write_series() {
	fresh=$(mktemp -d)
	clean_git format-patch -q --zero-commit --no-signature --no-stat -N \
		--no-renames -o "$fresh" "$1"..HEAD
	mkdir -p "$2"
	rm -f "$2"/[0-9]*.patch
	find "$fresh" -name '*.patch' -exec cp {} "$2" \;
	rm -rf "$fresh"
}

# Whether $XEN_VERSION can be built here; else says why not.
buildable() {
	have_xen_source || {
		say "without $XEN_VERSION: $(no_xen_source)"
		return 1
	}
}
