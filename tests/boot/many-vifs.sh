# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091

. /drb/drb.sh

MANY=20

attached() {
	for _i in $(seq $((MANY - 1))); do
		xl network-attach guest backend=netdd bridge=xenbr0 script=vif-drb ||
			return
	done
}

# One call to the guest, however many there are.
all_up() {
	on guest "for d in /sys/bus/xen/devices/vif-*/net/*; do
			ip link set \${d##*/} up
		done
		sleep 5
		cat /sys/bus/xen/devices/vif-*/net/*/carrier" >/tmp/carriers
	_up=$(grep -c 1 /tmp/carriers)
	echo "$_up of $MANY are up"
	[ "$_up" = $MANY ] && return
	on netdd "dmesg | grep -iE 'drb|vif|xen' | tail -n 5"
	xenstore-ls -f | grep '/error = "..*"' | head -n 3
	return 1
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
check "all of them are up" all_up
check "the last one carries packets" last_carries
told
check "neither kernel complains" unharmed netdd guest
