# SPDX-License-Identifier: GPL-2.0
# Running something in a Debian root; sourced, not run.
# shellcheck shell=sh

# in_root ROOT COMMAND...: with what a package's scripts need to see of a machine,
# but none of this one's devices. The mounts end with it.
in_root() {
	# shellcheck disable=SC2016
	unshare --mount sh -euc '
		root=$1
		shift
		mount -t tmpfs dev "$root/dev"
		for node in null:3 zero:5 full:7 random:8 urandom:9; do
			mknod -m 666 "$root/dev/${node%:*}" c 1 "${node#*:}"
		done
		ln -s /proc/self/fd "$root/dev/fd"
		mount -t proc proc "$root/proc"
		mount -t sysfs sys "$root/sys"
		exec chroot "$root" /usr/bin/env -i LC_ALL=C.UTF-8 HOME=/root \
			PATH=/usr/sbin:/usr/bin DEBIAN_FRONTEND=noninteractive \
			"$@"' - "$@"
}
