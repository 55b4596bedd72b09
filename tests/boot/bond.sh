# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091

. /drb/drb.sh

ROUNDS=3

# nic MAC: dom0's device of that card.
nic() {
	for _dev in /sys/class/net/*/device/vendor; do
		_dev=${_dev%/device/vendor}
		[ "$(cat "$_dev/address")" != "$1" ] || basename "$_dev"
	done
}

wire() {
	ip netns exec wire "$@"
}

# bond_of COMMAND-PREFIX NAME POLICY NIC...: in the namespace of the prefix.
bond_of() {
	_in=$1 _bond=$2
	$_in ip link add "$_bond" type bond mode 802.3ad miimon 100 lacp_rate fast \
		xmit_hash_policy "$3" || return
	shift 3
	for _dev; do
		$_in ip link set "$_dev" down &&
			$_in ip link set "$_dev" master "$_bond" || return
	done
	$_in ip link set "$_bond" up
}

bonds() {
	ip netns add wire && wire ip link set lo up || return
	for _dev in "$b0" "$b1"; do
		ip link set "$_dev" netns wire || return
	done
	bond_of '' bond0 vlan+srcmac "$a0" "$a1" &&
		bond_of wire bond1 layer2 "$b0" "$b1" &&
		ip link set bond0 master xenbr0 && wire ip addr add 10.0.0.1/24 dev bond1
}

# has_partner: LACP has found the other end on both cards.
has_partner() {
	[ "$(grep -c 'Number of ports: 2' /proc/net/bonding/bond0)" = 1 ]
}

at() {
	if [ "$1" = dom0 ]; then
		sh -c "$2"
	else
		on "$1" "$2"
	fi
}

# kilobits DOMAIN: of a TCP stream from it to the far end.
kilobits() {
	at "$1" "iperf3 -c 10.0.0.1 -t 4 -O 1 -J" >/tmp/iperf3 &&
		jq '.end.sum_received.bits_per_second / 1e3 | floor' /tmp/iperf3
}

# streams WORD: in turns, to /tmp/WORD.DOMAIN.
streams() {
	for _ in $(seq $ROUNDS); do
		for _from in dom0 stock drb; do
			kilobits $_from >>"/tmp/$1.$_from"
		done
		progress "a round of streams, $1"
	done
}

median() {
	sort -n "$1" | sed -n "$(((ROUNDS + 1) / 2))p"
}

# DRB's vif is at least nearly as fast as the stock one; all are told of.
as_fast_as_stock() {
	streams "$1"
	note "$1: dom0 $(median "/tmp/$1.dom0") stock $(median "/tmp/$1.stock") drb $(median \
		"/tmp/$1.drb") kbit/s, of $ROUNDS streams each"
	[ "$(median "/tmp/$1.drb")" -ge $(($(median "/tmp/$1.stock") * 8 / 10)) ]
}

modprobe e1000e
modprobe bonding max_bonds=0
await 10 sh -c "[ -n \"\$(ls -d /sys/class/net/*/device/vendor)\" ]"
sleep 1
a0=$(nic 52:54:00:00:00:01) a1=$(nic 52:54:00:00:00:02)
b0=$(nic 52:54:00:00:00:11) b1=$(nic 52:54:00:00:00:12)
check "two bonds of two cards each" bonds
check "LACP finds the other end" await 20 has_partner
addr Domain-0 xenbr0 10.0.0.10/24
addr drb "$(guest_dev drb 0)" 10.0.0.11/24
addr stock "$(guest_dev stock 0)" 10.0.0.12/24
wire iperf3 -s -D
for guest in drb stock; do
	check "$guest pings the far end" await 20 on $guest "ping -c 1 -W 2 10.0.0.1"
done
check "as fast as stock with the cards' segmentation" as_fast_as_stock tso
for dev in "$a0" "$a1"; do
	ethtool -K "$dev" tso off gso off
done
check "as fast as stock without it" as_fast_as_stock no-tso
