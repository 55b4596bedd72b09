#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A boot menu entry for the hypervisor with the I/O task table, behind all others
# and with an id of its own: it changes neither them nor which is the default. It
# is what GRUB's own script would make of the newest kernel, with iotask=1.
set -e

image=/boot/drb-xen-@V@-amd64.gz
stock=/etc/grub.d/20_linux_xen
[ -e "$image" ] || exit 0
grep -q '/boot/xen\*' "$stock" 2>/dev/null || {
	echo "No entry for $image: $stock is not what it was" >&2
	exit 0
}
script=$(mktemp)
trap 'rm -f "$script"' EXIT
sed "s|/boot/xen\*|$image|" "$stock" >"$script"
export GRUB_CMDLINE_XEN="$GRUB_CMDLINE_XEN iotask=1"
echo "Found Xen with the I/O task table: $image" >&2
# Of the entries the first, but for what would make it the default.
sh "$script" 2>/dev/null | awk '
	/^[ \t]*menuentry / && !begun {
		begun = 1
		sub(/\047[^\047]*\047/, "\047Xen @V@ with the I/O task table (DRB)\047")
		sub(/\$menuentry_id_option .*/, "$menuentry_id_option \047xen-@V@-drb\047 {")
	}
	begun && !ended && !/savedefault/
	begun && /^[ \t]*}/ { ended = 1 }'
