#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: kernels.sh DIR KERNEL...
# Builds the modules in DIR/KERNEL for each of the kernels 6.1 (this machine's),
# 6.12 and unstable, with their own release's compiler; or for one that debugkernel.sh
# has built, and then those of the tests in DIR/KERNEL.tests as well. One line per
# kernel: PASS kernels.NAME, FAIL kernels.NAME: why, SKIP kernels.NAME: why.
set -u

here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
# shellcheck source=config.sh
. "$here/config.sh"

# build_in_root ROOT VERSION DIR: the copied sources in DIR, in a root that has
# headers and compiler. The mounts end with it.
build_in_root() {
	mkdir -p "$1/dev" "$1/proc" "$1/mnt"
	# shellcheck disable=SC2016
	unshare --mount sh -euc '
		mount --bind /dev "$1/dev"
		mount -t proc proc "$1/proc"
		mount --bind "$3" "$1/mnt"
		exec chroot "$1" /usr/bin/env -i PATH=/usr/sbin:/usr/bin \
			LC_ALL=C make -C "/lib/modules/$2/build" M=/mnt \
			-j"$(nproc)" modules' - "$@"
}

# The source files, in a directory of their own for each kernel.
copy_sources() {
	mkdir -p "$1"
	(cd "$top" && cp -u --parents Kbuild include/drb/*.h drb-core/*.[ch] \
		netfront-drb/*.[ch] netback-drb/*.[ch] "$1")
	"$top/packaging/version.sh" "$1/version"
}

# build_here VERSION DIR: with this machine's compiler.
build_here() {
	make -C "$(kernel_build "$1")" M="$2" -j"$(nproc)" modules
}

# build_tests VERSION DIR: the modules that attack.
build_tests() {
	for t in hostile iotask faulty; do
		mkdir -p "$2/$t/include"
		cp -u "$top/tests/$t"/* "$2/$t"
		cp -ru "$top/include/drb" "$top/drb-core/drb_core.h" \
			"$top/drb-core/compat.h" "$top/include/drb/iotask.h" \
			"$top/include/drb/xen.h" "$2/$t/include"
		build_here "$1" "$2/$t" || return
	done
	"$top/tests/boot/calls.sh" "${2%.tests}"/*.ko >"$2/calls"
}

# complaints DIR VERSION: what is wrong with the modules and the build's log.
complaints() {
	for m in drb-core netback-drb netfront-drb; do
		[ "$(modinfo -F vermagic "$1/$m.ko" 2>/dev/null |
			cut -d ' ' -f 1)" = "$2" ] || echo "no $m.ko for $2"
	done
	grep -iE 'warning:|error:|undefined!' "$1.log" |
		grep -v 'compiler differs from the one used to build the kernel'
}

# build NAME: sets the names of config.sh for it.
build() {
	DRB_KERNEL=$1
	# shellcheck source=config.sh
	. "$here/config.sh"
	if ! have_kernel; then
		echo "SKIP kernels.$1: $no_kernel"
		return
	fi
	version=$(kernel_version)
	tree=$dir/$1
	copy_sources "$tree"
	if own_kernel; then
		build_here "$version" "$tree" &&
			build_tests "$version" "$tree.tests"
	elif [ "$1" = 6.1 ]; then
		build_here "$version" "$tree"
	else
		build_in_root "$DRB_KERNEL_ROOT" "$version" "$tree"
	fi >"$tree.log" 2>&1
	code=$?
	said=$(complaints "$tree" "$version")
	if [ "$code" = 0 ] && [ -z "$said" ]; then
		echo "PASS kernels.$1 ($version)"
		return
	fi
	echo "FAIL kernels.$1: $version: exit code $code, see $tree.log"
	echo "$said" | head -n 20 | sed 's/^/# /'
	failed=1
}

dir=${1:?usage: kernels.sh DIR KERNEL...}
shift
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
failed=0
for kernel; do
	build "$kernel"
done
exit "$failed"
