#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: deb.sh DIR
# Makes the Debian packages drb-dkms and drb-tools in DIR, out of a copy of the
# tree, on Debian 12 or later.  What that takes (Build-Depends, and no more) is
# installed if it is missing and this is root.  Their maintainer is
# $DEBFULLNAME <$DEBEMAIL>, or who made the last commit; their date is that of the
# commit, so that equal trees make equal packages.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)

say() {
	echo "deb.sh: $*" >&2
}

die() {
	say "$*"
	exit 1
}

# in_git COMMAND...: its output, nothing outside of a repository.
in_git() {
	git -C "$top" "$@" 2>/dev/null || :
}

# What is built of the same tree on a later release is newer.
on_release() {
	# shellcheck source=/dev/null
	(. /etc/os-release && echo "~${ID%ian}${VERSION_ID:-}")
}

changelog() {
	cat <<-END
	drb ($version$(on_release)) $codename; urgency=medium

	  * Built from commit ${commit:-of an unknown name}.

	 -- $maintainer  $date
	END
}

# stage DIR: the tree, without what was built in it.
stage() {
	rm -rf "$1"
	mkdir -p "$1"
	(cd "$top" && tar -c --exclude=./build --exclude=./.git .) |
		tar -x -C "$1"
	cp -r "$1/packaging/debian" "$1/debian"
	sed -i "s|@MAINTAINER@|$maintainer|" "$1/debian/control"
	mkdir -p "$1/debian/source"
	echo "$version" >"$1/version"
	echo '3.0 (native)' >"$1/debian/source/format"
	changelog >"$1/debian/changelog"
}

# install ARGUMENT...: by apt, where this may.
install() {
	[ "$(id -u)" = 0 ] || die "not all Build-Depends are there: run as root" \
		"\"apt-get install dpkg-dev && apt-get build-dep $source\""
	say "installing what packages are built with"
	apt-get -q update >&2
	DEBIAN_FRONTEND=noninteractive apt-get -q "$@" >&2
}

# build_depends: what debian/control has; and the program that reads it.
build_depends() {
	command -v dpkg-checkbuilddeps >/dev/null ||
		install install -y --no-install-recommends dpkg-dev
	(cd "$source" && dpkg-checkbuilddeps 2>/dev/null) ||
		install build-dep -y --no-install-recommends "$source"
}

# Where there is lintian, it has a say.
lint() {
	! command -v lintian >/dev/null ||
		lintian --fail-on error,warning "$@" >&2
}

dir=${1:?usage: deb.sh DIR}
mkdir -p "$dir/work"
dir=$(cd "$dir" && pwd)
source=$dir/work/drb
version=$("$top/packaging/version.sh")
# shellcheck source=/dev/null
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-unstable}")
commit=$(in_git describe --always --dirty --abbrev=12 --exclude='*')
maintainer=$(in_git log -1 --format='%an <%ae>')
[ -z "${DEBEMAIL:-}" ] || maintainer="${DEBFULLNAME:-$DEBEMAIL} <$DEBEMAIL>"
[ -n "$maintainer" ] || die "who is the maintainer? Set DEBEMAIL"
date=$(in_git log -1 --format=%cD)
[ -n "$date" ] || date=$(date -R -r "$top/Makefile")

rm -f "$dir"/drb-*.deb
stage "$source"
build_depends
(cd "$source" && dpkg-buildpackage -b -us -uc) >"$source.log" 2>&1 || {
	tail -n 20 "$source.log" >&2
	die "no packages, see $source.log"
}
mv "$dir"/work/drb-*.deb "$dir"
rm -f "$dir"/drb-tools-dbgsym_*.deb
lint "$dir"/drb-*.deb
ls "$dir"/drb-*.deb
