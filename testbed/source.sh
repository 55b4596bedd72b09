#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: source.sh [VERSION...]
# Puts the sources of Xen into the cache: of each version the newest that can be
# had and that takes its series. By default of all versions with a series, and one
# that cannot be had is no error then.
# Debian's mirrors are asked once a day (XEN_ASK_AFTER=MINUTES: once that old).
# $XEN_GIT: a clone of Xen's repository, for what no mirror carries; of it comes
# the commit that Debian's newest version names, or else the newest release.
# $XEN_GIT_REF: tags or branches of the clone, to be taken instead; each is for
# the version that it is of.
# What is newer than the source in the cache, and why it is not used, is kept
# beside it: xen_behind of config.sh says it.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=config.sh
. "$here/config.sh"
# shellcheck source=apt.sh
. "$here/apt.sh"
# shellcheck source=clone.sh
. "$here/clone.sh"
XEN_SERIES=${XEN_SERIES:-$here/../hypervisor-patch}
# shellcheck source=../hypervisor-patch/series.sh
. "$here/../hypervisor-patch/series.sh"

# ---- Debian's --------------------------------------------------------------

# What apt knows of $XEN_VERSION, the newest first, in $source.offered.
ask_debian() {
	codename=$(xen_release)
	[ -n "$codename" ] || return 0
	[ -z "$(find "$source.offered" -mmin "-${XEN_ASK_AFTER:-1440}" \
		2>/dev/null)" ] || return 0
	say "asking Debian's mirrors for Xen $XEN_VERSION"
	{ use_release "$codename" && private_apt apt-cache showsrc \
		--only-source xen; } >"$source.asked" 2>&1 || :
	sed -n "s/^Version: \($XEN_VERSION\..*\)/\1/p" "$source.asked" |
		sort -urV >"$source.offered.new"
	if [ -s "$source.offered.new" ]; then
		mv "$source.offered.new" "$source.offered"
	else
		say "no mirror of Debian can be asked for Xen $XEN_VERSION"
	fi
	rm -f "$source.asked" "$source.offered.new"
}

# The tarballs of a source package, if they are what the signed index says. A
# mirror may lack the .dsc, which repeats this.
tarballs_of() {
	private_apt apt-cache showsrc --only-source "$1" |
		awk -v version="$2" -v RS= -F '\n' '
		index($0, "\nVersion: " version "\n") {
			for (i = 1; i <= NF; i++) {
				if ($i !~ /^ /)
					wanted = $i ~ /^Checksums-Sha256:/
				split($i, word, " ")
				if (wanted && word[3] ~ /\.tar\./)
					print word[1] "  " word[3]
			}
		}' | sort -u >SHA256SUMS
	[ -s SHA256SUMS ] && sha256sum -c --status SHA256SUMS 2>/dev/null &&
		sed 's/^[^ ]*  //' SHA256SUMS
}

# unpack_source DIR TARBALL...: as dpkg-source would, which wants the .dsc.
unpack_source() {
	dir=$1
	shift
	mkdir -p "$dir"
	for tarball in "$@"; do
		case $tarball in
		*.orig.tar.*)
			tar -xf "$tarball" -C "$dir" --strip-components=1 ||
				return 1
			;;
		esac
	done
	for tarball in "$@"; do
		case $tarball in
		*.debian.tar.*) tar -xf "$tarball" -C "$dir" || return 1 ;;
		esac
	done
	dpkg-source --before-build "$dir" >unpack.log 2>&1
}

# from_debian VERSION: into $source.new. False: no mirror carries it, which may
# list the source of a security update that it does not have.
from_debian() {
	use_release "$(xen_release)" >/dev/null 2>&1 || return 1
	say "fetching the source of Xen $1"
	(
		rm -rf "$download"
		mkdir -p "$download"
		cd "$download" || exit
		private_apt apt-get source --download-only --only-source \
			"xen=$1" >fetch.log 2>&1 || :
		tarballs=$(tarballs_of xen "$1") || exit
		# shellcheck disable=SC2086
		unpack_source "$source.new" $tarballs
	)
}

# ---- which one -------------------------------------------------------------

# Of what the choice depends on; the same as last time, there is nothing to do.
choice_key() {
	{
		stat -c %y "$source.offered" 2>/dev/null || :
		echo "$cached $git_commit $named"
		# shellcheck disable=SC2046
		[ -z "$(series)" ] || cat $(series)
	} | sha256sum | cut -c 1-16
}

# refusal DIR: the patch that this source does not take, if there is one.
refusal() {
	(DRB_XEN_SOURCE=$1 && series_fails)
}

# note TEXT: of one that is newer than the choice.
note() {
	notes="$notes
$1"
}

# The clone has the very commit that a package is made of.
same_commit() {
	[ "${1%-*}" = "$git_version" ] || [ "${1%-*}" = "$cached" ]
}

# settle DIR: the choice, whole or not at all.
settle() {
	if [ "$1" != "$source" ]; then
		rm -rf "$source.old"
		[ ! -e "$source" ] || mv "$source" "$source.old"
		mv "$1" "$source"
		rm -rf "$source.old"
		say "took Xen $(xen_source_version)"
	fi
	cached=$(xen_source_version)
	notes=$(echo "$notes" | grep -vF "$cached," || :)
	{ choice_key; echo "$notes" | grep .; } >"$source.behind" || :
	xen_behind | while read -r line; do say "$line"; done
}

# obtain VERSION: its source is in $dir.
obtain() {
	dir=$source
	[ "$1" != "$cached" ] || return 0
	dir=$source.new
	rm -rf "$dir"
	if [ "$1" = "$git_version" ]; then
		from_clone "$git_commit" "$1" "$dir"
	elif [ -n "${XEN_GIT:-}" ] && commit=$(commit_of "RELEASE-$1"); then
		from_clone "$commit" "$1" "$dir"
	else
		from_debian "$1"
	fi
}

# The newest of all that takes the series. If none does, the one that was there,
# or the newest: the checks of the series will say what is wrong.
choose() {
	last=
	for v in $(printf '%s\n' "$cached" "$git_version" "$(releases)" \
		"$(cat "$source.offered" 2>/dev/null)" | sort -urV); do
		if ! obtain "$v"; then
			same_commit "$v" || note "$v, which no mirror carries"
			continue
		fi
		if [ -z "$(refusal "$dir")" ]; then
			settle "$dir"
			return
		fi
		note "$v, which does not take the series"
		[ -n "$cached$last" ] || {
			last=$source.last
			rm -rf "$last"
			mv "$dir" "$last"
		}
	done
	if [ -n "$last" ] || [ -n "$cached" ]; then
		settle "${last:-$source}"
	else
		choice_key >"$source.behind"
	fi
}

# The one that the user has named, or none.
take_named() {
	dir=$source.new
	rm -rf "$dir"
	from_clone "$git_commit" "$git_version" "$dir"
	patch=$(refusal "$dir")
	if [ -n "$patch" ]; then
		rm -rf "$dir"
		die "$named: Xen $git_version does not take $XEN_VERSION/$patch:" \
			"name another in XEN_GIT_REF, or make xen-derive"
	fi
	newest=$(head -n 1 "$source.offered" 2>/dev/null || :)
	same_commit "$newest" ||
		! dpkg --compare-versions "$newest" gt "$git_version" ||
		note "$newest, but XEN_GIT_REF names this one"
	settle "$dir"
}

take_source() {
	# What it names depends on the version.
	# shellcheck source=config.sh
	. "$here/config.sh"
	source=$DRB_XEN_SOURCE download=$DRB_CACHE/xen-download
	cached='' git_commit='' git_version='' named='' notes=''
	ask_debian
	! have_xen_source || cached=$(xen_source_version)
	[ -z "${XEN_GIT:-}" ] || look_into_clone
	if [ "$(head -n 1 "$source.behind" 2>/dev/null)" != "$(choice_key)" ]; then
		if [ -n "$named" ]; then take_named; else choose; fi
	fi
	have_xen_source || missing="$missing $XEN_VERSION"
	rm -rf "$source.new" "$source.last" "$download"
}

mkdir -p "$DRB_CACHE"
exec 6>"$DRB_CACHE/source.lock"
flock 6
missing='' given=$*
[ $# -gt 0 ] || {
	# shellcheck disable=SC2046
	set -- $(xen_versions)
}
[ -z "${XEN_GIT:-}" ] || check_clone "$@"
export XEN_VERSION
for XEN_VERSION; do
	take_source
done
for XEN_VERSION in $missing; do
	[ -z "$given$(xen_release)" ] ||
		say "no Xen $XEN_VERSION: $(no_xen_source)"
done
[ -z "$given" ] || [ -z "$missing" ]
