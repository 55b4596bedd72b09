#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The first process of every domain: of dom0, of guests and driver domains.
# /drb/domain.env or /drb/domains/NAME.env says what this
# domain is to be.
# shellcheck disable=SC1090,SC1091,SC2086

export PATH=/usr/sbin:/usr/bin:/usr/lib/xen-4.17/bin HOME=/root

mount_all() {
	mount -t proc proc /proc
	mount -t sysfs sys /sys
	mount -t devtmpfs dev /dev
	mkdir -p /dev/pts /dev/shm
	mount -t devpts devpts /dev/pts	# xenconsoled needs it
	mount -t tmpfs run /run
	mount -t tmpfs tmp /tmp
	mkdir -p /run/lock /run/xen /run/xenstored /run/drb
	mount -t debugfs debug /sys/kernel/debug
	modprobe xenfs
	mount -t xenfs xenfs /proc/xen
	modprobe -a xen-privcmd xen-evtchn xen-gntdev xen-gntalloc
}

# DRB's driver before the stock one: it leaves to it what is not its own.
load_present() {
	for m; do
		modinfo "$m" >/dev/null 2>&1 || continue
		modprobe "$m" || echo "init: cannot load $m" >/dev/console
	done
}

# bridges: "name:mtu ..."
make_bridges() {
	for b; do
		ip link add "${b%:*}" type bridge
		ip link set "${b%:*}" mtu "${b#*:}" up
	done
}

guest() {
	name=$(sed 's/.*drb\.name=\([^ ]*\).*/\1/' /proc/cmdline)
	. "/drb/domains/$name.env"
	hostname "$name"
	# shellcheck disable=SC2154
	load_present $frontends $modules
	# shellcheck disable=SC2154
	if [ "$driver_domain" = 1 ]; then
		# shellcheck disable=SC2154
		load_present $backends
		# shellcheck disable=SC2154
		make_bridges $bridges
		mkdir -p /var/log/xen
		xl devd
	fi
	cd /drb || return
	while :; do
		agent serve
		sleep 1
	done
}

mount_all
ip link set lo up
if grep -q control_d /proc/xen/capabilities; then
	. /drb/dom0.sh
else
	guest
fi
