# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. /drb/drb.sh
. /drb/side.sh

ROUNDS=1000
PARAMETERS=/sys/module/drb_core/parameters

# poll_for USECS: at both ends.
poll_for() {
	echo "$1" >$PARAMETERS/idle_poll_backend_us &&
		on guest "echo $1 >$PARAMETERS/idle_poll_us"
}

# Round trips one after the other, with a packet of 99 bytes each way.
round_trips() {
	# shellcheck disable=SC2046
	/drb/flow send 10.0.0.2 7000 $(yes 99 | head -n "${1:-$ROUNDS}")
}

# stats: interrupts and beginnings of idle polling, dom0's and the guest's.
stats() {
	for _stat in interrupts idle_polls; do
		echo "$(ring_stat "$back" $_stat) $(guest_stat guest "$front" $_stat)"
	done | xargs
}

# measured COMMAND...: how much more of stats there is after it, in $m_irqs,
# $m_guest_irqs, $m_polls and $m_guest_polls.
measured() {
	_before=$(stats)
	"$@" || return 1
	# shellcheck disable=SC2046
	set -- $(echo "$_before $(stats)" | awk '{
		print $5 - $1, $6 - $2, $7 - $3, $8 - $4 }')
	m_irqs=$1 m_guest_irqs=$2 m_polls=$3 m_guest_polls=$4
	echo "interrupts $1 (dom0) $2 (guest), idle polls $3 $4"
}

# Unless it is asked to, dom0 does not poll; the guest does.
by_default() {
	measured round_trips && [ "$m_polls" = 0 ] && [ "$m_guest_polls" -gt 0 ]
}

by_events() {
	poll_for 0 && measured round_trips && [ "$m_polls" = 0 ] &&
		[ "$m_guest_polls" = 0 ] && [ "$m_irqs" -gt $((ROUNDS / 2)) ] &&
		[ "$m_guest_irqs" -gt $((ROUNDS / 2)) ]
}

# It takes some answers until it is learnt, and what else runs interrupts it.
by_polling() {
	poll_for 1000 && measured round_trips && [ "$m_polls" -gt 0 ] &&
		[ "$m_guest_polls" -gt 0 ] && [ "$m_irqs" -lt $((ROUNDS / 5)) ] &&
		[ "$m_guest_irqs" -lt $((ROUNDS / 5)) ]
}

# What nobody answers is not waited for.
unanswered() {
	poll_for 1000
	start guest sp "sockperf server -p 11111"
	measured sockperf throughput -i 10.0.0.2 -p 11111 --mps 2000 -t 1 &&
		[ "$m_polls" -le 1 ] && [ "$m_guest_polls" -le 1 ]
	_rc=$?
	agent stop guest sp
	return $_rc
}

# For a second, a packet to the guest every 200 us; into $m_rx how many came.
stream() {
	_rx=$(guest_stat guest "$front" rx_packets)
	pg_run "$back" >/dev/null &
	_sender=$!
	sleep 1
	pg_stop
	wait $_sender
	m_rx=$(($(guest_stat guest "$front" rx_packets) - _rx))
}

# By rx-frames the guest is told sooner, of about so many packets at a time.
told_of_frames() {
	modprobe pktgen
	pg_setup "$back" 60 1 10.0.0.9 "$(on guest "cat /sys/class/net/$front/address")" \
		10.0.0.1 && echo "delay 200000" >"$pg/$back" &&
		on guest "ethtool -C $front adaptive-rx off rx-usecs 1000" &&
		measured stream && echo "of $m_rx packets" &&
		[ $((m_guest_irqs * 20)) -lt "$m_rx" ] &&
		on guest "ethtool -C $front rx-frames 2" &&
		on guest "ethtool -c $front" | grep '^rx-frames:.*2' &&
		measured stream && echo "of $m_rx packets" &&
		[ $((m_guest_irqs * 3)) -gt "$m_rx" ] &&
		[ $((m_guest_irqs * 3)) -lt $((m_rx * 2)) ] &&
		on guest "ethtool -C $front adaptive-rx on rx-usecs 20 rx-frames 0"
}

# thread_pid: of dom0's thread.
thread_pid() {
	grep -lx drb-idle/0 /proc/[0-9]*/comm | cut -d / -f 3
}

# thread_ticks: its CPU time, in 10 ms.
thread_ticks() {
	awk '{ print $14 + $15 }' "/proc/$(thread_pid)/stat"
}

is_idle_class() {
	[ "$(awk '{ print $41 }' "/proc/$(thread_pid)/stat")" = 5 ]
}

# After the last answer it ends by itself.
stops() {
	round_trips 200 && _ticks=$(thread_ticks) && sleep 2 &&
		_ticks=$(($(thread_ticks) - _ticks)) && echo "ticks: $_ticks" &&
		[ "$_ticks" -le 4 ]
}

# A program that wants the CPU keeps it.
gives_way() {
	sh -c 'while :; do :; done' &
	_hog=$!
	_ticks=$(thread_ticks)
	measured round_trips 500
	_rc=$?
	_ticks=$(($(thread_ticks) - _ticks))
	_used=$(awk '{ print $14 + $15 }' /proc/$_hog/stat)
	kill $_hog
	echo "ticks of the thread $_ticks, of the program $_used"
	[ $_rc = 0 ] && [ "$_used" -gt 10 ] && [ $((_ticks * 5)) -le "$_used" ]
}

# held: how often a ring was armed ahead, dom0's and the guest's.
held() {
	echo "$(ring_stat "$back" polls_held) $(guest_stat guest "$front" polls_held)"
}

# large_stream ARGS...: a stream to the guest or, with -R, from it; into $m_packets
# how many large ones it had, in $m_held how often a ring was armed ahead.
large_stream() {
	_packets=$(ring_stat "$back" rx_packets) _sent=$(ring_stat "$back" tx_packets)
	_held=$(held)
	start guest iperf "iperf3 -s -1"
	await_port guest 5201 && timeout 60 iperf3 -c 10.0.0.2 "$@" || return 1
	finish guest iperf
	m_packets=$(($(ring_stat "$back" rx_packets) - _packets))
	_sent=$(($(ring_stat "$back" tx_packets) - _sent))
	[ $_sent -lt $m_packets ] || m_packets=$_sent
	m_held=$(echo "$_held $(held)" | awk '{ print $3 - $1 + $4 - $2 }')
	echo "large packets $m_packets, armed ahead $m_held"
}

# stream_held ARGS...: an event for every second of them at most, of both ends.
stream_held() {
	poll_for 1000 && measured large_stream "$@" && [ "$m_held" -gt 0 ] &&
		[ "$m_packets" -gt 1000 ] &&
		[ $(((m_irqs + m_guest_irqs) * 2)) -lt "$m_packets" ]
}

stream_not_held() {
	poll_for 0 && measured large_stream -t 1 && [ "$m_held" = 0 ]
	_rc=$?
	poll_for 1000
	return $_rc
}

# stream_beside_hog ARGS...: what the guest's idle thread cannot look at for want
# of a CPU, ticks and senders do.
stream_beside_hog() {
	on guest "sh -c 'while :; do :; done' >/dev/null 2>&1 & echo \$! >/tmp/hog"
	large_stream -n 100M "$@"
	_rc=$?
	on guest "kill \$(cat /tmp/hog)"
	return $_rc
}

# Has the CPU for a while, again and again.
hog_at_times() {
	while :; do
		_i=0
		while [ $_i -lt 100000 ]; do
			_i=$((_i + 1))
		done
		usleep 20000
	done
}

uptime_ms() {
	awk '{ print int($1 * 1000) }' /proc/uptime
}

# grace_periods: into $m_ms how long it takes to make and delete some devices, each
# of which waits for all CPUs to leave RCU, beside round trips and a program.
grace_periods() {
	hog_at_times &
	_hog=$!
	while :; do round_trips 500; done >/dev/null 2>&1 &
	_trips=$!
	usleep 500000
	m_ms=$(uptime_ms)
	_rc=0
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		ip link add drbgp type dummy && ip link del drbgp || _rc=1
	done
	m_ms=$(($(uptime_ms) - m_ms))
	kill $_hog $_trips
	[ $_rc = 0 ] && await 10 round_trips 1
}

# Whoever takes the CPU from the thread does not find it within RCU.
holds_nobody_up() {
	poll_for 0 && grace_periods || return 1
	_without=$m_ms
	poll_for 1000 && measured grace_periods || return 1
	echo "$_without ms without it, $m_ms ms with it"
	[ "$m_polls" -gt 10 ] && [ "$m_ms" -le $((2 * _without)) ]
}

# cpu_time NAME: of the domain, in tenths of a second.
cpu_time() {
	xl list "$1" | awk 'END { print int($6 * 10) }'
}

# Another domain that wants the CPU has most of it.
gives_way_to_domains() {
	start neighbour hog "sh -c 'while :; do :; done'"
	_guest=$(cpu_time guest) _other=$(cpu_time neighbour)
	round_trips 2000
	_rc=$?
	_guest=$(($(cpu_time guest) - _guest))
	_other=$(($(cpu_time neighbour) - _other))
	agent stop neighbour hog
	echo "tenths of a second: the guest $_guest, the other $_other"
	[ $_rc = 0 ] && [ "$_other" -ge 5 ] && [ $((_guest * 2)) -le "$_other" ]
}

# The device goes down, comes up, and goes for good while it is polled.
goes_at_any_time() {
	(round_trips 20000 || :) >/dev/null 2>&1 &
	_trips=$!
	for _ in 1 2 3 4 5; do
		usleep 300000
		timeout 10 ip link set "$back" down || return 1
		timeout 10 ip link set "$back" up || return 1
	done
	kill $_trips
	await 10 ping -c 1 -W 1 10.0.0.2 && round_trips 500 || return 1
	start guest trips "/drb/flow send 10.0.0.1 7000 $(yes 99 | head -n 3000 |
		xargs)"
	usleep 500000
	xl network-detach guest 0 && await 10 state_gone
}

state_gone() {
	! xenstore-exists "/local/domain/0/backend/vif/$(domid guest)/0/state"
}

modules_unload() {
	rmmod netback-drb && rmmod drb-core && [ -z "$(thread_pid)" ]
}

back=$(back_dev guest 0)
front=$(guest_dev guest 0)
addr Domain-0 xenbr0 10.0.0.1/24
addr guest "$front" 10.0.0.2/24
check "both ends are DRB's" bound guest 0 vif-drb
check "dom0 pings the guest" await 10 ping -c 1 -W 1 10.0.0.2
start guest flow "/drb/flow serve 7000"
/drb/flow serve 7000 &

check "by default the guest polls, and dom0 does not" by_default
check "without it each packet is an event" by_events
check "round trips without events" by_polling
check "the thread runs when nothing else does" is_idle_class
check "what nobody answers is not waited for" unanswered
check "it ends with the last answer" stops
check "rx-frames: an event for so many packets" told_of_frames
check "a stream to the guest: few events" stream_held -t 2
check "a stream from the guest: few events" stream_held -t 2 -R
check "without it a stream's ring is armed for each packet" stream_not_held
check "a stream beside a program in the guest" stream_beside_hog -R
check "a program that wants the CPU has it" gives_way
check "grace periods are not held up" holds_nobody_up
check "another domain that wants the CPU has it" gives_way_to_domains
check "a queue goes while it is polled" goes_at_any_time
check "the modules go, and the threads" modules_unload
