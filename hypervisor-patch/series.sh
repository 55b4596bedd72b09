# SPDX-License-Identifier: GPL-2.0
# Which versions of Xen there are patches for, and which patches a source takes;
# sourced behind testbed/config.sh, with $XEN_SERIES set.
# shellcheck shell=sh disable=SC2153,SC2154

# Those that $XEN_VERSIONS names; by default all with a folder of patches.
xen_versions() {
	if [ -n "${XEN_VERSIONS:-}" ]; then
		# shellcheck disable=SC2086 # the words of a list, one a line
		printf '%s\n' $XEN_VERSIONS
		return
	fi
	for _folder in "$XEN_SERIES"/4.* "$XEN_SERIES"/staging; do
		[ ! -d "$_folder" ] || echo "${_folder##*/}"
	done | sort -V
}

# source_before X: is the source of $XEN_VERSION older than release X?
source_before() {
	have_xen_source &&
		dpkg --compare-versions "$(xen_source_version)" lt "$1"
}

# The patches of $XEN_VERSION in their order; their paths must have no space. A
# patch in the folder before-X takes the place of the one with its number where
# the source is older than X.
series() {
	for _patch in "$XEN_SERIES/$XEN_VERSION"/[0-9]*.patch; do
		[ -e "$_patch" ] || continue
		_number=${_patch##*/}
		_number=${_number%%-*}
		for _other in "$XEN_SERIES/$XEN_VERSION"/before-*/"$_number"-*.patch
		do
			[ -e "$_other" ] || continue
			_before=${_other%/*}
			! source_before "${_before##*/before-}" || _patch=$_other
		done
		echo "$_patch"
	done
}

# series_fails: the first patch that the source does not take; nothing if it takes
# them all. Only the files in question are copied.
series_fails() {
	_tree=$(mktemp -d)
	_patches=$(series)
	# shellcheck disable=SC2086
	[ -z "$_patches" ] || sed -n 's|^--- a/||p' $_patches | sort -u |
		while read -r _file; do
			[ ! -e "$DRB_XEN_SOURCE/$_file" ] ||
				(cd "$DRB_XEN_SOURCE" && cp --parents "$_file" "$_tree")
		done
	for _patch in $_patches; do
		xen_apply "$_tree" "$_patch" >/dev/null 2>&1 || {
			echo "${_patch##*/}"
			break
		}
	done
	rm -rf "$_tree"
}
