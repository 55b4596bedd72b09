# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091

. /drb/drb.sh

SIZES='1 64 1400 1473 3000 3500 4000 8972 16384 65507'
PINGS=20

# Each end in the same words: "at guest COMMAND", "at dom0 COMMAND".
at() {
	_end=$1
	shift
	if [ "$_end" = guest ]; then on guest "$*"; else sh -c "$*"; fi
}
dev_at() { [ "$1" = guest ] && echo "$front" || echo "$back"; }
peer_of() { [ "$1" = guest ] && echo dom0 || echo guest; }
ip_at() { [ "$1" = guest ] && echo 10.0.0.2 || echo 10.0.0.1; }

# attach END PROGRAM: natively, or not at all.
attach() {
	at "$1" "ip link set $(dev_at "$1") xdpdrv obj /drb/xdp.o program $2" &&
		at "$1" "ip -d link show $(dev_at "$1")" | grep -q 'prog/xdp'
}

detach() {
	at "$1" "ip link set $(dev_at "$1") xdpdrv off" &&
		at "$1" "ip -d link show $(dev_at "$1")" >/tmp/link &&
		! grep 'prog/xdp' /tmp/link
}

stat_at() {
	at "$1" "ethtool -S $(dev_at "$1")" | sum_of "$2"
}

# pings FROM: to the other end; the number of answers.
pings() {
	at "$1" "ping -c $PINGS -i 0.02 -W 1 $(ip_at "$(peer_of "$1")")" |
		sed -n 's/.* \([0-9]*\) packets received.*/\1/p'
}

# counted_by END STAT COMMAND...: $PINGS more of it after the command.
counted_by() {
	_where=$1 _stat=$2
	_count=$(stat_at "$_where" "$_stat")
	shift 2
	"$@"
	_more=$(($(stat_at "$_where" "$_stat") - _count))
	[ "$_more" -eq $PINGS ] || {
		echo "$_stat: $_more more, not $PINGS"
		return 1
	}
}

no_answer() { [ "$(pings "$1")" = 0 ]; }
all_answered() { [ "$(pings "$1")" = $PINGS ]; }

# Content in all sizes through a program, both ways, with and without offloads.
carries() {
	# shellcheck disable=SC2086
	/drb/flow send 10.0.0.2 7000 $SIZES &&
		on guest "/drb/flow send 10.0.0.1 7000 $SIZES"
}

streams() {
	dd if=/dev/urandom of=/tmp/stream bs=1M count=8 2>/dev/null
	start guest take "/drb/flow take 7100 | sha256sum"
	await_port guest 7100
	/drb/flow give 10.0.0.2 7100 </tmp/stream
	finish guest take >/tmp/there.sum
	sha256sum </tmp/stream | cmp - /tmp/there.sum || return 1
	on guest "dd if=/dev/urandom of=/tmp/s bs=1M count=8 2>/dev/null"
	/drb/flow take 7101 | sha256sum >/tmp/here.sum &
	await 10 grep -q :1BBD /proc/net/tcp /proc/net/tcp6
	on guest "/drb/flow give 10.0.0.1 7101 </tmp/s"
	wait $!
	[ "$(on guest "sha256sum </tmp/s")" = "$(cat /tmp/here.sum)" ]
}

# through END PROGRAM: packets pass it, small, large and in fragments.
through() {
	attach "$1" "$2" || return 1
	_passed=$(stat_at "$1" rx_packets)
	carries && streams || return 1
	detach "$1" && [ "$(stat_at "$1" rx_packets)" -gt "$_passed" ]
}

# tso_is END on|off: does that end hand over what is still to be cut?
tso_is() {
	at "$1" "ethtool -k $(dev_at "$1")" |
		grep -q "^tcp-segmentation-offload: $2"
}

# A program that sees no packet of more than one piece is not sent any such.
spared_long_ones() {
	_sender=$(peer_of "$1")
	attach "$1" pass && await 5 tso_is "$_sender" off && detach "$1" &&
		await 5 tso_is "$_sender" on && attach "$1" pass_frags &&
		sleep 1 && tso_is "$_sender" on && detach "$1"
}

dropped() {
	attach "$1" drop &&
		counted_by "$1" rx_xdp_drop no_answer "$(peer_of "$1")" &&
		detach "$1" && all_answered "$(peer_of "$1")"
}

aborted() {
	attach "$1" "$2" &&
		counted_by "$1" rx_xdp_drop no_answer "$(peer_of "$1")" &&
		detach "$1"
}

# The stack would not answer: who does is the program.
answered_by_program() {
	at "$1" "echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all"
	no_answer "$(peer_of "$1")" && attach "$1" "$2" &&
		counted_by "$1" rx_xdp_tx all_answered "$(peer_of "$1")" &&
		detach "$1"
	_rc=$?
	at "$1" "echo 0 >/proc/sys/net/ipv4/icmp_echo_ignore_all"
	return $_rc
}

# make_target END: a veth pair, of which 77 takes what is redirected; its other
# end has a program as well, without which veth takes nothing.
make_target() {
	at "$1" "modprobe veth; ip link add name t0 index 77 type veth peer name t1
		ip link set t0 up; ip link set t1 up
		ip link set t1 xdpdrv obj /drb/xdp.o program pass"
}

# datagrams FROM IP N: to the port that by_port takes for device N.
datagrams() {
	at "$1" "bash -c 'for ((i = 0; i < $PINGS; i++)); do
		echo \$i >/dev/udp/$2/$((7700 + $3)); done'"
	usleep 200000
}

redirected() {
	attach "$1" by_port || return 1
	_before=$(at "$1" "cat /sys/class/net/t1/statistics/rx_packets")
	counted_by "$1" rx_xdp_redirect \
		datagrams "$(peer_of "$1")" "$(ip_at "$1")" 77 || return 1
	_after=$(at "$1" "cat /sys/class/net/t1/statistics/rx_packets")
	echo "behind the veth pair: $_before, then $_after packets"
	detach "$1" && [ $((_after - _before)) -ge $PINGS ]
}

# Into our device from another one: what is sent into t1 leaves through it.
sent_for_others() {
	at "$1" "ip link set t0 xdpdrv obj /drb/xdp.o program by_port
		ip addr add 10.0.7.1/24 dev t1
		ip neigh replace 10.0.7.2 lladdr 00:16:3e:00:00:99 dev t1"
	_number=$(at "$1" "cat /sys/class/net/$(dev_at "$1")/ifindex")
	_before=$(stat_at "$(peer_of "$1")" rx_packets)
	counted_by "$1" tx_xdp datagrams "$1" 10.0.7.2 "$_number"
	_rc=$?
	_after=$(stat_at "$(peer_of "$1")" rx_packets)
	at "$1" "ip addr flush dev t1; ip link set t0 xdpdrv off"
	[ $_rc = 0 ] && [ $((_after - _before)) -ge $PINGS ]
}

# Attached and detached while packets flow: none is lost.
switched_under_load() {
	start guest load "for i in 1 2 3; do /drb/flow send 10.0.0.1 7000 $SIZES ||
		exit 1; done"
	for _ in 1 2 3 4 5; do
		attach guest pass && detach guest && attach dom0 pass &&
			detach dom0 || return 1
	done
	finish guest load
}

nothing_dropped() {
	for end in dom0 guest; do
		for stat in tx_dropped rx_dropped; do
			[ "$(stat_at "$end" $stat)" = 0 ] || return 1
		done
	done
}

back=$(back_dev guest 0)
front=$(guest_dev guest 0)
ip link set "$back" mtu 9000
ip link set xenbr0 mtu 9000
on guest "ip link set $front mtu 9000"
addr Domain-0 xenbr0 10.0.0.1/24
addr guest "$front" 10.0.0.2/24
check "both ends are DRB's" bound guest 0 vif-drb
check "dom0 pings the guest" await 10 ping -c 1 -W 1 10.0.0.2
start guest flow "/drb/flow serve 7000"
/drb/flow serve 7000 &

for end in guest dom0; do
	for program in pass pass_frags shift; do
		check "$end: passed by $program" through $end $program
	done
	check "$end: long packets only for who takes them" spared_long_ones $end
	check "$end: dropped" dropped $end
	check "$end: aborted" aborted $end aborted
	check "$end: an invalid verdict" aborted $end invalid
	check "$end: sent back" answered_by_program $end tx
	check "$end: sent back, in fragments" answered_by_program $end tx_frags
	make_target $end
	check "$end: redirected" redirected $end
	check "$end: sent for others" sent_for_others $end
done
check "attached and detached under load" switched_under_load
check "nothing was dropped but by programs" nothing_dropped
check "still DRB at both ends" bound guest 0 vif-drb
agent stop guest flow
