# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091

. /drb/drb.sh

MANY=30

# One by one: libxl waits ten seconds for a script, however many stand before it.
attached() {
	for _i in $(seq $((MANY - 1))); do
		xl network-attach guest backend=netdd bridge=xenbr0 script=vif-drb ||
			return
		await 20 has_link "$_i" || {
			echo "vif $_i has no link"
			on netdd "dmesg | grep -iE 'drb|vif|xen' | tail -n 5"
			xenstore-ls -f | grep '/error = "..*"' | head -n 3
			return 1
		}
	done
}

has_link() {
	on guest "cd /sys/bus/xen/devices/vif-$1/net/* && ip link set \${PWD##*/} up &&
		grep 1 carrier"
}

all_are_drb() {
	_num=$(on guest "ls -d /sys/bus/xen/drivers/vif-drb/vif-*" | wc -l)
	_there=$(on netdd "ls -d /sys/bus/xen-backend/drivers/vif-drb/vif-*" | wc -l)
	echo "$_num in the guest, $_there in the driver domain"
	[ "$_num" = $MANY ] && [ "$_there" = $MANY ]
}

# The last one works as well as the first.
last_carries() {
	_last=$(guest_dev guest $((MANY - 1)))
	on guest "ip addr flush dev $(guest_dev guest 0)"
	addr guest "$_last" 10.0.0.2/24 && await 10 on guest "ping -c 1 -W 1 10.0.0.1"
}

# What they take of the guest and of the driver domain, in pages.
told() {
	note "the guest has $(on guest "/drb/kvar gnttab_free_count" |
		awk '{ print $NF }') grant entries left, the driver domain $(on netdd \
		"awk '/MemAvailable/ { print \$2 }' /proc/meminfo") KiB of memory"
}

addr netdd xenbr0 10.0.0.1/24
check "$MANY vifs are attached" attached
check "both ends of all are DRB's" all_are_drb
check "the last one carries packets" last_carries
told
check "neither kernel complains" unharmed netdd guest
