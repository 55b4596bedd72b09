# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091

. /drb/drb.sh

front_driver() {
	_link=$(on "$1" "readlink /sys/bus/xen/devices/vif-$2/driver")
	echo "${_link##*/}"
}

driven_by() {
	[ "$(front_driver "$1" "$2")" = "$3" ]
}

no_device() {
	on "$1" "ls -d /sys/bus/xen/devices/vif-$2" &&
		fails_on "$1" "ls /sys/bus/xen/devices/vif-$2/net"
}

says() {
	error_of "$1" "$2" | grep "$3"
}

# held_down NAME HANDLE TEXT: netfront-drb has it, says why, and that is all.
held_down() {
	driven_by "$1" "$2" vif-drb && await 10 says "$1" "$2" "$3" &&
		! connected "$1" "$2"
}

answers() {
	addr "$1" "$(guest_dev "$1" "$2")" "10.0.0.$3/24" &&
		await 10 ping -c 1 -W 1 "10.0.0.$3"
}

# pretend_stock NAME: the driver domain, which owns the backend's directory,
# makes vif 0 of the guest look like a stock one, served by xen-netback.
pretend_stock() {
	_dom=$(domid "$1")
	_dir=/local/domain/0/backend/vif/$_dom/0
	_bus=/sys/bus/xen-backend/drivers
	on "$1" "echo vif-0 >/sys/bus/xen/drivers/vif-drb/unbind"
	sleep 1
	echo "vif-$_dom-0" >$_bus/vif-drb/unbind
	xenstore-rm "$_dir/drb-version"
	xenstore-rm "$_dir/drb-max-queues"
	xenstore-write "$_dir/script" /etc/xen/scripts/vif-bridge
	echo "vif-$_dom-0" >$_bus/vif/bind
	_link=$(readlink "/sys/bus/xen-backend/devices/vif-$_dom-0/driver")
	[ "${_link##*/}" = vif ]
}

# The guest looks for a driver of the vif once more.
probe_again() {
	on "$1" "echo vif-0 >/sys/bus/xen/drivers_probe"
	sleep 2
}

addr Domain-0 xenbr0 10.0.0.1/24
if [ "${control:-0}" = 1 ]; then
	check "no table in Xen: the vif is held down, and says why" \
		held_down guest 0 "no I/O task table"
	check "no table in Xen: a guest that does not care gets mode grants" \
		on lax "dmesg | grep -q 'mode grants'"
else
	check "the table in Xen: the vif is up" await 10 connected guest 0
	check "the table in Xen: it answers" answers guest 0 2
	check "the table in Xen: mode iotask" \
		on guest "dmesg | grep -q 'mode iotask'"
fi
check "a stock vif is held down as well" \
	held_down guest 1 "no DRB driver (netback-drb)"
check "and has no network device for anything to use" \
	no_device guest 1
check "one that is exempted is left to the stock driver" driven_by guest 2 vif
check "and works" answers guest 2 3

check "a DRB vif is made to look like a stock one" pretend_stock guest
check "the guest probes again" probe_again guest
check "and holds it down" held_down guest 0 "no DRB driver (netback-drb)"
check "the same for the guest that does not care" pretend_stock lax
check "which probes again, too" probe_again lax
check "and is downgraded without a word" driven_by lax 0 vif
