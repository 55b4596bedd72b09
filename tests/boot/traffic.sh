# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091

. /drb/drb.sh

# Around every boundary: of a cache line, a page, an MTU, a fragment.
SIZES='1 2 13 14 15 31 32 33 63 64 65 127 255 256 257 1000 1471 1472 1473'
SIZES="$SIZES 1499 1500 1501 2047 2048 2049 4095 4096 4097 8972 8973 16384"
SIZES="$SIZES 32768 65000 65507"
STREAM=24	# MiB

set_offloads() {
	for what in tx sg tso gso rx; do
		ethtool -K "$back" "$what" "$1" >/dev/null 2>&1
		on guest "ethtool -K $front $what $1" >/dev/null 2>&1
	done
}

offloads_are() {
	ethtool -k "$back" | grep -q "^tx-checksumming: $1" &&
		ethtool -k "$back" | grep -q "^tcp-segmentation-offload: $1" &&
		on guest "ethtool -k $front" |
			grep -q "^tcp-segmentation-offload: $1"
}

set_mtu() {
	ip link set "$back" mtu "$1"
	ip link set xenbr0 mtu "$1"
	on guest "ip link set $front mtu $1"
}

# Datagrams go one way and come back the other, so this covers both.
datagrams_from_dom0() {
	# shellcheck disable=SC2086
	/drb/flow send 10.0.0.2 7000 $SIZES
}

datagrams_from_guest() {
	on guest "/drb/flow send 10.0.0.1 7000 $SIZES"
}

make_stream() {
	dd if=/dev/urandom of=/tmp/stream bs=1M count=$STREAM || return 1
	sha256sum </tmp/stream >/tmp/stream.sum
}

stream_to_guest() {
	start guest take "/drb/flow take 7100 | sha256sum"
	await_port guest 7100
	/drb/flow give 10.0.0.2 7100 </tmp/stream
	finish guest take >/tmp/there.sum
	cmp /tmp/stream.sum /tmp/there.sum
}

# The guest sends back what it was given once, so that both sums are known.
stream_from_guest() {
	/drb/flow take 7101 >/tmp/back &
	on guest "/drb/flow give 10.0.0.1 7101 </tmp/stream"
	wait $!
	sha256sum </tmp/back >/tmp/here.sum
	cmp /tmp/stream.sum /tmp/here.sum
}

give_guest_stream() {
	start guest take "/drb/flow take 7102 >/tmp/stream"
	await_port guest 7102
	/drb/flow give 10.0.0.2 7102 </tmp/stream
	finish guest take
	[ "$(on guest "sha256sum </tmp/stream")" = "$(cat /tmp/stream.sum)" ]
}

# not_come_out: of packets and bytes each way, what went in and did not come out,
# or not yet.
not_come_out() {
	ethtool -S "$back" >/tmp/back
	on guest "ethtool -S $front" >/tmp/front
	for _what in packets bytes; do
		echo "$(($(sum_of tx_$_what </tmp/back) -
			$(sum_of rx_$_what </tmp/front)))"
		echo "$(($(sum_of tx_$_what </tmp/front) -
			$(sum_of rx_$_what </tmp/back)))"
	done
}

# What dom0 sends before the guest's device is up does not come out at all.
note_not_come_out() {
	not_come_out >/tmp/out1
	sleep 1
	not_come_out >/tmp/lost
	cmp /tmp/out1 /tmp/lost && [ "$(head -n 1 /tmp/lost)" -lt 50 ]
}

# Since then what was put in came out, no more, no less.  Counters move while
# packets are under way, so it may take a moment.
counters_agree() {
	not_come_out | diff /tmp/lost -
}

counters_grew() {
	now=$(ring_stat "$back" tx_bytes)
	grew=$((now - before))
	[ $grew -ge $((5 * STREAM * 1048576)) ] || {
		echo "the ring's counter grew by $grew only"
		return 1
	}
}

nothing_dropped() {
	for stat in tx_dropped rx_dropped; do
		[ "$(ring_stat "$back" $stat)" = 0 ] || return 1
		[ "$(guest_stat guest "$front" $stat)" = 0 ] || return 1
	done
}

matrix_cell() {
	name="mtu $1, offloads $2"
	set_mtu "$1"
	set_offloads "$2"
	check "$name: set" offloads_are "$2"
	check "$name: datagrams from dom0" datagrams_from_dom0
	check "$name: datagrams from the guest" datagrams_from_guest
	check "$name: stream to the guest" stream_to_guest
	check "$name: stream from the guest" stream_from_guest
}

# One byte changed on its way must be noticed by the content checks above.
corruption_is_noticed() {
	on guest "tc qdisc add dev $front clsact &&
		tc filter add dev $front egress matchall \
		action pedit munge offset 200 u8 set 0x5a" || return 1
	! /drb/flow send 10.0.0.2 7000 1400 1401 1402 2>/tmp/flow.err || return 1
	grep 'byte [0-9]* is 0x5a, was' /tmp/flow.err || return 1
	on guest "tc qdisc del dev $front clsact" || return 1
	/drb/flow send 10.0.0.2 7000 1400 1401 1402
}

ethtool_works() {
	for dev in "$back" "on guest:$front"; do
		for opt in -S -g -l -c -k -i; do
			case $dev in
			"on guest:"*) on guest "ethtool $opt ${dev#*:}" ;;
			*) ethtool $opt "$dev" ;;
			esac || return 1
		done
	done
	ethtool -C "$back" rx-usecs 50 adaptive-rx off &&
		ethtool -c "$back" | grep -q '^rx-usecs:.*50' &&
		ethtool -C "$back" rx-usecs 20 adaptive-rx on
}

# interrupts_of PORT: of the guest's, during 300 lone datagrams there and back.
interrupts_of() {
	_before=$(guest_stat guest "$front" interrupts)
	# shellcheck disable=SC2046
	/drb/flow send 10.0.0.2 "$1" $(yes 64 | head -n 300) >&2 || return
	echo $(($(guest_stat guest "$front" interrupts) - _before))
}

# A socket that looks for packets itself spares the interrupts, which an idle
# CPU must not do meanwhile. It takes the setting when it is made.
busy_polling() {
	with=/proc/sys/net/core/busy_read
	idle=/sys/module/drb_core/parameters/idle_poll_us
	on guest "echo 50000 >$with; echo 0 >$idle"
	start guest busy "/drb/flow serve 7003"
	usleep 500000
	busy=$(interrupts_of 7003)
	agent stop guest busy
	on guest "echo 0 >$with"
	plain=$(interrupts_of 7000)
	on guest "echo 1000 >$idle"
	echo "$busy interrupts with busy polling, $plain without"
	[ "$plain" -ge 250 ] && [ "$busy" -le $((plain / 2)) ]
}

side_by_side() {
	addr Domain-0 xenbr1 10.0.1.1/24
	addr guest "$(guest_dev guest 1)" 10.0.1.2/24
	await 10 ping -c 1 -W 1 10.0.1.2 || return 1
	on guest "iperf3 -s -D; iperf3 -s -D -p 5202"
	await_port guest 5201
	await_port guest 5202
	iperf3 -c 10.0.0.2 -t 2 -f k >/tmp/a & pid=$!
	iperf3 -c 10.0.1.2 -p 5202 -t 2 -f k >/tmp/b
	wait $pid
	grep -q receiver /tmp/a && grep -q receiver /tmp/b
}

# What Linux 6.10 and newer know of a device's queues, each with a context that
# serves it and its packets.
kernel_knows_queues() {
	/drb/queueinfo "$back" >/tmp/queues
	_rc=$?
	cat /tmp/queues
	if [ $_rc = 3 ]; then
		uname -r | grep -q '^6\.[1-9]\.'
		return
	fi
	for _dir in rx tx; do
		_packets=$(awk "\$1 == \"$_dir\" && \$3 == \"packets\" { n += \$4 }
			END { print n + 0 }" /tmp/queues)
		[ "$_packets" = "$(ring_stat "$back" ${_dir}_packets)" ] &&
			[ "$_packets" -gt 1000 ] || return 1
	done
	[ "$(grep -c napi /tmp/queues)" = $((2 * $(ethtool -S "$back" |
		grep -c rx_packets))) ]
}

no_error_nodes() {
	! xenstore-ls -f | grep '/error = "..*"'
}

back=$(back_dev guest 0)
front=$(guest_dev guest 0)
addr Domain-0 xenbr0 10.0.0.1/24
addr guest "$front" 10.0.0.2/24
check "DRB vif: both ends are DRB's" bound guest 0 vif-drb
check "DRB vif: its mode is the hypervisor's best" in_mode guest 0
check "stock vif: both ends are the stock drivers'" bound guest 1 vif
check "a refused vif leaves no error node" no_error_nodes
check "dom0 pings the guest" await 10 ping -c 1 -W 1 10.0.0.2
check "the guest pings dom0" on guest "ping -c 1 10.0.0.1"
check "the counters stand still" await 10 note_not_come_out

start guest flow "/drb/flow serve 7000"
/drb/flow serve 7000 &
before=$(ring_stat "$back" tx_bytes)
make_stream
check "a stream into the guest's memory" give_guest_stream
for mtu in 1500 9000; do
	for state in on off; do
		matrix_cell $mtu $state
	done
done
set_offloads on
check "what went into the rings came out" await 5 counters_agree
check "the rings' counters grew by what was sent" counters_grew
check "nothing was dropped" nothing_dropped
check "a corrupted byte is noticed" corruption_is_noticed
check "ethtool shows and sets" ethtool_works
check "the kernel knows the queues" await 10 kernel_knows_queues
check "busy polling spares interrupts" busy_polling
check "stock and DRB side by side" side_by_side
check "still DRB at both ends" bound guest 0 vif-drb
agent stop guest flow
