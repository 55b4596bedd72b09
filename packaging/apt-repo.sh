#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: apt-repo.sh DIR KEY PACKAGE...
# Adds the packages to an APT repository in DIR, under the codename of this machine's
# release, and signs it with the secret key KEY of gpg's.  Versions that are there
# already stay, so that one can go back to them.  DIR is to be served as it is; its
# drb.sources says how apt finds it.  Needs apt-utils and gpg.
set -eu

say() {
	echo "apt-repo.sh: $*" >&2
}

die() {
	say "$*"
	exit 1
}

# In the way that clients look for it.
fill_pool() {
	for _package; do
		[ -e "$_package" ] || die "there is no $_package: make deb"
		cp -p "$_package" "$pool"
	done
}

index() {
	mkdir -p "$dists/main/binary-$1"
	(cd "$dir" && apt-ftparchive --arch "$1" packages "pool/$codename") \
		>"$dists/main/binary-$1/Packages"
	gzip -9nkf "$dists/main/binary-$1/Packages"
}

release() {
	rm -f "$dists"/Release "$dists"/InRelease "$dists"/Release.gpg
	apt-ftparchive -o APT::FTPArchive::Release::Origin=DRB \
		-o APT::FTPArchive::Release::Label=DRB \
		-o APT::FTPArchive::Release::Suite="$codename" \
		-o APT::FTPArchive::Release::Codename="$codename" \
		-o APT::FTPArchive::Release::Components=main \
		-o APT::FTPArchive::Release::Architectures="$arch" \
		release "$dists" >"$dists/Release.new"
	mv "$dists/Release.new" "$dists/Release"
}

sign() {
	gpg --batch --yes --local-user "$key" --armor --clearsign \
		--output "$dists/InRelease" "$dists/Release" || die "gpg does not sign with $key"
	gpg --batch --yes --armor --export "$key" >"$dir/drb.asc"
}

describe() {
	cat >"$dir/drb.sources" <<-END
	# To /etc/apt/sources.list.d, with the address that this directory has; and drb.asc
	# to /etc/apt/keyrings.
	Types: deb
	URIs: file:$dir
	Suites: $codename
	Components: main
	Signed-By: /etc/apt/keyrings/drb.asc
	END
}

[ $# -ge 3 ] || die "usage: apt-repo.sh DIR KEY PACKAGE..."
for program in apt-ftparchive gpg; do
	command -v $program >/dev/null || die "$program is missing: apt install apt-utils gpg"
done
mkdir -p "$1"
dir=$(cd "$1" && pwd)
key=$2
shift 2
gpg --list-secret-keys "$key" >/dev/null 2>&1 ||
	die "gpg has no secret key $key: gpg --list-secret-keys shows which it has"
# shellcheck source=/dev/null
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-unstable}")
arch=$(dpkg --print-architecture)
pool=$dir/pool/$codename dists=$dir/dists/$codename
mkdir -p "$pool" "$dists"
fill_pool "$@"
index "$arch"
release
sign
describe
say "$dir has $(grep -c ^Package: "$dists/main/binary-$arch/Packages") packages"
