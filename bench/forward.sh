# SPDX-License-Identifier: GPL-2.0
# Packets and streams of the guest that go through dom0's bridge to somewhere
# else: to a dummy port of it, or to another guest, the peer, which has the same
# vifs. Sourced by bench.sh.
# shellcheck shell=sh disable=SC2154

ip_of_peer() { echo "10.0.$(number_of "$1").3"; }
dev_of_peer() { cat "/run/drb/peer-dev.$1"; }
mac_of_peer() { cat "/run/drb/peer-mac.$1"; }
port_of() { echo "port$(number_of "$1")"; }
mac_of_port() { echo "00:16:3e:ff:00:0$(number_of "$1")"; }

forward_setup() {
	on peer "cp /drb/window /tmp/; head -c 1 /dev/random >/dev/null;
		iperf3 -s -D"
	start peer sink /drb/sink
	on peer "sh /drb/side.sh quiet"
	for path in $PATHS $LENDING; do
		on peer ls "/sys/bus/xen/devices/vif-$(number_of "$path")/net" \
			>"/run/drb/peer-dev.$path"
		on peer cat "/sys/class/net/$(dev_of_peer "$path")/address" \
			>"/run/drb/peer-mac.$path"
		addr peer "$(dev_of_peer "$path")" "$(ip_of_peer "$path")/24"
		on guest "ip neigh replace $(ip_of_peer "$path") nud permanent \
			dev $(dev_of_guest "$path") lladdr $(mac_of_peer "$path")"
		on peer "ip neigh replace $(ip_of_guest "$path") nud permanent \
			dev $(dev_of_peer "$path") lladdr $(mac_of_guest "$path")"
		port=$(port_of "$path")
		ip link add "$port" type dummy
		ip link set "$port" master "$(bridge_of "$path")" up
		bridge fdb replace "$(mac_of_port "$path")" dev "$port" \
			master static
		on guest "ping -c 1 -W 2 $(ip_of_peer "$path")" >/dev/null || {
			fail "$path" "the peer does not answer the guest"
			return 1
		}
	done
}

peer_counted() {
	# shellcheck disable=SC2046
	set -- $(on peer "sh /drb/side.sh state_of $1 $2")
	peer_driver=$1
	peer_count=$2
}

# sent_by_guest PATH SIZE MAC IP COMMAND...: pktgen in the guest while the
# command runs; $sent says how many packets.
sent_by_guest() {
	gdev=$(dev_of_guest "$1")
	side pg_setup "$gdev" "$2" 1 "$4" "$3" "$(ip_of_guest "$1")"
	shift 4
	start guest pg "sh /drb/side.sh pg_run"
	"$@"
	sent=$(side pg_stop "$gdev")
	finish guest pg
	usleep 50000
}

# To a port of the bridge that swallows everything, as a NIC might.
sample_fwd() {
	bdev=$(dev_of_dom0 "$1") port=$(port_of "$1")
	gdev=$(dev_of_guest "$1")
	both_counted "$gdev" tx_packets "$bdev" rx_packets
	before=$dom0_count tx=$guest_count
	both_bound "$1" || { fail "$id" "$1: not bound to its drivers"; return; }
	sent_by_guest "$1" "$2" "$(mac_of_port "$1")" 10.9.9.9 \
		sh -c "/drb/window -x -d $settle -t $window $port >/run/drb/xen.json"
	both_counted "$gdev" tx_packets "$bdev" rx_packets
	got=$((dom0_count - before))
	all_arrived "$id" "$1" "$sent" $((guest_count - tx)) "$got"
	record "$id" "$1" "\"sent\":$sent,\"received\":$got,\"receiver\":$(cat /run/drb/xen.json)"
}

# Both windows, dom0's and the peer's, at a time.
peer_window() {
	/drb/window -x -d "$settle" -t "$window" >/run/drb/xen.json &
	win=$!
	on peer "/tmp/window -d $settle -t $window $1" >/run/drb/guest.json
	wait $win
}

# To another guest: a full ring towards it drops, as any switch would.
sample_g2g() {
	pdev=$(dev_of_peer "$1")
	peer_counted "$pdev" rx_packets
	before=$peer_count
	guest_counted "$(dev_of_guest "$1")" tx_packets
	both_bound "$1" || { fail "$id" "$1: not bound to its drivers"; return; }
	[ "$peer_driver" = "$guest_driver" ] || {
		fail "$id" "$1: the peer is bound to $peer_driver"
		return
	}
	sent_by_guest "$1" "$2" "$(mac_of_peer "$1")" "$(ip_of_peer "$1")" \
		peer_window "$pdev"
	peer_counted "$pdev" rx_packets
	got=$((peer_count - before))
	[ "$got" -gt 0 ] || fail "$id" "$1: nothing arrived"
	record "$id" "$1" "\"sent\":$sent,\"received\":$got,\"receiver\":$(cat /run/drb/guest.json)"
}

sample_g2g_tcp() {
	guest_counted "$(dev_of_guest "$1")" tx_packets
	before=$guest_count
	both_bound "$1" || { fail "$id" "$1: not bound"; return; }
	measured_tcp "$(dev_of_dom0 "$1")" on guest \
		"iperf3 -f k -t $tcp_time -c $(ip_of_peer "$1")"
	guest_counted "$(dev_of_guest "$1")" tx_packets
	[ "$guest_count" -gt "$before" ] ||
		fail "$id" "$1: the device counted no packet"
	record "$id" "$1" "\"mbit\":${mbit:-null}"
}
