# SPDX-License-Identifier: GPL-2.0
# Names shared by the scripts of the test bed; sourced, not run.
# shellcheck shell=sh disable=SC2034

DRB_CACHE=${DRB_CACHE:-$HOME/.cache/drb}
XEN_VERSION=${XEN_VERSION:-4.17}	# or another with a series of patches
DRB_KERNEL=${DRB_KERNEL:-6.1}		# or 6.12, unstable, or one of testbed/kernel/
DRB_ROOT=$DRB_CACHE/root		# the domains' packages, unpacked
[ "$XEN_VERSION" = 4.17 ] || DRB_ROOT=$DRB_CACHE/root-trixie
case $DRB_KERNEL in			# ... and their kernel
6.1) DRB_KERNEL_ROOT=$DRB_CACHE/root ;;
6.12) DRB_KERNEL_ROOT=$DRB_CACHE/kernel-trixie ;;
unstable) DRB_KERNEL_ROOT=$DRB_CACHE/kernel-sid ;;
*) DRB_KERNEL_ROOT=$DRB_CACHE/kernel-$DRB_KERNEL ;;
esac
DRB_XEN_SOURCE=$DRB_CACHE/xen-source-$XEN_VERSION # without our patches

# The kernel 6.1 is the one whose headers are installed here, so that modules
# built on this machine load there; a later one is what its root has.
kernel_version() {
	if [ "$DRB_KERNEL" = 6.1 ]; then
		dpkg-query -W -f '${Depends}' linux-headers-amd64 |
			sed -n 's/.*linux-headers-\([^ ,]*\).*/\1/p'
	else
		ls "$DRB_KERNEL_ROOT/lib/modules"
	fi
}

# kernel_build VERSION: where modules for it are built. What a kernel of our own has
# installed there names the directory that it was built in.
kernel_build() {
	if own_kernel; then
		echo "$DRB_KERNEL_ROOT/build"
	else
		echo "/lib/modules/$1/build"
	fi
}

# A Debian system that is a Xen host, as a tar archive.
DRB_SYSTEM=$DRB_CACHE/debian-bookworm.tar
no_system='no system is there: make deps-full makes it, or says why it cannot'

have_system() {
	[ -e "$DRB_SYSTEM.stamp" ]
}

# What is said where it is missing.
no_kernel='no mirror of Debian had the kernel; make deps says why'

# kernel_image VERSION: where the package has it; unstable's has it with the modules.
kernel_image() {
	for _file in "$DRB_KERNEL_ROOT/boot/vmlinuz-$1" \
		"$DRB_KERNEL_ROOT/lib/modules/$1/vmlinuz"; do
		[ ! -e "$_file" ] || echo "$_file"
	done | grep -m 1 .
}

# own_kernel: is it one that debugkernel.sh builds?
own_kernel() {
	[ "$DRB_KERNEL_ROOT" = "$DRB_CACHE/kernel-$DRB_KERNEL" ]
}

have_kernel() {
	[ "$DRB_KERNEL" = 6.1 ] || [ -e "$DRB_KERNEL_ROOT.stamp" ]
}

say() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
	say "$*"
	exit 1
}

# ---- building a hypervisor -------------------------------------------------

have_xen_source() {
	[ -e "$DRB_XEN_SOURCE/debian/changelog" ]
}

# The release of Debian that has $XEN_VERSION, if one has.
xen_release() {
	case $XEN_VERSION in
	4.17) echo bookworm ;;
	4.20) echo trixie ;;
	esac
}

# What is said where the source is missing.
no_xen_source() {
	if [ -n "$(xen_release)" ]; then
		_who='no mirror of Debian carries its source'
	else
		_who='no release of Debian has it'
	fi
	echo "$_who: XEN_GIT=DIR make deps, DIR being a clone of Xen's repository"
}

# What source.sh knows of newer sources than the one in the cache: a line each.
xen_behind() {
	have_xen_source || return 0
	sed "1d; s|^|Xen $XEN_VERSION is $(xen_source_version), there is a newer |" \
		"$DRB_XEN_SOURCE.behind" 2>/dev/null || :
}

xen_source_version() {
	(cd "$DRB_XEN_SOURCE" && dpkg-parsechangelog -S Version)
}

xen_source_date() {
	(cd "$DRB_XEN_SOURCE" && dpkg-parsechangelog -S Date)
}

# All builds take place in one directory, so that the compiler's cache serves
# the next one; hence one at a time. Sets $work.
xen_take_build_tree() {
	mkdir -p "$DRB_CACHE/xen"
	exec 7>"$DRB_CACHE/xen/lock"
	flock 7
	work=$DRB_CACHE/xen/build
}

xen_copy_source() {
	rm -rf "$1"
	mkdir -p "$1"
	cp -a "$DRB_XEN_SOURCE/." "$1"
}

# xen_apply TREE PATCH
xen_apply() {
	patch -d "$1" -p1 --fuzz=0 --force --no-backup-if-mismatch <"$2"
}

# xen_make TREE ARGUMENT...: neither the machine's name nor its clock get into
# the result.
xen_make() {
	tree=$1
	shift
	CCACHE_DIR=$DRB_CACHE/ccache CCACHE_MAXSIZE=2G \
		PATH=/usr/lib/ccache:$PATH \
		XEN_BUILD_DATE=$(xen_source_date) \
		XEN_BUILD_TIME=00:00:00 XEN_DOMAIN=drb XEN_BUILD_HOST=drb \
		XEN_WHOAMI=drb \
		make -C "$tree/xen" -j"$(nproc)" "$@"
}
