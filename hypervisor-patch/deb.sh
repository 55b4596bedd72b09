#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: deb.sh DIR
# Makes a Debian package in DIR of each hypervisor that a release of Debian has,
# with its series: a release build, configured as Debian does, without counters.
# Their maintainer is $DEBFULLNAME <$DEBEMAIL>, or who made the last commit here.
# What is older than what Debian offers is refused: it lacks security updates.
# XEN_OLD_BASE=1 makes the package all the same.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
# shellcheck source=debversion.sh
. "$here/debversion.sh"

# What the package's own files say about the version.
fill() {
	sed "s/@V@/$XEN_VERSION/g; s|@MAINTAINER@|$maintainer|g" "$1"
}

changelog() {
	cat <<-END
	xen-drb-$XEN_VERSION ($(deb_version)) $codename; urgency=medium

	  * Xen $(xen_source_version) with the patches of DRB: $(series | wc -l).

	 -- $maintainer  $(xen_source_date)
	END
}

# stage DIR IMAGE
stage() {
	base=drb-xen-$XEN_VERSION-amd64
	rm -rf "$1"
	mkdir -p "$1/debian/source" "$1/boot" "$1/grub.d"
	gzip -9n <"$2" >"$1/boot/$base.gz"
	cp "${2%/*}/.config" "$1/boot/$base.config"
	package=xen-hypervisor-$XEN_VERSION-drb
	for f in control rules copyright; do
		fill "$here/debian/$f" >"$1/debian/$f"
	done
	for f in install maintscript postinst postrm lintian-overrides; do
		fill "$here/debian/$f" >"$1/debian/$package.$f"
	done
	fill "$here/debian/grub.sh" >"$1/grub.d/60_xen-$XEN_VERSION-drb"
	chmod +x "$1/debian/rules" "$1/grub.d"/*
	echo '3.0 (native)' >"$1/debian/source/format"
	changelog >"$1/debian/changelog"
}

build_package() {
	XEN_OPTIONS=$(cat "$DRB_XEN_SOURCE/debian/xen-kconfig" 2>/dev/null || :
		printf '%s\n' CONFIG_UNSUPPORTED=y CONFIG_IOTASK=y)
	# shellcheck disable=SC2046
	image=$(XEN_COUNTERS=n "$top/testbed/xen.sh" $(series))
	[ -z "$(series)" ] || grep -qx CONFIG_IOTASK=y "${image%/*}/.config" ||
		die "the build of $XEN_VERSION has no I/O task table"
	work=$dir/work/$XEN_VERSION/xen-drb
	stage "$work" "$image"
	(cd "$work" && dpkg-buildpackage -b -us -uc) >"$dir/work/$XEN_VERSION.log" \
		2>&1 || die "no package, see $dir/work/$XEN_VERSION.log"
	cp "$dir/work/$XEN_VERSION"/*.deb "$dir"
}

# for_each COMMAND: with each version that a release of Debian has.
for_each() {
	for XEN_VERSION in $versions; do
		# What it names depends on the version.
		# shellcheck source=../testbed/config.sh
		. "$top/testbed/config.sh"
		[ -z "$(xen_release)" ] || ! buildable || "$1" || exit
	done
}

package() {
	codename=$(xen_release)
	build_package
}

dir=${1:?usage: deb.sh DIR}
mkdir -p "$dir/work"
dir=$(cd "$dir" && pwd)
export XEN_VERSION XEN_OPTIONS
for_each recent_base
rm -f "$dir"/xen-hypervisor-*-drb_*.deb
maintainer=$(git -C "$top" log -1 --format='%an <%ae>')
[ -z "${DEBEMAIL:-}" ] || maintainer="${DEBFULLNAME:-$DEBEMAIL} <$DEBEMAIL>"
for_each package
lintian --fail-on error,warning "$dir"/*.deb >&2
ls "$dir"/*.deb
