# SPDX-License-Identifier: GPL-2.0
# What can be had of a clone of Xen's repository, $XEN_GIT; sourced by source.sh.
# shellcheck shell=sh disable=SC2034,SC2154

in_clone() {
	git -C "$XEN_GIT" "$@" 2>/dev/null
}

# commit_of REF: a tag, a branch of the clone or of what it was cloned from, or the
# name of a commit. False: there is none.
commit_of() {
	in_clone rev-parse -q --verify "$1^{commit}" ||
		in_clone rev-parse -q --verify "origin/$1^{commit}"
}

# makefile_of COMMIT VARIABLE: as xen/Makefile gives the version.
makefile_of() {
	in_clone show "$1:xen/Makefile" |
		sed -n "s/^export $2 *?*= *\([^\$]*\).*/\1/p"
}

# version_of COMMIT: the version of Xen that it is of, or is to become.
version_of() {
	case $(makefile_of "$1" XEN_EXTRAVERSION) in
	-unstable) echo staging ;;
	*) echo "$(makefile_of "$1" XEN_VERSION).$(makefile_of "$1" XEN_SUBVERSION)" ;;
	esac
}

# package_version COMMIT: as Debian would number it: 4.17.7+13-g2445b30a44, or for
# a commit of no release 4.23~20260820-gc447b7308b.
package_version() {
	_of=$(version_of "$1")
	_said=$(in_clone describe --tags --abbrev=10 \
		--match "RELEASE-$_of.*" "$1") || {
		_of=$(makefile_of "$1" XEN_VERSION).$(makefile_of "$1" XEN_SUBVERSION)
		in_clone log -1 --date=format:%Y%m%d --abbrev=10 \
			--format="$_of~%cd-g%h" "$1"
		return
	}
	echo "${_said#RELEASE-}" | sed 's/-\([0-9]*-g\)/+\1/'
}

# check_clone VERSION...: ends where what the user has named cannot be had.
check_clone() {
	[ -n "$(in_clone tag --list 'RELEASE-4.*')" ] ||
		die "XEN_GIT=$XEN_GIT is no clone of Xen's repository:" \
			"git clone https://xenbits.xen.org/git-http/xen.git $XEN_GIT"
	for _ref in ${XEN_GIT_REF:-}; do
		_commit=$(commit_of "$_ref") ||
			die "XEN_GIT_REF: $XEN_GIT has no tag or branch $_ref:" \
				"git -C $XEN_GIT tag --list 'RELEASE-*' shows the tags"
		_of=$(version_of "$_commit")
		case " $* " in
		*" $_of "*) ;;
		*) die "XEN_GIT_REF: $_ref is of Xen $_of, which is none of: $*" ;;
		esac
	done
}

# The commit without anyone's word: the one of Debian's newest version; else the
# newest release. Nothing: the clone has none.
default_commit() {
	if [ "$XEN_VERSION" = staging ]; then
		commit_of staging || commit_of master
		return
	fi
	_hash=$(sed -n '1s/.*-g\([0-9a-f]\{7,\}\)-.*/\1/p' \
		"$source.offered" 2>/dev/null) || :
	[ -z "$_hash" ] || ! commit_of "$_hash" || return 0
	_tag=$(in_clone tag --list "RELEASE-$XEN_VERSION.*" --sort=-v:refname |
		head -n 1)
	[ -z "$_tag" ] || commit_of "$_tag"
}

# releases: all of $XEN_VERSION, as Debian numbers them.
releases() {
	[ -z "${XEN_GIT:-}" ] || in_clone tag --list "RELEASE-$XEN_VERSION.*" |
		sed 's/^RELEASE-//'
}

# newest_release: as in 4.22.
newest_release() {
	in_clone tag --list 'RELEASE-4.*' --sort=-v:refname |
		sed -n '1s/^RELEASE-\(4\.[0-9]*\)\..*/\1/p'
}

# Sets $git_commit and $git_version, and $named if the user has named it.
look_into_clone() {
	for _ref in ${XEN_GIT_REF:-}; do
		_commit=$(commit_of "$_ref")
		[ "$(version_of "$_commit")" = "$XEN_VERSION" ] || continue
		named=$_ref git_commit=$_commit
	done
	[ -n "$named" ] || git_commit=$(default_commit)
	[ -z "$git_commit" ] || git_version=$(package_version "$git_commit")
}

# from_clone COMMIT VERSION DIR: its files, with a changelog as a package has.
from_clone() {
	mkdir -p "$3/debian"
	in_clone archive "$1" | tar -x -C "$3"
	[ -e "$3/xen/Makefile" ] || die "git archive of $1 in $XEN_GIT failed"
	cat >"$3/debian/changelog" <<-END
	xen ($2) UNRELEASED; urgency=medium

	  * Commit $(echo "$1" | cut -c 1-12) of Xen's repository.

	 -- DRB <drb@localhost>  $(in_clone log -1 --format=%aD "$1")
	END
}
