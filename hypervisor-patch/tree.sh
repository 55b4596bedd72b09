#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: tree.sh make|refresh DIR
# make: DIR/VERSION becomes a git work tree of the version's source with its
# series as commits, unless there is one. refresh: writes those commits back as
# the series; only that of the version that the others are derived from. By
# default that version; $XEN_VERSIONS names others, for reading.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

# The source as its first commit, always the same one.
commit_source() {
	GIT_AUTHOR_NAME=DRB GIT_AUTHOR_EMAIL=drb@localhost \
		GIT_COMMITTER_NAME=DRB GIT_COMMITTER_EMAIL=drb@localhost \
		GIT_AUTHOR_DATE='@0 +0000' GIT_COMMITTER_DATE='@0 +0000' \
		clean_git commit -q -m "Debian's Xen $(xen_source_version)"
	clean_git tag source
}

make_tree() {
	if [ -e "$dir/.git" ]; then
		say "$dir is there already"
		return
	fi
	rm -rf "$dir.new"
	xen_copy_source "$dir.new"
	rm -rf "$dir.new/.pc"
	target=$dir dir=$dir.new
	clean_git init -q -b series
	clean_git add -A -f
	commit_source
	if [ -n "$(series)" ]; then
		# shellcheck disable=SC2046
		git -C "$dir" am -q --committer-date-is-author-date $(series) ||
			die "the series does not apply, see $dir"
	fi
	mv "$dir" "$target"
	say "$target"
}

refresh() {
	[ "$XEN_VERSION" = "$XEN_MASTER" ] ||
		die "$XEN_VERSION comes of $XEN_MASTER: change that, and make xen-derive"
	[ -e "$dir/.git" ] || die "no $dir: make xen-tree"
	[ -z "$(clean_git status --porcelain)" ] ||
		die "$dir has changes that are not committed"
	for d in rebase-apply rebase-merge; do
		[ ! -e "$dir/.git/$d" ] || die "a rebase in $dir has not ended"
	done
	folder=$XEN_SERIES/$XEN_VERSION
	write_series source "$folder"
	say "$folder: $(series | wc -l) patches"
}

command=${1:-}
parent=${2:?usage: tree.sh make|refresh DIR}
mkdir -p "$parent"
parent=$(cd "$parent" && pwd)
export XEN_VERSION
for XEN_VERSION in ${XEN_VERSIONS:-$XEN_MASTER}; do
	# shellcheck source=../testbed/config.sh
	. "$top/testbed/config.sh"
	buildable || continue
	dir=$parent/$XEN_VERSION
	case $command in
	make) make_tree ;;
	refresh) refresh ;;
	*) die "usage: tree.sh make|refresh DIR" ;;
	esac
done
