# SPDX-License-Identifier: GPL-2.0
# What a guest and its host use a vif for, with the programs of their release.
# shellcheck shell=sh disable=SC1091,SC2154

. ./system-lib.sh
. ./drb.sh

PREFIX=fd00:d2b::
SIZE=2048	# MiB, of the file

# ---- systemd-networkd at both ends: DHCP and IPv6 --------------------------

networkd() {
	mkdir -p /run/systemd/network
	cat >/run/systemd/network/xenbr0.netdev <<-END
	[NetDev]
	Name=xenbr0
	Kind=bridge
	END
	cat >/run/systemd/network/xenbr0.network <<-END
	[Match]
	Name=xenbr0
	[Network]
	Address=10.0.0.1/24
	Address=${PREFIX}1/64
	DHCPServer=yes
	IPv6SendRA=yes
	ConfigureWithoutCarrier=yes
	[DHCPServer]
	EmitDNS=no
	[IPv6Prefix]
	Prefix=$PREFIX/64
	END
	systemctl start systemd-networkd && await 20 ip link show xenbr0
}

guest_networkd() {
	on guest "mkdir -p /run/systemd/network
		printf '%s\n' '[Match]' Type=ether '[Network]' DHCP=ipv4 \
			IPv6AcceptRA=yes >/run/systemd/network/drb.network
		systemctl start systemd-networkd"
}

# address FAMILY: the guest's, as it has come by it.
address() {
	on guest "ip -$1 -o addr show dev $front scope global dynamic" |
		awk '{ sub("/.*", "", $4); print $4; exit }'
}

has_address() {
	[ "$(address "$1")" ]
}

by_dhcp() {
	await 30 has_address 4 && ip=$(address 4) && echo "$ip" &&
		await 10 ping -c 1 -W 2 "$ip"
}

by_advertisement() {
	await 30 has_address 6 && ip6=$(address 6) && echo "$ip6" &&
		await 10 ping -c 1 -W 2 "$ip6"
}

# ---- files -----------------------------------------------------------------

# A file of random pieces and of holes, in the guest.
big_file() {
	on guest "cd /var/www/html && truncate -s ${SIZE}M file &&
		for i in \$(seq 0 64 $((SIZE - 1))); do
			dd if=/dev/urandom of=file bs=1M count=1 seek=\$i \
				conv=notrunc status=none || exit
		done"
}

over_http() {
	on guest "systemctl start nginx"
	await_port guest 80
	curl -sS "http://$ip/file" | cksum >/run/drb/here
	on_timeout=300 on guest "cksum </var/www/html/file" >/run/drb/there
	cat /run/drb/here /run/drb/there
	grep " $((SIZE << 20))\$" /run/drb/here &&
		cmp /run/drb/here /run/drb/there
}

ssh_to_guest() {
	ssh -o BatchMode=yes -o StrictHostKeyChecking=no -i /root/key "root@$ip" "$@"
}

let_in() {
	ssh-keygen -q -t ed25519 -N '' -f /root/key &&
		on guest "mkdir -p /root/.ssh
			echo '$(cat /root/key.pub)' >/root/.ssh/authorized_keys
			systemctl start ssh" && await_port guest 22 &&
		[ "$(ssh_to_guest hostname)" = dom0 ]
}

# there_and_back: a file through ssh and through it again.
there_and_back() {
	head -c 50000000 /dev/urandom >/root/sent
	ssh_to_guest "cat >/root/got" </root/sent &&
		ssh_to_guest "cat /root/got" | cmp - /root/sent
}

# ---- a firewall in the driver domain ---------------------------------------

# from_guest URL: what the guest gets.
from_guest() {
	on guest "curl -sS --max-time 4 $1"
}

serve_here() {
	echo here >/var/www/html/index.html && systemctl start nginx &&
		[ "$(from_guest http://10.0.0.1/)" = here ]
}

# What comes from the guest, on the bridge.
firewall() {
	nft -f - <<-END
	table bridge drb {
		chain in {
			type filter hook input priority 0;
			ibrname xenbr0 iifname "vif*" tcp dport 80 counter drop
		}
	}
	END
	fails_on guest "curl -sS --max-time 4 http://10.0.0.1/" || return
	nft list table bridge drb | grep 'packets [1-9]' &&
		ping -c 1 -W 2 "$ip"
}

no_firewall() {
	nft delete table bridge drb && [ "$(from_guest http://10.0.0.1/)" = here ]
}

# A network behind the host, which knows of no guest.
masqueraded() {
	ip netns add world && ip link add world0 type veth peer eth0 netns world &&
		ip addr add 10.2.0.1/24 dev world0 && ip link set world0 up &&
		ip -n world addr add 10.2.0.2/24 dev eth0 &&
		ip -n world link set eth0 up || return
	echo 1 >/proc/sys/net/ipv4/ip_forward
	nft -f - <<-END
	table ip drb {
		chain out {
			type nat hook postrouting priority 100;
			oifname "world0" masquerade
		}
	}
	END
	on guest "ip route replace 10.2.0.0/24 via 10.0.0.1"
	ip netns exec world iperf3 -s -D
	for _way in '' -R; do
		on guest "iperf3 -c 10.2.0.2 -t 3 -J $_way" >/run/drb/iperf3 || return
		_bytes=$(jq .end.sum_received.bytes /run/drb/iperf3)
		echo "$_bytes bytes"
		[ "$_bytes" -gt 1000000 ] || return
	done
}

# ---- other scripts behind vif-drb ------------------------------------------

# next_script NAME, or the package's.
next_script() {
	[ -e /root/vif-drb.conf ] || cp /etc/xen/vif-drb.conf /root
	cp /root/vif-drb.conf /etc/xen
	[ -z "${1:-}" ] || echo "VIF_DRB_NEXT=$1" >>/etc/xen/vif-drb.conf
}

# second_vif WORDS OF XL...: one more, and by DRB.
second_vif() {
	xl network-attach guest script=vif-drb "$@" && await 20 connected guest 1 &&
		bound guest 1 vif-drb && second=$(guest_dev guest 1)
}

no_second_vif() {
	xl network-detach guest 1
	_rc=$?
	next_script
	return $_rc
}

open_vswitch() {
	systemctl start openvswitch-switch && ovs-vsctl add-br ovsbr0 &&
		ip addr add 10.3.0.1/24 dev ovsbr0 && ip link set ovsbr0 up &&
		next_script vif-openvswitch && second_vif bridge=ovsbr0 &&
		ovs-vsctl list-ports ovsbr0 | grep "vif$(domid guest).1" &&
		addr guest "$second" 10.3.0.2/24 && await 10 ping -c 1 -W 2 10.3.0.2
}

# Nobody serves there, but drb-bench sees that this is the way to the vif.
way_by_open_vswitch() {
	_key=/local/domain/$(domid guest)/device/vif/1/drb-bench
	xenstore-write "$_key-token" 0123456789abcdef0123456789abcdef \
		"$_key" '10.3.0.2 5210' || return
	drb-bench guest --vif "vif$(domid guest).1" --out /tmp/way \
		>/run/drb/way 2>&1
	cat /run/drb/way
	grep -q 'guest does not serve any more' /run/drb/way
}

left_open_vswitch() {
	no_second_vif && [ -z "$(ovs-vsctl list-ports ovsbr0)" ]
}

# vif-nat's address for the host is the guest's and 127.
nat() {
	next_script vif-nat && second_vif ip=10.4.0.2 &&
		on guest "ip addr replace 10.4.0.2/24 dev $second
			ip link set $second up" && await 10 ping -c 1 -W 2 10.4.0.2 &&
		ip route show dev "vif$(domid guest).1" | grep '10.4.0.2.*src 10.4.0.129'
}

check "the system is dom0" is_a_host || exit
check "systemd-networkd makes the bridge" networkd
guest_config ",script=vif-drb"
check "xl create" xl create /root/guest.cfg || exit
check "the guest is up" guest_up || exit
front=$(guest_dev guest 0)
check "vif-drb at both ends" both_ends vif-drb
check "systemd-networkd in the guest" guest_networkd
check "an address by DHCP" by_dhcp || exit
check "an address by router advertisement" by_advertisement
check "a file of $SIZE MiB" big_file
check "nginx and curl: it arrives whole" over_http
check "ssh" let_in
check "a file by ssh, there and back" there_and_back
check "nginx in the driver domain" serve_here
check "nftables in the driver domain stops it" firewall
check "and no more" no_firewall
check "streams through a masquerading host" masqueraded
check "vif-drb with vif-openvswitch" open_vswitch
check "drb-bench by way of it" way_by_open_vswitch
check "network-detach of that" left_open_vswitch
check "vif-drb with vif-nat" nat
check "network-detach of that" no_second_vif
check "still vif-drb at both ends" both_ends vif-drb
check "the guest shuts down" timeout 180 xl shutdown -w guest
