# SPDX-License-Identifier: GPL-2.0
# What the tests of offloads do: segments, lists of packets, checksums, VLANs, big
# TCP.  $front and $back are the vif's devices.
# shellcheck shell=sh disable=SC2154

# sums_seen on|off: does a raw socket of the guest find right checksums, with
# ethtool's rx so?  Prints how many right ones and how many wrong ones.
sums_seen() {
	on guest "ethtool -K $front rx $1" >/dev/null
	start guest dump "tcpdump -l -vv -Z root -i $front -nn -Q in \
		udp port 7000 >/tmp/sums 2>/dev/null"
	sleep 1
	/drb/flow send 10.0.0.2 7000 10 100 1000 1400 >/dev/null || return 1
	sleep 1
	agent stop guest dump
	on guest "ethtool -K $front rx on >/dev/null; grep -c 'udp sum ok' /tmp/sums
		grep -c 'bad udp cksum' /tmp/sums" | tr '\n' ' '
}

# Neither end is sent in one piece what it does not want so.
segments_unwanted() {
	on guest "ethtool -K $front rx-gro-hw off" && ethtool -K "$back" rx-gro-hw off
	_rc=$?
	await 5 in_many segments_to_guest && await 5 in_many segments_from_guest ||
		_rc=1
	on guest "ethtool -k $front" | grep -q '^tx-udp-segmentation: off \[requested' ||
		_rc=1
	on guest "ethtool -K $front rx-gro-hw on" && ethtool -K "$back" rx-gro-hw on &&
		await 5 in_one_piece segments_to_guest &&
		await 5 in_one_piece segments_from_guest && return $_rc
}

# What a driver domain leaves to the guest, a raw socket of the guest's can see.
rx_off_is_honoured() {
	_on=$(sums_seen on) && _off=$(sums_seen off)
	echo "right and wrong: $_on with rx on, $_off with rx off"
	[ "${_on#0 }" != "$_on" ] && [ "${_off%0 }" != "$_off" ] &&
		[ "${_off%% *}" -ge 4 ]
}

# Many datagrams in one call; the sender's counter tells whether they crossed
# the ring in one piece.
segments_to_guest() {
	_was=$(ring_stat "$back" tx_packets)
	/drb/flow segments 10.0.0.2 7000 1000 40 || return 1
	echo "$(($(ring_stat "$back" tx_packets) - _was)) packets into the ring"
}

segments_from_guest() {
	_was=$(guest_stat guest "$front" tx_packets)
	on guest "/drb/flow segments 10.0.0.1 7000 1000 40" || return 1
	echo "$(($(guest_stat guest "$front" tx_packets) - _was)) packets into the ring"
}

in_one_piece() {
	"$1" >/tmp/segments || return 1
	tail -n 1 /tmp/segments
	[ "$(tail -n 1 /tmp/segments | cut -d ' ' -f 1)" -lt 20 ]
}

in_many() {
	"$1" >/tmp/segments || return 1
	tail -n 1 /tmp/segments
	[ "$(tail -n 1 /tmp/segments | cut -d ' ' -f 1)" -ge 40 ]
}

uso() {
	ethtool -K "$back" tx-udp-segmentation "$1" &&
		on guest "ethtool -K $front tx-udp-segmentation $1"
}

udp_segments() {
	uso on && in_one_piece segments_to_guest &&
		in_one_piece segments_from_guest
}

# The same without the offload must look different.
udp_segments_off() {
	uso off && in_many segments_to_guest && in_many segments_from_guest &&
		uso on
}

# merged_into on|off: the longest segment that the guest's stack sees of a
# stream that crosses the ring in single ones.
merged_into() {
	on guest "ethtool -K $front gro $1"
	start guest dump "tcpdump -l -Z root -i $front -s 96 -nn -Q in \
		tcp port 7100 >/tmp/lengths 2>/dev/null"
	sleep 1
	stream_to 10.0.0.2 >/dev/null || return 1
	agent stop guest dump
	on guest "awk '{ print \$NF }' /tmp/lengths | sort -n | tail -n 1"
}

gro_merges() {
	ethtool -K "$back" tso off gso off
	_off=$(merged_into off) && _on=$(merged_into on)
	ethtool -K "$back" tso on gso on
	echo "segments of $_off bytes at most, with GRO of $_on"
	[ "$_off" -gt 1000 ] && [ "$_off" -le 1448 ] && [ "$_on" -gt 1448 ]
}

# Where GRO merges for dom0, packets come as lists of packets.
make_lists() {
	ip netns add lists
	ip link add ls0 type veth peer name ls1 netns lists
	ethtool -K ls0 gro on
	ip link set ls0 master xenbr0 up
	ip netns exec lists sh -c 'ethtool -K ls1 tso off gso off
		ip addr add 10.0.0.5/24 dev ls1; ip link set ls1 up
		ping -c 1 -W 5 10.0.0.2'
}

# lists_are on|off: how many packets go into the ring for 8 MiB.
lists_are() {
	ethtool -K "$back" tx-scatter-gather-fraglist "$1"
	_was=$(ring_stat "$back" tx_packets)
	stream_to 10.0.0.2 ip netns exec lists || return 1
	echo $(($(ring_stat "$back" tx_packets) - _was))
}

lists_cross() {
	make_lists || return 1
	_off=$(lists_are off) && _on=$(lists_are on)
	echo "$_on packets into the ring, $_off without the feature"
	ip netns del lists
	[ "$_on" -gt 0 ] && [ $((_on * 3)) -lt $((_off * 2)) ]
}

VLAN_SIZES='1 64 1000 1468 1472 4000 16000 65507'
vlan_tagged() {
	ip link add link xenbr0 name vl5 type vlan id 5
	addr Domain-0 vl5 10.0.5.1/24
	on guest "ip link add link $front name vl5 type vlan id 5"
	addr guest vl5 10.0.5.2/24
	await 10 ping -c 1 -W 1 10.0.5.2 || return 1
	# shellcheck disable=SC2086
	/drb/flow send 10.0.5.2 7000 $VLAN_SIZES &&
		on guest "/drb/flow send 10.0.5.1 7000 $VLAN_SIZES" &&
		stream_to 10.0.5.2
}

# stream_to ADDRESS [COMMAND...]: 8 MiB to the guest, sent by the command.
stream_to() {
	_to=$1
	shift
	dd if=/dev/urandom of=/tmp/s bs=1M count=8 2>/dev/null
	start guest take "/drb/flow take 7100 | sha256sum"
	await_port guest 7100
	"$@" /drb/flow give "$_to" 7100 </tmp/s || return 1
	finish guest take >/tmp/there.sum
	sha256sum </tmp/s | cmp - /tmp/there.sum
}

vlan_of_bridge() {
	ip link set xenbr0 type bridge vlan_filtering 1
	bridge vlan add dev "$back" vid 7 pvid untagged
	! ping -c 1 -W 1 10.0.0.2 || return 1
	bridge vlan add dev xenbr0 vid 7 pvid untagged self
	await 10 ping -c 1 -W 1 10.0.0.2 || return 1
	# The guest's tag of a VLAN that its port is not in goes nowhere.
	! ping -c 1 -W 1 10.0.5.2 || return 1
	bridge vlan add dev "$back" vid 5 && bridge vlan add dev xenbr0 vid 5 self
	await 10 ping -c 1 -W 1 10.0.5.2
	_rc=$?
	ip link set xenbr0 type bridge vlan_filtering 0
	return $_rc
}

# The longest frame on dom0's device while a stream flows to the guest. Newer kernels
# leave IPv6's length empty in a packet of more than 64 KiB, and tcpdump then knows no
# payload.
longest_segment() {
	tcpdump -Z root -i "$back" -s 96 -e -nn ip6 >/tmp/lengths 2>/dev/null &
	_dump=$!
	sleep 1
	on guest "iperf3 -s -1 -D -p 5300"
	await_port guest 5300
	iperf3 -6 -c fd00::2 -p 5300 -t 3 >/dev/null
	kill $_dump
	sed -n 's/.*(0x86dd), length \([0-9]*\):.*/\1/p' /tmp/lengths | sort -n | tail -n 1
}

big_content() {
	stream_to fd00::2
}

big_tcp() {
	ip addr replace fd00::1/64 dev xenbr0 nodad
	on guest "ip addr replace fd00::2/64 dev $front nodad"
	# Or TCP sends no more at once than a slow machine gets rid of in 1 ms.
	echo 80 >/proc/sys/net/ipv4/tcp_min_tso_segs
	await 10 ping -6 -c 1 -W 1 fd00::2 || return 1
	_small=$(longest_segment)
	for dev in "$back" xenbr0; do
		ip link set "$dev" gso_max_size 130000 || return 1
	done
	on guest "ip link set $front gso_max_size 130000" || return 1
	_big=$(longest_segment)
	echo "segments of $_small bytes at most, then of $_big"
	[ "$_small" -gt 1500 ] && [ "$_small" -le 65536 ] && [ "$_big" -gt 65536 ]
}

big_tcp_limit() {
	! ip link set "$back" gso_max_size 131000 &&
		fails_on guest "ip link set $front gso_max_size 131000"
}
