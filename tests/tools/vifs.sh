#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: vifs.sh guest|host COMMAND...
# Runs it where two devices of the network namespace (net.sh) look in sysfs as if
# they were that end of vifs. The caller gives it a mount namespace of its own, as
# ip netns exec does.
set -eu

end=$1
shift
mount -t tmpfs none /sys/bus
for h in 0 1; do
	case $end in
	guest) vif=/sys/bus/xen/devices/vif-$h device=eth$h ;;
	host) vif=/sys/bus/xen-backend/devices/vif-1-$h device=vif1.$h ;;
	esac
	mkdir -p "$vif/net/$device"
	ln -s ../drivers/vif "$vif/driver"
done
exec "$@"
