# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091

. /drb/drb.sh

up_again() {
	await_domain guest && await 20 connected guest 0 && in_mode guest 0 &&
		await 20 ping -c 1 -W 1 10.0.0.2
}

times_connected() {
	on guest "dmesg | grep -c 'connected to domain'"
}

# The guest keeps its device, and with it name, addresses and routes.
same_device() {
	[ "$(guest_dev guest 0)" = "$front" ]
}

saved_and_restored() {
	xl save guest /tmp/saved && ! domid guest >/dev/null 2>&1 &&
		xl restore /tmp/saved
	_rc=$?
	rm -f /tmp/saved
	return $_rc
}

# Its connection, which it gave up before it was to be suspended, is a new one.
checkpointed() {
	_before=$(times_connected)
	xl save -c guest /tmp/saved || return
	rm -f /tmp/saved
	await 20 sh -c "[ \"\$(xl domid guest)\" -gt 0 ]" && up_again || return
	[ "${mode:-grants}" = grants ] || [ "$(times_connected)" -gt "$_before" ]
}

# To this very host, by way of a pipe in place of ssh.
migrated() {
	xl migrate -s "" guest "xl migrate-receive" >/tmp/migrate.log 2>&1 && return
	cat /tmp/migrate.log
	return 1
}

# announces WHAT...: after that, somebody who only listens to the bridge hears
# from the guest where it is, without IPv6, which would say so by itself.
announces() {
	on guest "echo 1 >/proc/sys/net/ipv6/conf/$front/disable_ipv6"
	tcpdump -Z root -lnei xenbr0 arp >/tmp/arp 2>/dev/null &
	_dump=$!
	sleep 1
	"$@" && await 20 connected guest 0 && sleep 3
	_rc=$?
	kill $_dump
	grep 'who-has 10.0.0.2 .*tell 10.0.0.2' /tmp/arp && return $_rc
}

link_down_and_up() {
	_back=$(back_dev guest 0)
	ip link set "$_back" down
	sleep 2
	ip link set "$_back" up
}

other_rings() {
	on guest "ethtool -G $front rx 262144"
}

nothing_mapped() {
	[ "$(lsevtchn 0 | grep -c .)" -le "$((channels + 2))" ]
}

# ---- a host without DRB, and one that has it again --------------------------

address_of() {
	on guest "cat /sys/class/net/$1/address"
}

# served_by DRIVER: at both ends, on a device of the same name and MAC address.
served_by() {
	await 20 connected guest 0 && await 20 bound guest 0 "$1" &&
		same_device && [ "$(address_of "$front")" = "$mac" ]
}

# Its device is another one, so that what was configured is to be once more.
answers_as_new() {
	addr guest "$front" 10.0.0.2/24 && await 10 ping -c 1 -W 1 10.0.0.2
}

# How long the guest has no device to send by, as it sees it.
watch_gap() {
	start guest gap "while [ -e /sys/class/net/$front/device ]; do usleep 10000; done
		read -r from _ </proc/uptime
		until grep -q 1 /sys/class/net/$front/carrier; do usleep 10000; done
		read -r to _ </proc/uptime
		echo \$from \$to" 2>/dev/null
}

without_drb() {
	watch_gap
	xl save guest /tmp/saved && modprobe -r netback-drb && xl restore /tmp/saved &&
		await_domain guest && served_by vif && answers_as_new || return
	rm -f /tmp/saved
	note "without a device for $(finish guest gap | awk 'NF == 2 { print $2 - $1 }') s"
}

# The stock driver is left alone, until somebody asks for DRB.
with_drb_again() {
	xl save guest /tmp/saved && modprobe -r xen-netback && modprobe netback-drb &&
		modprobe xen-netback && xl restore /tmp/saved || return
	rm -f /tmp/saved
	await_domain guest && served_by vif && answers_as_new
}

drb_again() {
	on guest "sh /drb/drb-rebind" && served_by vif-drb && answers_as_new &&
		in_mode guest 0
}

addr Domain-0 xenbr0 10.0.0.1/24
front=$(guest_dev guest 0)
addr guest "$front" 10.0.0.2/24
channels=$(lsevtchn 0 | grep -c .)
check "the vif is up" up_again
for round in 1 2; do
	check "saved and restored, $round" saved_and_restored
	check "restored, $round: the vif is up" up_again
	check "restored, $round: the same device" same_device
done
check "restored: announces itself" announces saved_and_restored
check "restored, announced: the vif is up" up_again
check "other rings: announces itself" announces other_rings
check "link down and up: announces itself" announces link_down_and_up
check "checkpointed: the vif is up" checkpointed
check "checkpointed: once more" checkpointed
check "migrated" migrated
check "migrated: the vif is up" up_again
check "migrated: the same device" same_device
check "no event channels are left behind" nothing_mapped
watch_devices
mac=$(address_of "$front")
check "restored where there is no DRB: stock drivers" without_drb
check "restored where there is: stock drivers, until asked" with_drb_again
check "drb-rebind: DRB" drb_again
