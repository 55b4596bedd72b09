#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: deb.sh DIR
# Makes the Debian packages drb-dkms and drb-tools in DIR, out of a copy of the
# tree. Their maintainer is $DEBFULLNAME <$DEBEMAIL>, or who made the last commit;
# their date is that of the commit, so that equal trees make equal packages.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=../testbed/config.sh
. "$top/testbed/config.sh"

# Only for drbctl and drb-bench.
tools_build_depends=', pkg-config, libxen-dev, libjson-c-dev, libnl-3-dev,'
tools_build_depends="$tools_build_depends libnl-route-3-dev, libncurses-dev"

# in_git COMMAND...: its output, nothing outside of a repository.
in_git() {
	git -C "$top" "$@" 2>/dev/null || :
}

changelog() {
	cat <<-END
	drb ($version) bookworm; urgency=medium

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
	[ -d "$1/tools/drbctl" ] || tools_build_depends=
	sed -i "s|@MAINTAINER@|$maintainer|; s|@TOOLS@|$tools_build_depends|" \
		"$1/debian/control"
	mkdir -p "$1/debian/source"
	echo '3.0 (native)' >"$1/debian/source/format"
	changelog >"$1/debian/changelog"
}

dir=${1:?usage: deb.sh DIR}
mkdir -p "$dir/work"
dir=$(cd "$dir" && pwd)
version=$(sed -n 's/^VERSION *:= *//p' "$top/Makefile")
commit=$(in_git describe --always --dirty --abbrev=12 --exclude='*')
maintainer=$(in_git log -1 --format='%an <%ae>')
[ -z "${DEBEMAIL:-}" ] || maintainer="${DEBFULLNAME:-$DEBEMAIL} <$DEBEMAIL>"
[ -n "$maintainer" ] || die "who is the maintainer? Set DEBEMAIL"
date=$(in_git log -1 --format=%cD)
[ -n "$date" ] || date=$(date -R -r "$top/Makefile")

rm -f "$dir"/drb-*.deb
stage "$dir/work/drb"
(cd "$dir/work/drb" && dpkg-buildpackage -b -us -uc) >"$dir/work/drb.log" 2>&1 || {
	tail -n 20 "$dir/work/drb.log" >&2
	die "no packages, see $dir/work/drb.log"
}
mv "$dir"/work/drb-*.deb "$dir"
rm -f "$dir"/drb-tools-dbgsym_*.deb
lintian --fail-on error,warning "$dir"/drb-*.deb >&2
ls "$dir"/drb-*.deb
