# SPDX-License-Identifier: GPL-2.0
# What the booted tests of DRB share; sourced by their scripts in dom0.
# shellcheck shell=sh

# guest_dev NAME HANDLE: the guest's device of that vif.
guest_dev() {
	on "$1" "ls /sys/bus/xen/devices/vif-$2/net"
}

# back_dev NAME HANDLE: dom0's device of that vif.
back_dev() {
	echo "vif$(domid "$1").$2"
}

# bound NAME HANDLE DRIVER: are both ends of the vif bound to that driver?
bound() {
	_front=$(on "$1" "readlink /sys/bus/xen/devices/vif-$2/driver")
	_back=$(readlink "/sys/bus/xen-backend/devices/vif-$(domid "$1")-$2/driver")
	echo "guest: ${_front##*/}, dom0: ${_back##*/}, wanted $3"
	[ "${_front##*/}" = "$3" ] && [ "${_back##*/}" = "$3" ]
}

# sum_of FIELD: over all queues, of ethtool -S on standard input; "none" where it
# has no such field, which is not 0.
sum_of() {
	awk -v f="_$1:" '$1 ~ "^q[0-9]+" f "$" { s += $2; n++ }
		END { print n ? s : "none" }'
}

# ring_stat DEV FIELD, guest_stat NAME DEV FIELD
ring_stat() {
	ethtool -S "$1" | sum_of "$2"
}

guest_stat() {
	on "$1" "ethtool -S $2" | sum_of "$3"
}

# unharmed NAME...: these domains' kernels have nothing to complain about, and say
# so themselves.
unharmed() {
	for _who; do
		on "$_who" "dmesg >/tmp/dmesg && {
			grep -E 'WARNING|BUG|Oops' /tmp/dmesg
			[ \$? = 1 ]
		}" || return
	done
}

# state_is NAME HANDLE STATE: of the backend in xenstore.
state_is() {
	[ "$(xenstore-read "/local/domain/0/backend/vif/$(domid "$1")/$2/state" \
		2>/dev/null)" = "$3" ]
}

# connected NAME HANDLE: both ends are in state Connected (4).
connected() {
	state_is "$1" "$2" 4 &&
		[ "$(xenstore-read "/local/domain/$(domid "$1")/device/vif/$2/state" \
			2>/dev/null)" = 4 ]
}

# in_mode NAME HANDLE: the vif is in the mode that the hypervisor allows for:
# env.mode=iotask is set where that has the I/O task table.
in_mode() {
	_mode=$(xenstore-read "/local/domain/$(domid "$1")/device/vif/$2/drb-mode")
	echo "mode $_mode, wanted ${mode:-grants}"
	[ "$_mode" = "${mode:-grants}" ]
}

# error_of NAME HANDLE: what either end's error node says.
error_of() {
	_dom=$(domid "$1")
	xenstore-read "/local/domain/0/error/backend/vif/$_dom/$2/error" \
		2>/dev/null
	xenstore-read "/local/domain/$_dom/error/device/vif/$2/error" \
		2>/dev/null
}

# Each number from who hands the thing out, not from the driver under test:
# dom0's free pages for foreign memory as its kernel counts them, its event
# channels as Xen does, xenstore's nodes (but for those of the agents, and the
# empty directories that xenbus leaves where an error once was).
count_dom0() {
	/drb/kvar list_count | sed 's/list_count/free_foreign_pages/'
	echo "evtchns_dom0 $(lsevtchn 0 | wc -l)"
	echo "nodes $(nodes | wc -l)"
}

nodes() {
	xenstore-ls -f | grep -v /data/drb- | grep -vE '/error(/[a-z0-9/]*)? = ""$'
}

# same_counts: what count prints is as noted in /tmp/before, within some seconds.
same_counts() {
	count >/tmp/after
	diff /tmp/before /tmp/after >/tmp/diff && return
	tr '\n' ' ' </tmp/diff
	return 1
}

# A failure names the nodes of vifs that are there, to be looked at.
nothing_left() {
	await 10 same_counts || same_counts || { nodes | grep vif; return 1; }
}

# What udev does with packaging/udev/90-drb.rules.
watch_devices() {
	cat >/run/drb/uevent.sh <<-'END'
		#!/bin/sh
		[ "$SUBSYSTEM" = xen-backend ] && [ "$ACTION" = online ] || exit 0
		exec /drb/vif-drb-handover
	END
	chmod +x /run/drb/uevent.sh
	uevent /run/drb/uevent.sh >/tmp/uevent.log 2>&1 &
}
