#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Installs what the host needs and fills the cache with what the domains and
# the hypervisor are made of. Does nothing, and needs no network, once all is
# there.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=config.sh
. "$here/config.sh"

host_packages='qemu-system-x86 build-essential bc bison flex libelf-dev
	libssl-dev python3 jq cpio xz-utils kmod sparse shellcheck clang
	libclang-rt-14-dev linux-headers-amd64 libxen-dev acpica-tools uuid-dev
	zlib1g-dev pkg-config ca-certificates'
domain_packages='xen-utils-4.17 xen-utils-common xenstore-utils
	busybox-static dash bash iproute2 ethtool iperf3 sockperf tcpdump jq kmod
	libc6 libgcc-s1'

install_host_packages() {
	missing=
	for p in $host_packages; do
		dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null |
			grep -qx installed || missing="$missing $p"
	done
	[ -n "$missing" ] || return 0
	say "installing$missing"
	export DEBIAN_FRONTEND=noninteractive
	apt-get -q update
	# shellcheck disable=SC2086
	apt-get -q install -y --no-install-recommends $missing
}

# Every call of apt below works in a root of its own: with source lists the
# machine need not have, and with an empty package status, so that the whole
# closure of a package is fetched whatever is installed here.
private_apt() {
	tool=$1
	shift
	"$tool" -q -o Dir::Etc::SourceList="$apt_root/sources.list" \
		-o Dir::Etc::SourceParts=- \
		-o Dir::State="$apt_root/state" \
		-o Dir::State::status="$apt_root/status" \
		-o Dir::Cache="$apt_root/cache" \
		-o APT::Sandbox::User=root -o Debug::NoLocking=1 "$@"
}

make_private_apt() {
	[ -z "$lists_read" ] || return 0
	say "reading the package lists"
	mkdir -p "$apt_root/state/lists/partial" \
		"$apt_root/cache/archives/partial"
	: >"$apt_root/status"
	keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	# shellcheck disable=SC2016
	apt-get indextargets --format \
		'$(CREATED_BY)|$(ORIGIN)|$(REPO_URI) $(CODENAME) $(COMPONENT)' |
		sed -n 's/^Packages|Debian|//p' | sort -u |
		while read -r target; do
			echo "deb [signed-by=$keyring] $target"
			echo "deb-src [signed-by=$keyring] $target"
		done >"$apt_root/sources.list"
	[ -s "$apt_root/sources.list" ] || die "apt knows no Debian mirror"
	private_apt apt-get update
	lists_read=1
}

# The image must be of exactly the version of the headers: packages of one
# kernel ABI name are rebuilt, and modules check more than the name.
fetch_domain_packages() {
	kernel=linux-image-$(kernel_version)
	headers=linux-headers-$(kernel_version)
	version=$(dpkg-query -W -f '${Version}' "$headers")
	stamp="$kernel $version $(echo "$domain_packages" | tr -s '\n\t' '  ')"
	[ "$(cat "$DRB_ROOT.stamp" 2>/dev/null)" != "$stamp" ] || return 0
	make_private_apt
	say "fetching the domains' packages"
	# shellcheck disable=SC2086
	private_apt apt-get install -y --download-only \
		--no-install-recommends $domain_packages
	(cd "$apt_root/cache/archives" &&
		private_apt apt-get download "$kernel=$version")
	say "unpacking the domains' packages"
	rm -rf "$DRB_ROOT" "$DRB_ROOT.new"
	mkdir -p "$DRB_ROOT.new"
	for deb in "$apt_root"/cache/archives/*.deb; do
		dpkg-deb -x "$deb" "$DRB_ROOT.new"
	done
	mv "$DRB_ROOT.new" "$DRB_ROOT"
	rm -f "$apt_root"/cache/archives/*.deb
	echo "$stamp" >"$DRB_ROOT.stamp"
}

# A mirror may list the source of a security update that it does not carry.
fetch_xen_source() {
	[ ! -e "$DRB_XEN_SOURCE/debian/changelog" ] || return 0
	make_private_apt
	download=$DRB_CACHE/xen-download
	mkdir -p "$download"
	versions=$(private_apt apt-cache showsrc --only-source xen |
		sed -n 's/^Version: \(4\.17\..*\)/\1/p' | sort -urV)
	for v in $versions; do
		say "fetching the source of Xen $v"
		(cd "$download" && private_apt apt-get source \
			--download-only --only-source "xen=$v") && break
	done
	[ -n "$(ls "$download"/xen_*.dsc 2>/dev/null)" ] ||
		die "no mirror has a source of Xen 4.17"
	rm -rf "$DRB_XEN_SOURCE" "$DRB_XEN_SOURCE.new"
	dpkg-source --no-check -x "$download"/xen_*.dsc "$DRB_XEN_SOURCE.new"
	mv "$DRB_XEN_SOURCE.new" "$DRB_XEN_SOURCE"
	rm -rf "$download" "$DRB_CACHE"/xen_*
}

# checkpatch.pl is in no package of its own, only in the kernel's source.
fetch_checkpatch() {
	dest=$DRB_CACHE/checkpatch
	[ ! -x "$dest/checkpatch.pl" ] || return 0
	make_private_apt
	download=$DRB_CACHE/linux-download
	rm -rf "$dest.new" "$download"
	mkdir -p "$dest.new" "$download"
	say "fetching the kernel's source for checkpatch"
	(cd "$download" && private_apt apt-get download linux-source-6.1)
	top=linux-source-6.1/scripts
	dpkg-deb --fsys-tarfile "$download"/*.deb |
		tar -xO ./usr/src/linux-source-6.1.tar.xz |
		tar -xJ -C "$dest.new" --strip-components=2 \
			"$top/checkpatch.pl" "$top/spelling.txt" \
			"$top/const_structs.checkpatch"
	rm -rf "$download"
	mv "$dest.new" "$dest"
}

main() {
	install_host_packages
	mkdir -p "$DRB_CACHE"
	exec 8>"$DRB_CACHE/lock"
	flock 8
	apt_root=$DRB_CACHE/apt lists_read=
	fetch_domain_packages
	fetch_xen_source
	fetch_checkpatch
	"$here/xen.sh" >/dev/null
	say "all there"
}

main
