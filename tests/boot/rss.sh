# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. /drb/drb.sh
. /drb/queues-lib.sh

# Microsoft's, of the published vectors.
KEY=6d:5a:56:da:25:5b:0e:c2:41:67:25:3d:43:a3:8f:b0:d0:ca:2b:cb
KEY=$KEY:ae:7b:30:b4:77:cb:2d:a3:80:30:f2:0c:6a:42:b7:3b:be:ac:01:fa

rss() {
	on guest "ethtool -X $front $*"
}

# What the key and the flows' ports lead to.  predicted DPORT
predicted() {
	# shellcheck disable=SC2086
	/drb/toeplitz $KEY 4 10.0.0.1 10.0.0.2 "$1" $FLOWS |
		awk '{ n[$1] += 10 } END {
			print n[0] + 0, n[1] + 0, n[2] + 0, n[3] + 0 }'
}

key_reads_back() {
	rss "hkey $KEY equal 4" && on guest "ethtool -N $front rx-flow-hash udp4 sdfn
		ethtool -x $front; ethtool -n $front rx-flow-hash udp4
		ethtool -n $front rx-flow-hash tcp6" >/tmp/rss
	cat /tmp/rss
	grep -q "^$KEY" /tmp/rss && grep -q "^ *120: *0 *1 *2 *3 *0" /tmp/rss &&
		[ "$(grep -c 'L4 bytes 2 & 3' /tmp/rss)" = 2 ]
}

# distributed DPORT: as predicted.
distributed() {
	# shellcheck disable=SC2086
	grown_by rx_packets send_flows $FLOWS &&
		grown_is "$(predicted "$1")"
}

one_queue() {
	rss weight 0 0 1 0 || return 1
	# shellcheck disable=SC2086
	grown_by rx_packets send_flows $FLOWS && grown_is "0 0 120 0"
}

without_ports() {
	on guest "ethtool -N $front rx-flow-hash udp4 sd" && distributed 0
}

rss_survives() {
	set_and_becomes "-G rx 262144" 4 512 256 && distributed 7000
}

hash_is_carried() {
	on guest "tc qdisc add dev $front clsact &&
		tc filter add dev $front ingress protocol ip \
			bpf da obj /drb/hash.o sec tc" || return 1
	! send_flows 9001 2>/dev/null || {
		echo "no hash at the guest"
		return 1
	}
	on guest "ethtool -K $front rxhash off" && send_flows 9001 &&
		on guest "ethtool -K $front rxhash on" &&
		! send_flows 9001 2>/dev/null &&
		on guest "tc qdisc del dev $front clsact" && send_flows 9001
}

# malformed KEY VALUE: the backend goes on without RSS, until all is well.
malformed() {
	on guest "ethtool -X $front weight 0 0 1 0 &&
		xenstore-write device/vif/0/drb-rss/$1 '$2' device/vif/0/state 4" || return 1
	# shellcheck disable=SC2086
	grown_by rx_packets send_flows $FLOWS && ! grown_is "0 0 120 0"
}

blamed_once() {
	[ "$(dmesg | grep -c 'keys drb-rss are malformed')" = 1 ]
}

back=$(back_dev guest 0)
front=$(guest_dev guest 0)
addr Domain-0 xenbr0 10.0.0.1/24
addr guest "$front" 10.0.0.2/24
check "both ends are DRB's" bound guest 0 vif-drb
check "dom0 pings the guest" await 10 ping -c 1 -W 1 10.0.0.2
start guest flow "/drb/flow serve 7000"
/drb/flow serve 7000 &

check "RSS: key, table and types read back" key_reads_back
check "RSS: flows are where the key says" distributed 7000
check "RSS: all on one queue" one_queue
check "RSS: malformed key" malformed key 00
check "RSS: malformed digits" malformed key "$(echo "$KEY" | tr -d : | tr 6 z)"
check "RSS: a queue that cannot be" malformed table \
	"$(printf '%0256d' 0 | tr 0 1)"
check "RSS: types that do not exist" malformed types 64
check "RSS: one message for all of that" blamed_once
check "RSS: well-formed again" one_queue
check "RSS: to all in turn" rss equal 4
check "RSS: without ports, one queue" without_ports
on guest "ethtool -N $front rx-flow-hash udp4 sdfn"
check "RSS: it holds when connected anew" rss_survives
check "a hash is carried, and can be switched off" hash_is_carried
check "RSS: the default table" rss default
agent stop guest flow
