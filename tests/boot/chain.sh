# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091

. /drb/drb.sh

# the_last_vif NAME: the handle of the vif that was attached last.
the_last_vif() {
	on "$1" "ls /sys/bus/xen/devices" | sed -n 's/^vif-//p' | sort -n | tail -n 1
}

# served NAME DRIVER-DOMAIN: its last vif is DRB's at both ends.
served() {
	await 20 both_ends_are_drb "$@" || both_ends_are_drb "$@"
}

both_ends_are_drb() {
	_handle=$(the_last_vif "$1")
	in_mode "$1" "$_handle" || return
	_here=$(on "$1" "readlink /sys/bus/xen/devices/vif-$_handle/driver")
	_there=$(on "$2" "readlink \
		/sys/bus/xen-backend/devices/vif-$(domid "$1")-$_handle/driver")
	echo "$1: ${_here##*/}, $2: ${_there##*/}"
	[ "${_here##*/}" = vif-drb ] && [ "${_there##*/}" = vif-drb ]
}

# 10.1.0.0/24 lies between net and firewall, 10.2.0.0/24 between it and guest.
net_addresses() {
	addr net xenbr0 10.1.0.1/24 &&
		on net "ip route replace 10.2.0.0/24 via 10.1.0.2; iperf3 -s -D"
}

firewall_outside() {
	addr firewall "$(guest_dev firewall "$(the_last_vif firewall)")" 10.1.0.2/24
}

firewall_inside() {
	addr firewall xenbr0 10.2.0.1/24
}

guest_addresses() {
	addr guest "$(guest_dev guest "$(the_last_vif guest)")" 10.2.0.2/24 &&
		on guest "ip route replace default via 10.2.0.1"
}

# forwarding 0|1
forwarding() {
	on firewall "echo $1 >/proc/sys/net/ipv4/ip_forward"
}

reaches_net() {
	on guest "ping -c 1 -W 1 10.1.0.1"
}

held_back() {
	on guest "ping -c 1 -W 1 10.2.0.1" &&
		fails_on guest "ping -c 2 -W 1 10.1.0.1"
}

stream() {
	on guest "iperf3 -c 10.1.0.1 -t 1 $1" | grep -q receiver
}

both_rings_carried() {
	for _who in guest firewall; do
		_dev=$(guest_dev $_who "$(the_last_vif $_who)")
		_bytes=$(guest_stat $_who "$_dev" rx_bytes)
		echo "$_who: $_bytes bytes"
		[ "$_bytes" -gt 1000000 ] || return
	done
}

# replaced NAME: its domain is killed, and another one takes its place.
replaced() {
	xl destroy "$1" && start_domain "$1" && await_domain "$1"
}

# moved NAME DRIVER-DOMAIN: from the one that is gone to its successor.
moved() {
	xl network-detach "$1" "$(the_last_vif "$1")" &&
		xl network-attach "$1" script=vif-drb bridge=xenbr0 backend="$2" &&
		served "$1" "$2"
}

net_addresses && firewall_outside && firewall_inside && guest_addresses
check "the firewall is served by net" served firewall net
check "the guest is served by the firewall" served guest firewall
forwarding 0
check "the firewall holds the guest back" held_back
forwarding 1
check "the firewall lets the guest through" await 10 reaches_net
check "a stream to the net" stream ""
check "a stream from the net" stream -R
check "both vifs' rings have carried it" both_rings_carried
check "another net" replaced net
check "the firewall moves to it" moved firewall net
net_addresses && firewall_outside
check "the guest reaches it, without having moved" await 10 reaches_net
check "another firewall" replaced firewall
check "it is served" served firewall net
firewall_outside && firewall_inside && forwarding 1
check "the guest moves to it" moved guest firewall
guest_addresses
check "the guest reaches the net again" await 10 reaches_net
check "nobody was harmed" unharmed guest firewall net
