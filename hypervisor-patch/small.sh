# SPDX-License-Identifier: GPL-2.0
# A small Xen, a clone of it, a series and a mirror of Debian, for sources.sh.
# shellcheck shell=sh disable=SC2154

# small_file RELEASE: the series finds its context in some only.
small_file() {
	case $1 in
	4.17.2 | other) printf 'int %s;\n' a x c d ;;
	*) printf 'int %s;\n' a b c d ;;
	esac
}

# small_tree DIR RELEASE [CONTENTS]
small_tree() {
	mkdir -p "$1/xen"
	minor=${2%.*}
	cat >"$1/xen/Makefile" <<-END
	export XEN_VERSION       = 4
	export XEN_SUBVERSION    = ${minor#4.}
	export XEN_EXTRAVERSION ?= .${2##*.}\$(XEN_VENDORVERSION)
	END
	small_file "${3:-$2}" >"$1/xen/a.c"
}

small_git() {
	git -C "$XEN_GIT" -c user.name=A -c user.email=a@example.org "$@"
}

small_clone() {
	git init -q "$XEN_GIT"
	for r in 4.16.0 4.20.0 4.17.0 4.17.1; do
		small_tree "$XEN_GIT" "$r"
		small_git add -A
		small_git commit -q -m "Xen $r"
		small_git tag "RELEASE-$r"
	done
	small_git checkout -q -b stable-4.17
	small_git commit -q --allow-empty -m 'No release'
	small_git checkout -q master
	small_tree "$XEN_GIT" 4.17.2
	small_git commit -q -a -m 'Xen 4.17.2'
	small_git tag RELEASE-4.17.2
}

# The same patch for two versions.
small_series() {
	small_git checkout -q RELEASE-4.20.0
	small_file 4.20.0 | sed 's/^int b;$/&\nint task;/' >"$XEN_GIT/xen/a.c"
	small_git commit -q -a -m 'a: add a task'
	for v in 4.17 4.20; do
		small_git format-patch -q -o "$XEN_SERIES/$v" -1
	done
	small_git checkout -q master
}

# What stands in for apt: it knows what $MIRROR lists, and fetches what is there.
small_apt() {
	mkdir -p "$1" "$MIRROR"
	cat >"$1/apt-get" <<-'END'
	#!/bin/sh
	case "$*" in
	*indextargets*) echo "Packages|Debian|http://mirror/ bookworm main" ;;
	*update*) [ -d "$MIRROR" ] ;;
	*source*) cp "$MIRROR/${*##*=}"/* . ;;
	esac
	END
	cat >"$1/apt-cache" <<-'END'
	#!/bin/sh
	cat "$MIRROR/showsrc"
	END
	chmod +x "$1"/*
	: >"$MIRROR/showsrc"
}

# offer VERSION CARRIED [CONTENTS]: the mirror lists it, and has it if CARRIED.
offer() {
	files=$scratch/offer
	rm -rf "$files"
	mkdir -p "$files/out" "$files/xen-1/debian/source"
	small_tree "$files/xen-1" "${1%-*}" "${3:-}"
	printf 'xen (%s) bookworm; urgency=low\n\n  * X.\n\n -- A <a@b>  %s\n' "$1" \
		'Thu, 01 Jan 1970 00:00:00 +0000' >"$files/xen-1/debian/changelog"
	printf 'Source: xen\nMaintainer: A <a@b>\n\nPackage: xen\nArchitecture: all\n' \
		>"$files/xen-1/debian/control"
	echo '3.0 (quilt)' >"$files/xen-1/debian/source/format"
	tar -C "$files" -cJf "$files/out/xen_${1%-*}.orig.tar.xz" xen-1/xen
	tar -C "$files/xen-1" -cJf "$files/out/xen_$1.debian.tar.xz" debian
	{
		printf 'Package: xen\nVersion: %s\nChecksums-Sha256:\n' "$1"
		(cd "$files/out" && for f in *; do
			echo " $(sha256sum "$f" | cut -d ' ' -f 1) 1 $f"
		done)
		printf 'Section: x\n\n'
	} >>"$MIRROR/showsrc"
	[ -z "$2" ] || cp -r "$files/out" "$MIRROR/$1"
}

# small_xen DIR: all of it, and the settings that make it be used.
small_xen() {
	export DRB_CACHE="$1/cache" XEN_SERIES="$1/series" XEN_GIT="$1/clone" \
		XEN_VERSIONS=4.17 XEN_ASK_AFTER=0 MIRROR="$1/mirror"
	unset XEN_GIT_REF XEN_OLD_BASE XEN_VERSION
	export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_COUNT=1 \
		GIT_CONFIG_KEY_0=init.defaultBranch GIT_CONFIG_VALUE_0=master
	mkdir -p "$DRB_CACHE"
	small_clone
	small_series
	small_apt "$1/bin"
	PATH=$1/bin:$PATH
}
