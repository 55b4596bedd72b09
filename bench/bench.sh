# SPDX-License-Identifier: GPL-2.0
# Measures the stock and the DRB path between dom0 and a guest, alternately.
# One record per sample goes to the host, which makes the report (report.py):
# {"id","path","metric","value","unit_rate","window":{...},"foreign",...}
# shellcheck shell=sh disable=SC2154,SC1091

. /drb/side.sh

ip_of_guest() { [ "$1" = stock ] && echo 10.0.0.2 || echo 10.0.1.2; }
ip_of_dom0() { [ "$1" = stock ] && echo 10.0.0.1 || echo 10.0.1.1; }
dev_of_guest() { [ "$1" = stock ] && echo "$dev_stock" || echo "$dev_drb"; }
dev_of_dom0() { [ "$1" = stock ] && echo "vif$dom.0" || echo "vif$dom.1"; }
bridge_of() { [ "$1" = stock ] && echo xenbr0 || echo xenbr1; }
driver_name() { [ "$1" = stock ] && echo vif || echo vif-drb; }
mac_of_guest() { [ "$1" = stock ] && echo "$mac_stock" || echo "$mac_drb"; }
side() { on guest "sh /drb/side.sh $*"; }

# The whole of a sample is repeated when something else used the machine.
RETRIES=2

setup() {
	dom=$(domid guest)
	dev_stock=$(on guest ls /sys/bus/xen/devices/vif-0/net)
	dev_drb=$(on guest ls /sys/bus/xen/devices/vif-1/net)
	mac_stock=$(on guest cat "/sys/class/net/$dev_stock/address")
	mac_drb=$(on guest cat "/sys/class/net/$dev_drb/address")
	quiet
	side quiet
	for path in stock drb; do
		addr Domain-0 "$(bridge_of $path)" "$(ip_of_dom0 $path)/24"
		addr guest "$(dev_of_guest $path)" "$(ip_of_guest $path)/24"
		await 20 ping -c 1 -W 1 "$(ip_of_guest $path)" || {
			fail "$path" "the guest does not answer"
			return 1
		}
		pin_neighbours $path
	done
	make_bounds
	side make_bounds
	on guest "cp /drb/window /tmp/; iperf3 -s -D; ip netns exec bound iperf3 -s -D"
	iperf3 -s -D
	ip netns exec bound iperf3 -s -D
	start guest sp "sockperf server -p 11111"
	ip netns exec bound sockperf server -p 11111 >/dev/null 2>&1 &
}

# No ARP while measuring: every packet counted is then one that was sent.
pin_neighbours() {
	ip neigh replace "$(ip_of_guest "$1")" lladdr "$(mac_of_guest "$1")" \
		dev "$(bridge_of "$1")" nud permanent
	on guest "ip neigh replace $(ip_of_dom0 "$1") nud permanent \
		dev $(dev_of_guest "$1") \
		lladdr $(cat "/sys/class/net/$(bridge_of "$1")/address")"
}

# Both ends of a path must be bound to the driver that is to be measured.
both_bound() {
	want=$(driver_name "$1")
	[ "$(driver_of "$(dev_of_dom0 "$1")")" = "$want" ] || return 1
	[ "$guest_driver" = "$want" ]
}

# record ID PATH MEMBERS: holds back one sample, with Xen's counters of it.
record() {
	printf '"id":"%s","path":"%s",%s,"xen":%s\n' "$1" "$2" "$3" \
		"$(cat /run/drb/xen.json)" >>/run/drb/held
}

guest_counted() {
	# shellcheck disable=SC2046
	set -- $(side state_of "$1" "$2")
	guest_driver=$1
	guest_count=$2
}

# all_arrived NAME PATH GENERATED SENT RECEIVED: what pktgen made went into
# the sending device (beside a few packets of the kernel's own), and all of it
# came out of the other one.  Stock may lose some; its loss is in the report.
all_arrived() {
	[ "$3" -gt 0 ] || fail "$1" "$2: nothing was sent"
	[ "$2" = drb ] || return 0
	[ $(($4 - $3)) -ge 0 ] || fail "$1" "generated $3, into the ring $4"
	[ $(($4 - $3)) -le 16 ] || fail "$1" "generated $3, into the ring $4"
	[ "$4" = "$5" ] || fail "$1" "into the ring $4, out of it $5"
}

# Packets towards the guest: pktgen on the backend's device.
sample_rx() {
	id=rx-$2-b$3
	gdev=$(dev_of_guest "$1") bdev=$(dev_of_dom0 "$1")
	guest_counted "$gdev" rx_packets
	before=$guest_count
	tx=$(counted "$bdev" tx_packets)
	both_bound "$1" || { fail "$id" "$1: not bound to its drivers"; return; }
	pg_setup "$bdev" "$2" "$3" "$(ip_of_guest "$1")" "$(mac_of_guest "$1")"
	pg_run &
	/drb/window -x -d "$settle" -t "$window" >/run/drb/xen.json &
	win=$!
	on guest "/tmp/window -d $settle -t $window $gdev" >/run/drb/guest.json
	wait $win
	sent=$(pg_stop "$bdev")
	guest_counted "$gdev" rx_packets
	got=$((guest_count - before))
	all_arrived "$id" "$1" "$sent" "$(($(counted "$bdev" tx_packets) - tx))" "$got"
	record "$id" "$1" "\"sent\":$sent,\"received\":$got,\"receiver\":$(cat /run/drb/guest.json)"
}

# Packets from the guest: pktgen in the guest, counted in dom0.
sample_tx() {
	id=tx-$2-b$3
	gdev=$(dev_of_guest "$1") bdev=$(dev_of_dom0 "$1")
	before=$(counted "$bdev" rx_packets)
	guest_counted "$gdev" tx_packets
	both_bound "$1" || { fail "$id" "$1: not bound to its drivers"; return; }
	mac=$(cat "/sys/class/net/$(bridge_of "$1")/address")
	side pg_setup "$gdev" "$2" "$3" "$(ip_of_dom0 "$1")" "$mac"
	start guest pg "sh /drb/side.sh pg_run"
	/drb/window -x -d "$settle" -t "$window" "$bdev" >/run/drb/xen.json
	sent=$(side pg_stop "$gdev")
	finish guest pg
	usleep 20000
	got=$(($(counted "$bdev" rx_packets) - before))
	tx=$guest_count
	guest_counted "$gdev" tx_packets
	all_arrived "$id" "$1" "$sent" $((guest_count - tx)) "$got"
	record "$id" "$1" "\"sent\":$sent,\"received\":$got,\"receiver\":$(cat /run/drb/xen.json)"
}

# What the generator alone reaches, in the domain that sends.
sample_dummy() {
	id=$1-$2-b1
	where=$([ "$1" = rx ] && echo Domain-0 || echo guest)
	mac=00:16:3e:ff:ff:ff
	if [ "$where" = guest ]; then
		side pg_setup bound0 "$2" 1 10.9.9.9 $mac
		start guest pg "sh /drb/side.sh pg_run"
		/drb/window -x -d "$settle" -t "$window" >/run/drb/xen.json &
		win=$!
		on guest "/tmp/window -d $settle -t $window bound0" \
			>/run/drb/guest.json
		wait $win
		side pg_stop bound0 >/dev/null
		finish guest pg
	else
		pg_setup bound0 "$2" 1 10.9.9.9 $mac
		pg_run &
		/drb/window -x -d "$settle" -t "$window" bound0 >/run/drb/xen.json
		cp /run/drb/xen.json /run/drb/guest.json
		pg_stop bound0 >/dev/null
	fi
	record "$id" bound "\"receiver\":$(cat /run/drb/guest.json)"
}

# measured_tcp DEV COMMAND...: an iperf3 client beside a window of what Xen and
# dom0's device count.
measured_tcp() {
	/drb/window -x -d "$tcp_settle" -t "$tcp_window" "$1" \
		>/run/drb/xen.json &
	shift
	win=$!
	"$@" >/run/drb/iperf
	wait $win
	mbit=$(awk '$NF == "receiver" { print $7 / 1000 }' /run/drb/iperf)
}

# sample_tcp PATH rx|tx
sample_tcp() {
	id=tcp-$2-1
	rev=$([ "$2" = tx ] && echo -R)
	if [ "$1" = bound ]; then
		# shellcheck disable=SC2086
		measured_tcp veth0 iperf3 -f k -t "$tcp_time" -c 10.0.9.2 $rev
	else
		guest_counted "$(dev_of_guest "$1")" "${2}_packets"
		before=$guest_count
		both_bound "$1" || { fail "$id" "$1: not bound"; return; }
		# shellcheck disable=SC2086
		measured_tcp "$(dev_of_dom0 "$1")" iperf3 -f k -t "$tcp_time" \
			-c "$(ip_of_guest "$1")" $rev
		guest_counted "$(dev_of_guest "$1")" "${2}_packets"
		[ "$guest_count" -gt "$before" ] ||
			fail "$id" "$1: the device counted no packet"
	fi
	record "$id" "$1" "\"mbit\":${mbit:-null}"
}

# percentile N: from sockperf's report.
percentile() {
	awk -v p="$1" '/percentile/ && $4 == p { print $6 }' /run/drb/sockperf
}

# sample_rtt PATH SIZE
sample_rtt() {
	id=rtt-$2
	if [ "$1" = bound ]; then
		ip=10.0.9.2 bdev=veth0
	else
		ip=$(ip_of_guest "$1") bdev=$(dev_of_dom0 "$1")
		guest_counted "$(dev_of_guest "$1")" rx_packets
		before=$guest_count
		both_bound "$1" || { fail "$id" "$1: not bound"; return; }
	fi
	/drb/window -x -d "$rtt_settle" -t 600 "$bdev" >/run/drb/xen.json &
	win=$!
	sockperf ping-pong --full-rtt -i "$ip" -p 11111 -m "$2" -t "$rtt_time" \
		>/run/drb/sockperf 2>&1
	wait $win
	avg=$(awk '/Round trip is|Latency is/ { for (i = 1; i < NF; i++)
		if ($i == "is") print $(i + 1) }' /run/drb/sockperf)
	record "$id" "$1" "\"us_p50\":$(percentile 50.000),\"us_p99\":$(percentile 99.000),\"us_avg\":${avg:-null}"
	[ "$1" = bound ] && return
	guest_counted "$(dev_of_guest "$1")" rx_packets
	[ "$guest_count" -gt "$before" ] ||
		fail "$id" "$1: the device counted no packet"
}

# measured SAMPLE ARGS...: once more while something else uses the machine.
# A record's "foreign" is what the mark around it said, so the records of a
# sample are held back until it is known.
measured() {
	try=0
	while :; do
		mark begin "$round"
		: >/run/drb/held
		"$@" </dev/null
		foreign=$(mark end "$round")
		if [ "${foreign%.*}" -lt "$limit" ] || [ $try -ge $RETRIES ]; then
			break
		fi
		try=$((try + 1))
	done
	release "$foreign" $try
}

# release FOREIGN RETRIES: the records of a sample, completed.
release() {
	while read -r line; do
		data "{$line,\"foreign\":$1,\"retries\":$2,\"limit\":$limit}"
	done </run/drb/held
	: >/run/drb/held
}

one_round() {
	for size in 60 1496; do
		for path in stock drb; do
			measured sample_rx $path $size 1
		done
		for path in stock drb; do
			measured sample_tx $path $size 1
		done
		measured sample_dummy rx $size
		measured sample_dummy tx $size
		for burst in 8 32; do
			measured sample_rx drb $size $burst
			measured sample_tx drb $size $burst
		done
	done
	for way in rx tx; do
		for path in stock drb bound; do
			measured sample_tcp $path $way
		done
	done
	for size in 64 1024; do
		for path in stock drb bound; do
			measured sample_rtt $path $size
		done
	done
}

settle=150		# ms until a packet stream is steady
tcp_settle=$((tcp_time * 250))	# tcp_time: s that iperf3 and sockperf run
tcp_window=$((tcp_time * 600))
rtt_settle=2200		# ms until sockperf begins to measure
rtt_time=1
if setup; then
	round=1
	while [ "$round" -le "$samples" ]; do
		progress "round $round of $samples"
		one_round
		round=$((round + 1))
	done
	pass "bench: $samples rounds"
fi
