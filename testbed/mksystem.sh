#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: mksystem.sh DISK [FILE...]
# Makes DISK, an ext4 file system with the Debian system of deps.sh full, which
# takes part in the test bed when it is booted; FILEs are put into its /root.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=config.sh
. "$here/config.sh"
# shellcheck source=inroot.sh
. "$here/inroot.sh"

# What boots dom0 and guests. With initramfs-tools' default, most modules there
# are, an initramfs takes more than ten minutes to make under emulation.
initramfs_modules='virtio_pci virtio_blk ext4 xen-blkfront xen-netfront'
PATH=$PATH:/usr/sbin:/sbin

have_system || die "$no_system"
disk=${1:?usage: mksystem.sh DISK [FILE...]}
shift
"$here/mkimage.sh" "$here/../build/testbed"
root=$disk.root
rm -rf "$root" "$disk"
mkdir -p "$root"
tar -xpf "$DRB_SYSTEM" -C "$root"

cp "$here/system/testbed" "$here/../build/testbed/base/usr/bin/agent" \
	"$root/usr/local/sbin"
cp "$here/system/testbed.service" "$root/etc/systemd/system"
ln -s /etc/systemd/system/testbed.service \
	"$root/etc/systemd/system/multi-user.target.wants"
echo dom0 >"$root/etc/hostname"
echo '127.0.0.1 localhost dom0' >"$root/etc/hosts"
# What the guests' kernels say is wanted.
mkdir -p "$root/var/log/xen/console"
echo 'XENCONSOLED_ARGS="--log=all"' >>"$root/etc/default/xen"
sed -i 's/^MODULES=.*/MODULES=list/' "$root/etc/initramfs-tools/initramfs.conf"
echo "$initramfs_modules" | tr ' ' '\n' >>"$root/etc/initramfs-tools/modules"
# Tests start them, so that the other boots take no longer for them.
in_root "$root" systemctl -q disable ssh nginx openvswitch-switch
in_root "$root" update-initramfs -u
[ $# -eq 0 ] || cp "$@" "$root/root"

truncate -s 6G "$disk"
mkfs.ext4 -q -F -d "$root" "$disk"
rm -rf "$root"
