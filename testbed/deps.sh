#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: deps.sh bench|check|full|debug
# Installs what the host needs and fills the cache with what the domains and the
# hypervisor are made of: for measuring, also for "make check", or also for
# "make check-full", or for "make check-debug".
# Does nothing, and needs no network, once all is there; but it asks apt once a day
# for newer sources of Xen. source.sh says what $XEN_GIT and the like do.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=config.sh
. "$here/config.sh"
# shellcheck source=apt.sh
. "$here/apt.sh"

# What builds the modules, the hypervisor and the bench, and boots them.
bench_packages='qemu-system-x86 build-essential bc bison flex python3 jq cpio
	xz-utils kmod linux-headers-amd64 libxen-dev ca-certificates git ccache
	pkg-config'
# What builds and tests all the rest.
check_packages='libelf-dev libssl-dev sparse shellcheck clang libclang-rt-14-dev
	acpica-tools uuid-dev zlib1g-dev m4 checkpolicy
	gcc-aarch64-linux-gnu debhelper lintian libjson-c-dev libnl-3-dev
	libnl-route-3-dev libncurses-dev iproute2 groff-base debootstrap man-db
	mandoc zstd gnuplot-nox e2fsprogs'
# What loads the metrics, the alerts and the units. The tests start Prometheus themselves;
# nobody has asked that it runs here besides.
monitor_packages='systemd prometheus prometheus-node-exporter'
idle_packages='prometheus prometheus-node-exporter'
domain_packages='xen-utils-common xenstore-utils busybox-static dash bash
	iproute2 ethtool iperf3 sockperf tcpdump jq kmod libc6 libgcc-s1
	libjson-c5 libnl-3-200 libnl-route-3-200 libncurses6 ncurses-base'
# What builds modules, in a root of their release.
build_packages='linux-headers-amd64 gcc make base-files dash bash coreutils sed
	grep mawk findutils diffutils binutils'
# What makes a boot menu, for the test of the hypervisor's package.
grub_packages='grub-common xen-hypervisor-common dash coreutils sed grep mawk
	gettext-base'
# A Debian system that is a Xen host, builds modules by DKMS, and has all that
# DRB's packages depend on, and what is in use beside a vif; for the tests of these.
system_packages='linux-image-amd64 linux-headers-amd64 linux-headers-rt-amd64
	initramfs-tools zstd dkms
	openssl xen-utils-4.17 xen-utils-common xenstore-utils systemd-sysv
	udev dbus kmod iproute2 iputils-ping iperf3 bridge-utils jq
	libxencall1 libxenstore4 libjson-c5 libnl-3-200 libnl-route-3-200
	libncurses6 openssh-server openssh-client nginx curl nftables iptables
	openvswitch-switch'

# absent PACKAGE...: those that this machine does not have.
absent() {
	for p; do
		dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null |
			grep -qx installed || echo "$p"
	done
}

# install PACKAGE...: on this machine.
install() {
	missing=$(absent "$@" | tr '\n' ' ')
	[ -n "$missing" ] || return 0
	say "installing $missing"
	export DEBIAN_FRONTEND=noninteractive
	apt-get -q update
	# shellcheck disable=SC2086
	apt-get -q install -y --no-install-recommends $missing
}

# rest UNIT...: services that a package has started.
rest() {
	[ $# -gt 0 ] && [ -d /run/systemd/system ] || return 0
	systemctl -q disable --now "$@"
}

# fetch_packages RELEASE ROOT ALONE PACKAGE...: unpacks the packages with all they
# depend on, and the packages ALONE (or '') without, into ROOT.
fetch_packages() {
	from=$1 root=$2 alone=$3
	shift 3
	stamp="$alone $*"
	[ "$(cat "$root.stamp" 2>/dev/null)" != "$stamp" ] || return 0
	use_release "$from" || return 1
	say "fetching packages of $from for ${root##*/}"
	private_apt apt-get install -y --download-only \
		--no-install-recommends "$@" || return 1
	# shellcheck disable=SC2086
	[ -z "$alone" ] || (cd "$apt_root/cache/archives" &&
		private_apt apt-get download $alone) || return 1
	say "unpacking packages of $from for ${root##*/}"
	rm -rf "$root.stamp" "$root" "$root.new"
	mkdir -p "$root.new"
	for deb in "$apt_root"/cache/archives/*.deb; do
		dpkg-deb -x "$deb" "$root.new" || return 1
	done
	# What packages of a merged /usr take for granted; and what an
	# installation of mawk would choose.
	for d in bin sbin lib lib64; do
		[ -e "$root.new/$d" ] || ln -s "usr/$d" "$root.new/$d"
	done
	[ ! -x "$root.new/usr/bin/mawk" ] ||
		ln -sf mawk "$root.new/usr/bin/awk"
	mv "$root.new" "$root"
	rm -f "$apt_root"/cache/archives/*.deb
	echo "$stamp" >"$root.stamp"
}

# What every domain has, by the release of Xen's programs. The kernel is of this
# machine's release, and its image must be of exactly the version of the headers:
# packages of one kernel ABI name are rebuilt, and modules check more than the
# name.
fetch_domain_packages() {
	version=$(kernel_version)
	# shellcheck disable=SC2086
	fetch_packages "$release" "$DRB_CACHE/root" \
		"linux-image-$version=$(dpkg-query -W -f '${Version}' \
			"linux-headers-$version")" \
		xen-utils-4.17 $domain_packages
}

# The same of the next release; what the agent is built with must be of it, too.
fetch_next_packages() {
	# shellcheck disable=SC2086
	fetch_packages trixie "$DRB_CACHE/root-trixie" '' \
		xen-utils-4.20 $domain_packages libxen-dev libc6-dev
}

# The menu is made anew for each release that has a package of the hypervisor.
fetch_grub() {
	for r in "$release" trixie; do
		# shellcheck disable=SC2086
		fetch_packages "$r" "$DRB_CACHE/grub-$r" '' $grub_packages ||
			return 1
	done
}

# image_packages: what the newest kernel is made of: one package, or a few that the
# first depends on.
image_packages() {
	_image=$(private_apt apt-cache depends linux-image-amd64 |
		sed -n 's/.*Depends: \(linux-image-.*\)/\1/p' | head -n 1)
	# shellcheck disable=SC2046
	echo "$_image" $(private_apt apt-cache depends "$_image" |
		sed -n 's/.*Depends: \(linux-\(base\|binary\|modules\)-[0-9].*\)/\1/p')
}

# fetch_kernel RELEASE [image]: a root in which modules for that release's kernel
# are built, with the kernel itself. It is the newest at that time: for a later
# one remove the root's stamp. False: it cannot be had.
fetch_kernel() {
	root=$DRB_CACHE/kernel-$1
	if [ -e "$root.stamp" ] && { [ -z "${2:-}" ] || (
		DRB_KERNEL_ROOT=$root
		kernel_image "$(ls "$root/lib/modules")" >/dev/null
	); }; then
		return 0
	fi
	use_release "$1" || return 1
	image=
	[ -z "${2:-}" ] || image=$(image_packages)
	# shellcheck disable=SC2086
	fetch_packages "$1" "$root" "$image" $build_packages
}

# unpack_linux RELEASE VERSION DIR LEVELS [FILE...]: the kernel's source, or these files
# of it, without as many levels of folders. False: it cannot be had.
unpack_linux() {
	from=$1 name=linux-source-$2 dest=$3 levels=$4
	shift 4
	use_release "$from" || return 1
	download=$DRB_CACHE/linux-download
	rm -rf "$dest" "$dest.new" "$download"
	mkdir -p "$dest.new" "$download"
	say "fetching the source of Linux for ${dest##*/}"
	(cd "$download" && private_apt apt-get download "$name") || return 1
	dpkg-deb --fsys-tarfile "$download"/*.deb | tar -xO "./usr/src/$name.tar.xz" |
		tar -xJ -C "$dest.new" --strip-components="$levels" "$@" || return 1
	rm -rf "$download"
	mv "$dest.new" "$dest"
}

# checkpatch.pl is in no package of its own, only in the kernel's source.
fetch_checkpatch() {
	top=linux-source-6.1/scripts
	[ -x "$DRB_CACHE/checkpatch/checkpatch.pl" ] ||
		unpack_linux "$release" 6.1 "$DRB_CACHE/checkpatch" 2 \
			"$top/checkpatch.pl" "$top/spelling.txt" \
			"$top/const_structs.checkpatch"
}

# What debugkernel.sh builds kernels from. It is the newest at that time, as with
# fetch_kernel.
fetch_linux() {
	tree=$DRB_CACHE/linux-source
	sum=$(cat "$here"/kernel/*.patch | sha256sum)
	! grep -qsF "$sum" "$tree.stamp" || return 0
	rm -f "$tree.stamp"
	unpack_linux trixie 6.12 "$tree" 1 || return 1
	for p in "$here"/kernel/*.patch; do
		patch -s -d "$tree" -p1 --force <"$p" || return 1
	done
	{ make -s -C "$tree" kernelversion && echo "$sum"; } >"$tree.stamp"
}

# make_system: an archive of a Debian system, of the point release, and the list of
# its packages as stamp. False: it cannot be had.
make_system() {
	archive=$DRB_SYSTEM
	[ "$(cat "$archive.stamp" 2>/dev/null)" != "$system_packages" ] || return 0
	# shellcheck disable=SC2016
	mirror=$(apt-get indextargets --format \
		'$(CREATED_BY)|$(ORIGIN)|$(CODENAME)|$(COMPONENT)|$(REPO_URI)' |
		sed -n "s/^Packages|Debian|$release|main|//p" | head -n 1)
	[ -n "$mirror" ] || return 1
	say "making a Debian system"
	rm -rf "$archive.root"
	# shellcheck disable=SC2086
	debootstrap --variant=minbase \
		--include="$(echo $system_packages | tr ' ' ,)" \
		"$release" "$archive.root" "$mirror" >"$archive.log" 2>&1 ||
		return 1
	rm -f "$archive.root"/var/cache/apt/archives/*.deb \
		"$archive.root"/var/lib/apt/lists/*_*
	tar -c --numeric-owner -C "$archive.root" . >"$archive.new" || return 1
	rm -rf "$archive.root" "$archive.log"
	mv "$archive.new" "$archive"
	echo "$system_packages" >"$archive.stamp"
}

# Earlier versions of this script knew one release and one Xen.
move_old_names() {
	for name in apt xen-source; do
		new=$name-4.17
		[ $name = xen-source ] || new=apt-bookworm
		if [ -d "$DRB_CACHE/$name" ] && [ ! -L "$DRB_CACHE/$name" ] &&
			[ ! -e "$DRB_CACHE/$new" ]; then
			mv "$DRB_CACHE/$name" "$DRB_CACHE/$new"
		fi
	done
}

# What has come over the network so far, in bytes.
received() {
	awk -F '[: ]+' 'NR > 2 && $2 != "lo" { sum += $3 }
		END { printf "%.0f\n", sum }' /proc/net/dev
}

for_bench() {
	# shellcheck disable=SC2086
	install $bench_packages
	mkdir -p "$DRB_CACHE"
	exec 8>"$DRB_CACHE/lock"
	flock 8
	move_old_names
	fetch_domain_packages
}

for_check() {
	# shellcheck disable=SC2086
	install $check_packages
	fetch_next_packages
	fetch_grub || say "no GRUB: the test of the boot menu will be skipped"
	fetch_kernel trixie image || say "no kernel 6.12: its tests will be skipped"
	fetch_checkpatch
}

for_full() {
	# shellcheck disable=SC2086
	new=$(absent $idle_packages)
	# shellcheck disable=SC2086
	install $monitor_packages
	# shellcheck disable=SC2086
	rest $new
	fetch_kernel sid image ||
		say "no kernel of unstable: its test will be skipped"
	make_system ||
		say "no Debian system: the tests of the packages in it will be skipped"
}

for_debug() {
	install lcov
	fetch_linux || die "no mirror of Debian has the source of Linux 6.12"
	"$here/debugkernel.sh" kasan kcsan preempt gcov
}

case ${1:-} in
bench) purpose=bench versions=4.17 ;;
check) purpose='bench check' versions='' ;;
full) purpose='bench check full' versions='' ;;
debug) purpose='bench check debug' versions='' ;;
*) die "usage: deps.sh bench|check|full|debug" ;;
esac
began=$(date +%s) before=$(received)
for part in $purpose; do
	"for_$part"
done
# shellcheck disable=SC2086
"$here/source.sh" $versions
have_xen_source || die "nothing can be tested without Xen $XEN_VERSION"
case $purpose in
*check*) "$here/xen.sh" >/dev/null ;;
esac
say "all there, after $(($(date +%s) - began)) s and \
$((($(received) - before) / 1000000)) MB"
