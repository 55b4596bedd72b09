# SPDX-License-Identifier: GPL-2.0
# What one side of a measurement does: sourced by the bench in dom0, and in the
# guest by each command that it is sent.
# shellcheck shell=sh

pg=/proc/net/pktgen
DROP=/sys/fs/bpf/drop
ALONE_MAC=00:16:3e:ff:09:02	# of veth1

# counted DEV FIELD: packets (rx_packets, tx_packets) a device counted.
counted() {
	read -r _packets <"/sys/class/net/$1/statistics/$2"
	echo "$_packets"
}

# driver_of DEV: the xenbus driver it is bound to; nothing for virtual ones.
driver_of() {
	_link=$(readlink "/sys/class/net/$1/device/driver")
	echo "${_link##*/}"
}

# state_of DEV FIELD: both in one call: "DRIVER COUNT".
state_of() {
	echo "$(driver_of "$1") $(counted "$1" "$2")"
}

# quiet: no neighbour discovery of IPv6 beside the measured packets.
quiet() {
	echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
	echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
}

# pg_setup DEV SIZE BURST DST_IP DST_MAC SRC_IP: one pktgen flow, no end set.
pg_setup() {
	echo rem_device_all >$pg/kpktgend_0
	echo "add_device $1" >$pg/kpktgend_0
	for _line in "count 0" "delay 0" "clone_skb 0" "pkt_size $2" \
		"burst $3" "dst $4" "dst_mac $5" \
		"src_min $6" "src_max $6" "udp_src_min 9" \
		"udp_src_max 9" "udp_dst_min 9" "udp_dst_max 9"; do
		echo "$_line" >"$pg/$1" || return
	done
}

# pg_run DEV: sends until somebody stops it, and prints how many packets it were.
pg_run() {
	echo start >$pg/pgctrl
	awk '/pkts-sofar:/ { print $2 }' "$pg/$1"
}

pg_stop() {
	echo stop >$pg/pgctrl
}

# pin_drop: where the program that drops is, from the first time on.
pin_drop() {
	[ ! -e "$DROP" ] || return 0
	mount -t bpf bpf /sys/fs/bpf && /drb/xdpdrop "$DROP"
}

# drop_early DEV on|off: what DEV receives is counted and dropped as early as
# its driver can: natively by XDP, or by tc.
drop_early() {
	if [ "$(driver_of "$1")" = vif-drb ]; then
		pin_drop
		_prog="pinned $DROP"
		[ "$2" = on ] || _prog=off
		# shellcheck disable=SC2086
		ip link set "$1" xdpdrv $_prog
	elif [ "$2" = on ]; then
		tc qdisc add dev "$1" clsact &&
			tc filter add dev "$1" ingress matchall action drop
	else
		tc qdisc del dev "$1" clsact
	fi
}

# make_bounds: a dummy device to send into, and a veth pair to a namespace.
make_bounds() {
	modprobe -a pktgen dummy veth
	ip link add bound0 type dummy
	ip link set bound0 up
	ip netns add bound
	ip link add veth0 type veth peer name veth1 address $ALONE_MAC
	ip link set veth1 netns bound
	ip addr add 10.0.9.1/24 dev veth0
	ip link set veth0 up
	ip netns exec bound ip addr add 10.0.9.2/24 dev veth1
	ip netns exec bound ip link set veth1 up
	ip netns exec bound ip link set lo up
}

# alone_drops on|off: the same where the pair of veth ends.
alone_drops() {
	ip netns exec bound sh -c ". /drb/side.sh; drop_early veth1 $1"
}
