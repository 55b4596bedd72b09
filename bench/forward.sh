# SPDX-License-Identifier: GPL-2.0
# Packets and streams of the guest that go through dom0's bridge to somewhere
# else: to a dummy port of it, or to another guest, the peer, which has the same
# vifs. Sourced by bench.sh.
# shellcheck shell=sh disable=SC2154

ip_of_peer() { echo "10.0.$(number_of "$1").3"; }
dev_of_peer() { cat "/run/drb/peer/dev.$1"; }
mac_of_peer() { cat "/run/drb/peer/mac.$1"; }
port_of() { echo "port$(number_of "$1")"; }
mac_of_port() { echo "00:16:3e:ff:00:0$(number_of "$1")"; }

forward_setup() {
	on peer "cp /drb/window /tmp/; head -c 1 /dev/random >/dev/null;
		iperf3 -s -D"
	start peer sink /drb/sink
	on peer ". /drb/side.sh; quiet"
	mkdir -p /run/drb/peer
	for path in $PATHS $LENDING; do
		learn_device peer "$path" /run/drb/peer
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
	set -- $(on peer ". /drb/side.sh; state_of $1 $2")
	peer_driver=$1
	peer_count=$2
}

# flow_of_guest PATH SIZE MAC IP: the words of pg_setup for what the guest sends.
flow_of_guest() {
	echo "$(dev_of_guest "$1") $2 1 $4 $3 $(ip_of_guest "$1")"
}

# sent_by_guest COMMAND...: pktgen in the guest, which is set up, while the
# command runs; $sent says how many packets.
sent_by_guest() {
	start_guest "$gdev"
	"$@"
	stop_guest
	usleep 50000
}

# To a port of the bridge that swallows everything, as a NIC might.
sample_fwd() {
	bdev=$(dev_of_dom0 "$1") port=$(port_of "$1")
	gdev=$(dev_of_guest "$1")
	both_counted "$gdev" tx_packets "$bdev" rx_packets \
		"pg_setup $(flow_of_guest "$1" "$2" "$(mac_of_port "$1")" 10.9.9.9)"
	before=$dom0_count tx=$guest_count
	both_bound "$1" || { fail "$id" "$1: not bound to its drivers"; return; }
	sent_by_guest sh -c "/drb/window -x -d $settle -t $window $port >/run/drb/xen.json"
	both_counted "$gdev" tx_packets "$bdev" rx_packets
	got=$((dom0_count - before))
	all_arrived "$id" "$1" "$sent" $((guest_count - tx)) "$got"
	record "$id" "$1" "\"sent\":$sent,\"received\":$got,\"receiver\":$(cat /run/drb/xen.json)"
}

# Both windows, dom0's and the peer's, at a time.
peer_window() {
	start peer window "/tmp/window -d $settle -t $window $1"
	/drb/window -x -d "$settle" -t "$window" >/run/drb/xen.json
	finish peer window >/run/drb/guest.json
}

# To another guest: a full ring towards it drops, as any switch would.
sample_g2g() {
	pdev=$(dev_of_peer "$1")
	peer_counted "$pdev" rx_packets
	before=$peer_count
	gdev=$(dev_of_guest "$1")
	guest_counted "$gdev" tx_packets \
		"pg_setup $(flow_of_guest "$1" "$2" "$(mac_of_peer "$1")" "$(ip_of_peer "$1")")"
	both_bound "$1" || { fail "$id" "$1: not bound to its drivers"; return; }
	[ "$peer_driver" = "$guest_driver" ] || {
		fail "$id" "$1: the peer is bound to $peer_driver"
		return
	}
	sent_by_guest peer_window "$pdev"
	peer_counted "$pdev" rx_packets
	got=$((peer_count - before))
	[ "$got" -gt 0 ] || fail "$id" "$1: nothing arrived"
	record "$id" "$1" "\"sent\":$sent,\"received\":$got,\"receiver\":$(cat /run/drb/guest.json)"
}

sample_g2g_tcp() {
	look_at_vif "$1"
	measured_tcp "$(dev_of_dom0 "$1")" on guest \
		"iperf3 -f k -t $tcp_time -c $(ip_of_peer "$1")"
	look_again "$1"
	record "$id" "$1" "\"mbit\":${mbit:-null}"
}
