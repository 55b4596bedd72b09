# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091

. /drb/drb.sh
. /drb/offload-lib.sh

WINDOW=3	# seconds in which a rate is measured
GROUP=239.1.1.1 GROUP_MAC=01:00:5e:01:01:01
SHOTS=50	# multicast packets sent at a time

# ---- rate ------------------------------------------------------------------

# measured: Mbit/s that come out of the ring, while the guest sends.
measured() {
	_t0=$(centiseconds) _b0=$(ring_stat "$back" rx_bytes)
	sleep $WINDOW
	_t1=$(centiseconds) _b1=$(ring_stat "$back" rx_bytes)
	echo $(((_b1 - _b0) * 8 / 10000 / (_t1 - _t0)))
}

# rate_of STREAMS: what the guest gets through, in Mbit/s, after the burst.
rate_of() {
	start guest load "iperf3 -c 10.0.0.1 -t $((WINDOW + 3)) -P $1 >/dev/null"
	sleep 1.5
	measured
	finish guest load >/dev/null
}

# rate_within MBIT STREAMS: 10 % around the setting. Never more; less, where
# something else keeps the machine busy, once or twice.
rate_within() {
	for _ in 1 2 3; do
		_got=$(rate_of "$2")
		echo "$_got Mbit/s, wanted $1"
		[ $((_got * 10)) -le $(($1 * 11)) ] || return 1
		[ $((_got * 10)) -lt $(($1 * 9)) ] || return 0
	done
	return 1
}

rate_above() {
	_got=$(rate_of 1)
	echo "$_got Mbit/s, wanted more than $1"
	[ "$_got" -gt "$1" ]
}

set_rate() {
	xenstore-write "$backdir/rate" "$1"
}

throttled() {
	_n=$(ring_stat "$back" rx_throttled)
	echo "throttled $_n times"
	[ "$_n" -gt 0 ]
}

# Nothing is lost: the guest waits.
throttled_without_drops() {
	[ "$(ring_stat "$back" rx_dropped)" = 0 ] &&
		[ "$(guest_stat guest "$front" tx_dropped)" = 0 ]
}

# The other direction and small packets get by while the ring is full.
other_direction_free() {
	start guest load "iperf3 -c 10.0.0.1 -t 6 -R >/dev/null"
	sleep 1.5
	_b0=$(ring_stat "$back" tx_bytes)
	sleep 2
	_b1=$(ring_stat "$back" tx_bytes)
	finish guest load >/dev/null
	echo "to the guest: $(((_b1 - _b0) * 8 / 2000000)) Mbit/s"
	[ $(((_b1 - _b0) * 8 / 2000000)) -gt 60 ]
}

# at_least_in_ring BYTES: what BQL always lets into the ring.
at_least_in_ring() {
	on guest "cat /sys/class/net/$front/queues/tx-0/byte_queue_limits/limit_min
		echo $1 >/sys/class/net/$front/queues/tx-0/byte_queue_limits/limit_min"
}

# How long a request of the guest's takes, in ms, while it sends all it can.
latency_under_load() {
	start guest load "iperf3 -c 10.0.0.1 -t 8 >/dev/null"
	sleep 3
	on guest "ping -c 4 -W 5 10.0.0.1" | awk -F '[/= ]+' '/min.avg.max/ {
		print int($6) }'
	finish guest load >/dev/null
}

# Packets wait in the guest's queueing discipline, not in the ring; were as much
# as fits let into that, it would be for longer.
waits_outside() {
	_outside=$(latency_under_load)
	_min=$(at_least_in_ring 2000000) && _inside=$(latency_under_load)
	at_least_in_ring "$_min"
	echo "a request took $_outside ms, with no limit to the ring $_inside ms"
	[ "$_min" = 65536 ] && [ $((_outside * 10)) -lt $((_inside * 7)) ]
}

# Flows choose their queue by a random hash: few may all choose the same.
FLOWS=16

both_queues_used() {
	_q=$(ethtool -S "$back" | awk '/q[01]_rx_packets/ && $2 > 100' | wc -l)
	echo "$_q queues carried packets"
	[ "$_q" = 2 ]
}

reconnect() {
	on guest "echo vif-0 >/sys/bus/xen/drivers/vif-drb/unbind
		echo $1 >/sys/module/netfront_drb/parameters/max_queues
		echo vif-0 >/sys/bus/xen/drivers/vif-drb/bind"
	await 20 connected guest 0 || return 1
	front=$(guest_dev guest 0)
	addr guest "$front" 10.0.0.2/24
	await 10 ping -c 1 -W 1 10.0.0.2 || return 1
	[ "$(ethtool -l "$back" | awk '/^Combined/ { n = $2 } END { print n }')" = "$1" ]
}

malformed_rate_is_none() {
	set_rate "125000" && rate_above 40 && set_rate "junk,50000" &&
		dmesg | grep -q "malformed rate"
}

# ---- MTU and carrier -------------------------------------------------------

guest_mtu() {
	on guest "cat /sys/class/net/$front/mtu"
}

guest_mtu_is() {
	_mtu=$(guest_mtu)
	echo "MTU $_mtu, wanted $1"
	[ "$_mtu" = "$1" ]
}

mtu_becomes() {
	await 5 guest_mtu_is "$1" || guest_mtu_is "$1"
}

# stays MTU: the guest was told, and does not do it.
mtu_stays() {
	sleep 2
	guest_mtu_is "$1"
}

mtu_follows_device() {
	for m in 9000 1500 1280; do
		ip link set "$back" mtu $m
		mtu_becomes $m || return 1
	done
}

mtu_follows_toolstack() {
	xenstore-write "$frontdir/mtu" 1300
	mtu_becomes 1300
}

guest_keeps_smaller() {
	on guest "ip link set $front mtu 1100"
	ip link set "$back" mtu 1500
	mtu_stays 1100 || return 1
	ip link set "$back" mtu 1000
	mtu_becomes 1000 || return 1
	ip link set "$back" mtu 1500
	mtu_becomes 1500
}

nonsense_mtu_is_ignored() {
	for m in 0 10 70000 4294967295 junk -1 ''; do
		xenstore-write "$backdir/drb-mtu" "$m"
		xenstore-write "$frontdir/mtu" "$m"
	done
	mtu_stays 1500
}

carrier_is() {
	[ "$(on guest "cat /sys/class/net/$front/carrier")" = "$1" ]
}

carrier_follows() {
	for _ in 1 2 3; do
		ip link set "$back" down
		await 5 carrier_is 0 || return 1
		ip link set "$back" up
		await 5 carrier_is 1 || return 1
	done
	await 10 ping -c 1 -W 1 10.0.0.2
}

link_changes() {
	on guest "cat /sys/class/net/$front/carrier_changes"
}

# A host that changes its mind as fast as it can: the guest looks 20 times a second.
carrier_flaps() {
	_before=$(link_changes)
	_written=$(/drb/flap 4 "$backdir/carrier" 0 1) || return
	await 5 carrier_is 1 || return
	_times=$(($(link_changes) - _before))
	echo "written $_written times in 4 s, followed $_times times"
	[ "$_times" -gt 0 ] && [ "$_times" -le 100 ] && [ "$_times" -lt "$_written" ]
}

# Down when the guest connects, and only that.
carrier_at_connect() {
	ip link set "$back" down
	await 5 carrier_is 0 || return 1
	on guest "echo vif-0 >/sys/bus/xen/drivers/vif-drb/unbind
		echo vif-0 >/sys/bus/xen/drivers/vif-drb/bind"
	await 20 connected guest 0 || return 1
	front=$(guest_dev guest 0)
	addr guest "$front" 10.0.0.2/24
	sleep 1
	carrier_is 0 || return 1
	ip link set "$back" up
	await 5 carrier_is 1 && await 10 ping -c 1 -W 1 10.0.0.2
}

# ---- multicast -------------------------------------------------------------

shoot() {
	bash -c "for ((i = 0; i < $SHOTS; i++)); do
		echo \$i >/dev/udp/$GROUP/7777; done"
}

# arrived COMMAND...: how many packets more the guest's ring has taken out
arrived_now() {
	guest_stat guest "$front" rx_packets
}

# passes, filtered: nearly nothing else is under way, so half tells.
passes() {
	_was=$(arrived_now)
	shoot
	sleep 0.5
	_got=$(($(arrived_now) - _was))
	echo "$_got of $SHOTS multicast packets arrived"
	[ $_got -ge $SHOTS ]
}

filtered() {
	_was=$(arrived_now) _kept=$(ring_stat "$back" tx_filtered)
	shoot
	sleep 0.5
	_got=$(($(arrived_now) - _was))
	_kept=$(($(ring_stat "$back" tx_filtered) - _kept))
	echo "$_got of $SHOTS multicast packets arrived, $_kept filtered"
	[ $_got -lt $((SHOTS / 2)) ] && [ $_kept -ge $SHOTS ]
}

has_group() {
	xenstore-read "$frontdir/drb-multicast" | grep -q "$1"
}

has_list() {
	has_group 01005e000001
}

has_no_group() {
	! has_group "$1"
}

has_no_list() {
	! xenstore-read "$frontdir/drb-multicast" 2>/dev/null
}

# Told, and read by the backend a moment later.
list_settles() {
	await 5 "$@" && sleep 0.5
}

group_joined() {
	on guest "ip maddr add $GROUP_MAC dev $front"
	list_settles has_group 01005e010101 && passes
}

group_left() {
	on guest "ip maddr del $GROUP_MAC dev $front"
	await 5 has_no_group 01005e010101 || return 1
	sleep 0.5
	filtered
}

promiscuous() {
	on guest "ip link set $front promisc on"
	list_settles has_no_list && passes || return 1
	on guest "ip link set $front promisc off"
	list_settles has_list && filtered
}

all_multicast() {
	on guest "ip link set $front allmulticast on"
	list_settles has_no_list && passes || return 1
	on guest "ip link set $front allmulticast off"
	list_settles has_list && filtered
}

many_groups() {
	on guest "bash -c 'for ((i = 10; i < 75; i++)); do
		ip maddr $1 01:00:5e:02:02:\$i dev $front; done'"
}

too_many_groups() {
	many_groups add
	list_settles has_no_list && passes || return 1
	many_groups del
	list_settles has_list && filtered
}

broadcast_passes() {
	has_list || return 1
	ip neigh flush dev xenbr0
	ping -c 1 -W 2 10.0.0.2
}

# The guest changes it, and a list holds for one value: its key has both.
filter_now() { xenstore-read "$frontdir/drb-multicast" | cut -d : -f 1; }

# list_is LIST: and the backend is told, which watches the state.
list_is() {
	xenstore-write "$frontdir/drb-multicast" "$1" "$frontdir/state" 4
}

nonsense_list_is_none() {
	_now=$(filter_now)
	for list in 01005e00000 zz005e000001 00163e000001 01005e000001x \
		"$(yes 01005e000001 | head -n 65 | tr '\n' ' ')" \
		"$(head -c 3000 /dev/zero | tr '\0' a)"; do
		list_is "$_now:$list" || return 1
		sleep 0.5
		passes || return 1
	done
	# One for another state of the guest is none.
	for list in "$((_now - 1)):" "$((_now + 1)):" x: ""; do
		list_is "$list"
		sleep 0.5
		passes || return 1
	done
	# An empty list is one: no group at all.
	list_is "$_now:"
	sleep 0.5
	filtered
}

# ---- debugfs ---------------------------------------------------------------

# By the vif's name on its bus: those of network devices are not unique.
debug_file() {
	case $1 in
	vif*) echo "/sys/kernel/debug/drb/$(echo "$1" | tr . - |
		sed 's/vif/&-/')/queue-0" ;;
	*) echo "/sys/kernel/debug/drb/vif-0/queue-0" ;;
	esac
}

field() { awk -v f="$1" '$1 == f { print $2 }'; }

shows() {
	grep -q '^tx shared prod ' && return
	return 1
}

debugfs_shows() {
	on guest "cat $(debug_file "$front")" | shows &&
		shows <"$(debug_file "$back")" &&
		[ "$(field dead <"$(debug_file "$back")")" = 0 ]
}

debugfs_kicks() {
	_polls=$(field polls <"$(debug_file "$back")")
	_ints=$(on guest "cat $(debug_file "$front")" | field interrupts)
	for _ in $(seq 20); do
		echo kick >"$(debug_file "$back")" || return 1
		usleep 20000
	done
	_polls=$(($(field polls <"$(debug_file "$back")") - _polls))
	_ints=$(($(on guest "cat $(debug_file "$front")" | field interrupts) - _ints))
	echo "20 kicks: $_polls polls here, $_ints interrupts there"
	[ $_polls -ge 20 ] && [ $_ints -ge 1 ] || return 1
	! echo nonsense >"$(debug_file "$back")"
}

# Two devices of one name, each in a namespace of its own.
debugfs_keeps_name() {
	_file=$(debug_file "$back")
	ip netns add drb9 && ip link set "$back" netns drb9 &&
		ip netns exec drb9 ip link set "$back" name eth0 &&
		cat "$_file" >/dev/null
	_ok=$?
	ip netns exec drb9 ip link set eth0 name "$back"
	ip netns exec drb9 ip link set "$back" netns 1
	ip netns del drb9
	ip link set "$back" master xenbr0 up
	on guest "ip link set $front down; ip link set $front name drb9
		cat $(debug_file "$front") >/dev/null; ok=\$?
		ip link set drb9 name $front; ip link set $front up
		exit \$ok" || return 1
	addr guest "$front" 10.0.0.2/24
	await 10 ping -c 1 -W 1 10.0.0.2 && return $_ok
}

debugfs_goes_with_device() {
	(while :; do
		cat "$(debug_file "$back")"
		echo kick >"$(debug_file "$back")"
	done) >/dev/null 2>&1 &
	_reader=$!
	start guest reader "bash -c 'for ((i = 0; i < 200; i++)); do
		cat $(debug_file "$front"); echo kick >$(debug_file "$front"); done'"
	for _ in 1 2; do
		reconnect 1 || return 1
	done
	kill $_reader
	agent stop guest reader
	finish guest reader >/dev/null
	on guest "echo vif-0 >/sys/bus/xen/drivers/vif-drb/unbind
		ls /sys/kernel/debug/drb; [ -z \"\$(ls /sys/kernel/debug/drb)\" ]" ||
		return 1
	on guest "echo vif-0 >/sys/bus/xen/drivers/vif-drb/bind"
	await 20 connected guest 0 && reconnect 1
}

# ---- NAPI that the kernel polls by itself ---------------------------------

# Of 300 requests, each in an interrupt of its own: the next is sent when the last
# was answered, so that they come one by one on a slow machine, too.
interrupts_of_requests() {
	_ints=$(guest_stat guest "$front" interrupts)
	# shellcheck disable=SC2046
	/drb/flow send 10.0.0.2 7005 $(yes 64 | head -n 300) >&2 || return
	echo $(($(guest_stat guest "$front" interrupts) - _ints))
}

defers_interrupts() {
	on guest "ethtool -C $front adaptive-rx off rx-usecs 0
		ethtool -c $front >/dev/null" || return
	start guest requests "/drb/flow serve 7005"
	await 10 /drb/flow send 10.0.0.2 7005 64
	_often=$(interrupts_of_requests)
	on guest "echo 100 >/sys/class/net/$front/napi_defer_hard_irqs
		echo 2000000 >/sys/class/net/$front/gro_flush_timeout"
	_seldom=$(interrupts_of_requests)
	on guest "echo 0 >/sys/class/net/$front/napi_defer_hard_irqs
		echo 0 >/sys/class/net/$front/gro_flush_timeout
		ethtool -C $front adaptive-rx on rx-usecs 20"
	agent stop guest requests
	echo "$_often interrupts, $_seldom with napi_defer_hard_irqs"
	[ "$_often" -ge 200 ] && [ "$_seldom" -le $((_often / 4)) ]
}

nothing_dropped() {
	for stat in tx_dropped rx_dropped; do
		[ "$(ring_stat "$back" $stat)" = 0 ] || return 1
		[ "$(guest_stat guest "$front" $stat)" = 0 ] || return 1
	done
}

no_error_nodes() {
	! xenstore-ls -f | grep '/error = "..*"'
}

echo 2 >/sys/module/netback_drb/parameters/max_queues
start_domain guest
await_domain guest
await 20 connected guest 0
back=$(back_dev guest 0)
front=$(guest_dev guest 0)
backdir=/local/domain/0/backend/vif/$(domid guest)/0
frontdir=/local/domain/$(domid guest)/device/vif/0
ip link set xenbr0 type bridge mcast_snooping 0
addr Domain-0 xenbr0 10.0.0.1/24
addr guest "$front" 10.0.0.2/24
ip route add 239.0.0.0/8 dev xenbr0
check "both ends are DRB's" bound guest 0 vif-drb
check "mtu: the toolstack's at connect" guest_mtu_is 1400
check "dom0 pings the guest" await 10 ping -c 1 -W 1 10.0.0.2
iperf3 -s -D >/dev/null

check "rate: 20 Mbit/s from xl, one queue" rate_within 20 1
check "rate: the backend has throttled" throttled
check "rate: nothing was dropped for it" throttled_without_drops
check "rate: the other direction is free" other_direction_free
set_rate 62500,50000
check "rate: packets wait where their flow is known" waits_outside
set_rate 250000,50000
check "rate: changed to 40 Mbit/s" rate_within 40 4
check "two queues" reconnect 2
check "rate: 40 Mbit/s, two queues" rate_within 40 $FLOWS
check "rate: both queues get some of it" both_queues_used
set_rate 25000,10000
check "rate: 20 Mbit/s in shorter intervals, two queues" rate_within 20 $FLOWS
xenstore-rm "$backdir/rate"
check "rate: none when removed" rate_above 60
check "rate: none when malformed" malformed_rate_is_none
xenstore-rm "$backdir/rate"
check "one queue" reconnect 1

check "mtu: follows the backend's device" mtu_follows_device
check "mtu: follows the toolstack" mtu_follows_toolstack
check "mtu: the guest may have a smaller one" guest_keeps_smaller
check "mtu: nonsense is ignored" nonsense_mtu_is_ignored
check "carrier: follows the backend's device" carrier_follows
check "carrier: a host that flaps costs the guest little" carrier_flaps
check "carrier: down when the guest connects" carrier_at_connect

check "multicast: the guest says what it wants" list_settles has_list
check "multicast: other groups are filtered" filtered
check "multicast: a group joined" group_joined
check "multicast: a group left" group_left
check "multicast: broadcast passes" broadcast_passes
check "multicast: promiscuous" promiscuous
check "multicast: all multicast" all_multicast
check "multicast: more than 64 groups" too_many_groups
check "multicast: nonsense is no filter" nonsense_list_is_none
check "multicast: the filter goes with the connection" reconnect 1
check "multicast: and comes with the next" list_settles has_list

check "napi_defer_hard_irqs: no event where the kernel polls" defers_interrupts
check "debugfs: shows the rings" debugfs_shows
check "debugfs: kicks a queue" debugfs_kicks
check "debugfs: two devices of one name, and a new name" debugfs_keeps_name
check "debugfs: goes with the device, at any time" debugfs_goes_with_device

start guest flow "/drb/flow serve 7000"
/drb/flow serve 7000 &
check "udp: segments cross the ring in one piece" udp_segments
check "udp: one by one with the offload off" udp_segments_off
check "rx-gro-hw off: an end is sent no segments in one" segments_unwanted
check "rx off: the guest sees right checksums" rx_off_is_honoured
check "gro: the guest merges what comes in pieces" gro_merges
check "lists of packets cross the ring as one" lists_cross
check "vlan: tagged packets, all sizes" vlan_tagged
check "vlan: of the bridge" vlan_of_bridge
check "big tcp: packets of more than 64 KiB" big_tcp
check "big tcp: content" big_content
check "big tcp: no more than a ring takes" big_tcp_limit
check "nothing was dropped" nothing_dropped
agent stop guest flow

check "no error nodes" no_error_nodes
check "still DRB at both ends" bound guest 0 vif-drb
