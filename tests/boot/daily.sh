# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091

. /drb/drb.sh

FILE=64		# MiB

answers() {
	ping -c 1 -W 1 "$1"
}

silent() {
	! ping -c 2 -W 1 10.0.0.2
}

guest_address() {
	front=$(guest_dev guest 0) && addr guest "$front" 10.0.0.2/24 &&
		await 10 answers 10.0.0.2
}

named() {
	[ "$(readlink /sys/class/net/web0/device/driver | sed 's|.*/||')" = vif-drb ]
}

# next_vif WORDS OF XL: attaches another one and waits until it is DRB's.
next_vif() {
	xl network-attach guest "$@" && await 20 connected guest 1 &&
		bound guest 1 vif-drb
}

detached() {
	xl network-detach guest 1 && xl network-list guest >/tmp/list &&
		cat /tmp/list && [ "$(wc -l </tmp/list)" = 2 ]
}

default_script() {
	echo 'vif.default.script="vif-drb"' >>/etc/xen/xl.conf
	next_vif mac=00:16:3e:00:01:11 bridge=xenbr0
	_rc=$?
	sed -i '/vif.default.script/d' /etc/xen/xl.conf
	return $_rc
}

# The host routes to the guest's address; no bridge has the device.
routed() {
	echo VIF_DRB_NEXT=vif-route >/etc/xen/vif-drb.conf
	next_vif mac=00:16:3e:00:01:12 script=vif-drb ip=10.9.0.2 \
		gatewaydev=xenbr0 || return
	rm /etc/xen/vif-drb.conf
	_back=$(back_dev guest 1) _front=$(guest_dev guest 1)
	ip route show dev "$_back" | grep '^10.9.0.2' || return
	[ ! -e "/sys/class/net/$_back/master" ] || return
	addr guest "$_front" 10.9.0.2/32 &&
		on guest "ip route add 10.0.0.1 dev $_front" &&
		await 10 answers 10.9.0.2
	_rc=$?
	on guest "ip route del 10.0.0.1 dev $_front"
	return $_rc
}

# guest_link down|up
guest_link() {
	on guest "ip link set $front $1"
}

other_mac() {
	guest_link down && on guest "ip link set $front address $1" &&
		guest_link up && await 10 answers 10.0.0.2 &&
		ip neigh show 10.0.0.2 | grep -i "$1"
}

# The bridge has the guest in VLAN 7, and the host in 1, and then in 7 as well.
other_vlan() {
	ip link set xenbr0 type bridge vlan_filtering 1 &&
		bridge vlan del dev web0 vid 1 &&
		bridge vlan add dev web0 vid 7 pvid untagged && silent
}

same_vlan() {
	bridge vlan add dev xenbr0 vid 7 pvid untagged self && await 10 answers 10.0.0.2
}

no_vlans() {
	ip link set xenbr0 type bridge vlan_filtering 0 && await 10 answers 10.0.0.2
}

ipv6() {
	_local=$(on guest "ip -6 addr show dev $front scope link" |
		awk '/inet6/ { sub("/.*", "", $2); print $2 }')
	echo "$_local"
	[ "$_local" ] && await 10 answers "$_local%xenbr0"
}

# Both ends' tcpdump see a request and its answer.
dumped() {
	timeout 20 tcpdump -Z root -c 2 -ni web0 icmp >/tmp/here 2>/dev/null &
	_dump=$!
	start guest dump "timeout 20 tcpdump -Z root -c 2 -ni $front icmp 2>/dev/null"
	sleep 3
	answers 10.0.0.2 || return
	wait $_dump && finish guest dump >/tmp/there || return
	for _end in here there; do
		grep 'echo request' "/tmp/$_end" &&
			grep 'echo reply' "/tmp/$_end" || return
	done
}

# xentop counts what both vifs have carried, in KiB: the file, and more than a
# little the other way. The columns are dom0's: the guest's RX is what it sent.
figures() {
	xentop -b -i 1 >/tmp/top && cat /tmp/top
	awk -v least=$((FILE * 1024)) '
		$1 == "guest" { good = $10 == 2 && $11 > 20 && $12 >= least }
		END { exit !good }' /tmp/top
}

carry() {
	addr guest "$(guest_dev guest 1)" 10.0.1.2/24
	ip addr replace 10.0.1.1/24 dev xenbr0
	await 10 answers 10.0.1.2 && ping -q -c 20 -i 0.05 -s 1400 10.0.1.2
}

over_http() {
	on guest "mkdir -p /tmp/www && httpd -p 80 -h /tmp/www &&
		dd if=/dev/urandom of=/tmp/www/file bs=1M count=$FILE 2>/dev/null &&
		sha256sum </tmp/www/file" >/tmp/there || return
	wget -qO - http://10.0.0.2/file | sha256sum >/tmp/here &&
		cmp /tmp/here /tmp/there
}

rebooted() {
	_old=$(domid guest)
	start guest reboot "reboot -f"
	await 60 sh -c "[ \"\$(xl domid guest 2>/dev/null)\" -gt $_old ]" &&
		await_domain guest && await 20 connected guest 0 && named &&
		bound guest 0 vif-drb && guest_address
}

addr Domain-0 xenbr0 10.0.0.1/24
check "vifname= names the device" named
check "the guest answers" guest_address
check "IPv6 comes by itself" ipv6
check "tcpdump at both ends" dumped
check "a file over HTTP" over_http
check "ip link down" guest_link down
check "nobody answers" silent
check "ip link up" guest_link up
check "the guest answers again" await 10 answers 10.0.0.2
check "another MAC address" other_mac 02:16:3e:00:01:99
check "VLANs of the bridge part guest and host" other_vlan
check "VLANs of the bridge join them" same_vlan
check "no VLANs" no_vlans
check "vif.default.script=vif-drb: a vif without script=" default_script
check "it carries packets" carry
check "xentop counts them" figures
check "network-detach" detached
check "vif-drb with vif-route" routed
check "network-detach of that" detached
check "the guest reboots: DRB again" rebooted
