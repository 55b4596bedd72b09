# SPDX-License-Identifier: GPL-2.0
# Instructions per delivered packet while one driver domain serves more and
# more: queues of one guest, and guests. Under icount a nanosecond is an
# instruction of some CPU, so the window's length over its packets is the figure.
# Packets are dropped by XDP where they arrive, so that the path is what is
# measured, and counted there.
# shellcheck shell=sh disable=SC2154,SC1091

. /drb/side.sh

GUESTS='g1 g2 g3 g4 g5 g6 g7 g8'
settle=150

front_of() { cat "/run/drb/front.$1"; }
back_of() { echo "vif$(domid "$1").0"; }

# first N WORD...
first() {
	_n=$1
	shift
	echo "$@" | cut -d ' ' -f "1-$_n"
}

# Guests answer nothing and dom0 neither: what is counted is what pktgen sent.
setup() {
	quiet
	modprobe pktgen
	for who in wide $GUESTS; do
		on "$who" "ls /sys/bus/xen/devices/vif-0/net" >"/run/drb/front.$who"
		on "$who" "cp /drb/window /tmp/; . /drb/side.sh; quiet
			modprobe pktgen
			ip link set $(front_of "$who") up
			drop_early $(front_of "$who") on" || return
		await 20 carrier "$(back_of "$who")" || return
		drop_early "$(back_of "$who")" on || return
	done
}

carrier() {
	[ "$(cat "/sys/class/net/$1/carrier")" = 1 ]
}

# pg_clear; pg_add THREAD DEVICE QUEUE: a flow of 60-byte packets on that queue.
pg_clear() {
	for _thread in "$pg"/kpktgend_*; do
		echo rem_device_all >"$_thread"
	done
}

pg_add() {
	echo "add_device $2@$3" >"$pg/kpktgend_$1"
	for _line in "count 0" "delay 0" "clone_skb 0" "pkt_size 60" \
		"burst 1" "dst 10.9.9.9" "dst_mac 00:16:3e:ff:ff:ff" \
		"queue_map_min $3" "queue_map_max $3"; do
		echo "$_line" >"$pg/$2@$3" || return
	done
}

# in_window FIELD DEVICE...: what the window counted, summed over the devices.
in_window() {
	_field=$1
	shift
	/drb/window -x -d "$settle" -t "$window" "$@" >/run/drb/window.json
	jq -r ".ns, ([.devices[].$_field] | add)" /run/drb/window.json | xargs
}

# record CELL NUMBER NS PACKETS
record() {
	[ "${4:-0}" -gt 0 ] || { fail "$1-$2" "no packet arrived"; return; }
	data "{\"cell\":\"$1\",\"number\":$2,\"ns\":$3,\"packets\":$4,\"xen\":$(jq -c .xen /run/drb/window.json)}"
}

# from_dom0 CELL NUMBER DEVICE...: what runs in dom0's pktgen now.
from_dom0() {
	_cell=$1 _number=$2
	shift 2
	echo start >"$pg/pgctrl" &
	_pg=$!
	# shellcheck disable=SC2046
	record "$_cell" "$_number" $(in_window tx_packets "$@")
	echo stop >"$pg/pgctrl"
	wait $_pg
	pg_clear
}

sample_rx_guests() {
	for who in $(first "$1" "$GUESTS"); do
		pg_add 0 "$(back_of "$who")" 0
	done
	# shellcheck disable=SC2046
	from_dom0 rx-guests "$1" $(for who in $(first "$1" "$GUESTS"); do
		back_of "$who"; done)
}

sample_tx_guests() {
	for who in $(first "$1" "$GUESTS"); do
		on "$who" "sh /drb/scale.sh guest_pg 1 $(front_of "$who")"
		start "$who" pg "echo start >$pg/pgctrl"
	done
	# shellcheck disable=SC2046
	record tx-guests "$1" $(in_window rx_packets \
		$(for who in $(first "$1" "$GUESTS"); do back_of "$who"; done))
	for who in $(first "$1" "$GUESTS"); do
		on "$who" "echo stop >$pg/pgctrl"
		finish "$who" pg
	done
}

# guest_pg QUEUES DEVICE: in a guest; a thread of pktgen for each queue.
guest_pg() {
	pg_clear
	_q=0
	while [ $_q -lt "$1" ]; do
		pg_add $_q "$2" $_q || return
		_q=$((_q + 1))
	done
}

queues_are() {
	[ "$(ethtool -l "$(back_of wide)" |
		awk '/^Combined:/ { n = $2 } END { print n }')" = "$1" ] &&
		carrier "$(back_of wide)"
}

use_queues() {
	on wide "ethtool -L $(front_of wide) combined $1" 2>/dev/null
	await 20 queues_are "$1" || { fail "queues" "not $1 of them"; return 1; }
	sleep 1
}

# dom0 has one CPU, so one thread serves all queues in turn.
sample_rx_queues() {
	pg_clear
	for _q in $(first "$1" "0 1 2 3"); do
		pg_add 0 "$(back_of wide)" "$_q"
	done
	from_dom0 rx-queues "$1" "$(back_of wide)"
}

sample_tx_queues() {
	on wide "sh /drb/scale.sh guest_pg $1 $(front_of wide)"
	start wide pg "echo start >$pg/pgctrl"
	# shellcheck disable=SC2046
	record tx-queues "$1" $(in_window rx_packets "$(back_of wide)")
	on wide "echo stop >$pg/pgctrl"
	finish wide pg
}

one_round() {
	for number in 1 2 4 8; do
		sample_rx_guests $number
		sample_tx_guests $number
	done
	for number in 1 2 4; do
		use_queues $number || return
		sample_rx_queues $number
		sample_tx_queues $number
	done
}

case $0 in
*scale.sh)
	"$@"
	exit
	;;
esac

if setup; then
	round=1
	while [ "$round" -le "$samples" ]; do
		progress "round $round of $samples"
		one_round
		round=$((round + 1))
	done
	pass "scale: $samples rounds"
else
	fail setup "$who: not ready"
fi
