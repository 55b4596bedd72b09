# SPDX-License-Identifier: GPL-2.0
# Measures the stock path and DRB's two (modes grants and iotask) between dom0
# and a guest, alternately.
# One record per sample goes to the host, which makes the report (report.py):
# {"id","path","metric","value","unit_rate","window":{...},"foreign",...}
# shellcheck shell=sh disable=SC2154,SC1091

. /drb/side.sh
. /drb/sampling.sh
. /drb/forward.sh
. /drb/sweep.sh

PATHS=${paths:-stock drb drb-iotask}
# Lends pages to the guest's stack: for streams, and compared with nothing else.
LENDING=
[ "$cells_of" != full_round ] || LENDING=drb-lend
variant=		# of the setting, in the name of a cell
number_of() {
	case $1 in
	stock) echo 0 ;;
	drb) echo 1 ;;
	drb-iotask) echo 2 ;;
	drb-lend) echo 3 ;;
	esac
}
ip_of_guest() { echo "10.0.$(number_of "$1").2"; }
ip_of_dom0() { echo "10.0.$(number_of "$1").1"; }
dev_of_guest() { cat "/run/drb/dev.$1"; }
mac_of_guest() { cat "/run/drb/mac.$1"; }
dev_of_dom0() { echo "vif$dom.$(number_of "$1")"; }
bridge_of() { echo "xenbr$(number_of "$1")"; }
driver_name() { [ "$1" = stock ] && echo vif || echo vif-drb; }
side() { on guest ". /drb/side.sh; $*"; }

setup() {
	dom=$(domid guest)
	quiet
	side quiet
	for who in guest peer; do
		without_task $who || {
			fail drb "$who: no vif in mode grants beside one in mode iotask"
			return 1
		}
		[ -z "$LENDING" ] || lending $who || {
			fail drb-lend "$who: its vif does not lend"
			return 1
		}
	done
	for path in $PATHS $LENDING; do
		learn_device guest "$path" /run/drb
		addr Domain-0 "$(bridge_of "$path")" "$(ip_of_dom0 "$path")/24"
		addr guest "$(dev_of_guest "$path")" "$(ip_of_guest "$path")/24"
		await 20 ping -c 1 -W 1 "$(ip_of_guest "$path")" || {
			fail "$path" "the guest does not answer"
			return 1
		}
		pin_neighbours "$path"
	done
	make_bounds
	side make_bounds
	# Programs wait for the kernel's entropy; it may take seconds to come.
	head -c 1 /dev/random >/dev/null
	on guest "head -c 1 /dev/random >/dev/null"
	/drb/sink &
	ip netns exec bound /drb/sink &
	start guest sink /drb/sink
	start guest alone "ip netns exec bound /drb/sink"
	on guest "cp /drb/window /tmp/; iperf3 -s -D; ip netns exec bound iperf3 -s -D"
	iperf3 -s -D
	ip netns exec bound iperf3 -s -D
	start guest sp "sockperf server -p 11111"
	forward_setup || return
	ip netns exec bound sockperf server -p 11111 >/dev/null 2>&1 &
}

# learn_device DOMAIN PATH DIRECTORY: the name and the MAC of that vif's device,
# which is the only one that its directory holds.
learn_device() {
	# shellcheck disable=SC2046
	set -- "$2" "$3" $(on "$1" "cd /sys/bus/xen/devices/vif-$(number_of "$2")/net &&
		echo * && cat */address")
	echo "$3" >"$2/dev.$1"
	echo "$4" >"$2/mac.$1"
}

# mode_of DOMAIN PATH
mode_of() {
	xenstore-read "/local/domain/$(domid "$1")/device/vif/$(number_of "$2")/drb-mode"
}

modes_are_set() {
	[ "$(mode_of "$1" drb)" = grants ] &&
		[ "$(mode_of "$1" drb-iotask)" = iotask ]
}

# Where Xen has the I/O task table both vifs use it: have one connect without.
without_task() {
	driver=/sys/bus/xen/drivers/vif-drb
	mode=/sys/module/netfront_drb/parameters/iotask
	on "$1" "echo off >$mode; echo vif-1 >$driver/unbind;
		echo vif-1 >$driver/bind"
	await 10 modes_are_set "$1" && on "$1" "echo auto >$mode"
}

lends() {
	[ "$(mode_of "$1" drb-lend)" = iotask ] &&
		on "$1" "dmesg | grep -q 'lending pages'"
}

# lending DOMAIN: its last vif lends, and it alone.
lending() {
	lend=/sys/module/netfront_drb/parameters/lend
	on "$1" "echo 1 >$lend; echo vif-3 >$driver/unbind;
		echo vif-3 >$driver/bind"
	await 10 lends "$1" && on "$1" "echo 0 >$lend"
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
	# shellcheck disable=SC3013 # dash and busybox have it
	[ "/sys/class/net/$(dev_of_dom0 "$1")/device/driver" -ef \
		"/sys/bus/xen-backend/drivers/$want" ] &&
		[ "$guest_driver" = "$want" ]
}

# record ID PATH MEMBERS: holds back one sample, with Xen's counters of it.
record() {
	printf '"id":"%s","path":"%s",%s,"xen":%s\n' "$1" "$2" "$3" \
		"$(cat /run/drb/xen.json)" >>/run/drb/held
}

# guest_counted DEV FIELD [COMMAND]: in one call, after a command of side.sh.
guest_counted() {
	# shellcheck disable=SC2046
	set -- $(side "${3:+$3;} state_of $1 $2")
	guest_driver=$1
	guest_count=$2
}

# both_counted GUEST-DEV FIELD DOM0-DEV FIELD [COMMAND]: of one moment, in which no
# packet of a kernel's own came in between, and after a command for the guest.
both_counted() {
	_command=$5
	for _ in 1 2 3 4 5; do
		dom0_count=$(counted "$3" "$4")
		guest_counted "$1" "$2" "$_command"
		_command=
		[ "$(counted "$3" "$4")" != "$dom0_count" ] || return 0
	done
	echo "$3 $4: not still"
}

# all_arrived NAME PATH GENERATED SENT RECEIVED: what pktgen made went into
# the sending device (beside a few packets of the kernel's own), and all of it
# came out of the other one.  Stock may lose some; its loss is in the report.
all_arrived() {
	[ "$3" -gt 0 ] || fail "$1" "$2: nothing was sent"
	[ "$2" != stock ] || return 0
	[ $(($4 - $3)) -ge 0 ] || fail "$1" "$2: generated $3, into the ring $4"
	[ $(($4 - $3)) -le 16 ] || fail "$1" "$2: generated $3, into the ring $4"
	[ "$4" = "$5" ] || fail "$1" "$2: into the ring $4, out of it $5"
}

# cell_of WAY SIZE BURST [drop]
cell_of() {
	case $3$4 in
	1drop) echo "$1-$2-drop" ;;
	*) echo "$1-$2-b$3" ;;
	esac
}

# id_of SAMPLE PATH ARGS...: the cell that a sample is of.
id_of() {
	case $1 in
	sample_rx | sample_tx) cell_of "${1#sample_}" "$3" "$4" "$5" ;;
	sample_alone) cell_of "$3" "$4" "$5" "$6" ;;
	sample_fwd | sample_g2g) cell_of "${1#sample_}" "$3" 1 ;;
	sample_generator) cell_of "$3" "$4" 1 ;;
	sample_g2g_tcp) echo g2g-tcp-1 ;;
	sample_tcp) echo "tcp-$3-$4$variant" ;;
	sample_rtt) echo "rtt-$3${4:+-$4}" ;;
	esac
}

# Packets towards the guest: pktgen on the backend's device. With "drop" the
# guest drops them as early as it can.
sample_rx() {
	gdev=$(dev_of_guest "$1") bdev=$(dev_of_dom0 "$1")
	pg_setup "$bdev" "$2" "$3" "$(ip_of_guest "$1")" \
		"$(mac_of_guest "$1")" "$(ip_of_dom0 "$1")"
	both_counted "$gdev" rx_packets "$bdev" tx_packets \
		"${4:+drop_early $gdev on}"
	before=$guest_count tx=$dom0_count
	both_bound "$1" || { fail "$id" "$1: not bound to its drivers"; return; }
	start_dom0 "$bdev"
	start guest window "/tmp/window -d $settle -t $window $gdev"
	/drb/window -x -d "$settle" -t "$window" >/run/drb/xen.json
	finish guest window >/run/drb/guest.json
	stop_dom0
	both_counted "$gdev" rx_packets "$bdev" tx_packets \
		"${4:+drop_early $gdev off}"
	got=$((guest_count - before))
	all_arrived "$id" "$1" "$sent" $((dom0_count - tx)) "$got"
	record "$id" "$1" "\"sent\":$sent,\"received\":$got,\"receiver\":$(cat /run/drb/guest.json)"
}

# start_dom0 DEV, stop_dom0: dom0's pktgen; $sent says how many packets it were.
start_dom0() {
	pg_run "$1" >/run/drb/sent &
	sender=$!
}

stop_dom0() {
	pg_stop
	wait "$sender"
	read -r sent </run/drb/sent
}

# start_guest DEV, stop_guest: the same of the guest's.
start_guest() {
	start guest pg ". /drb/side.sh; pg_run $1"
}

stop_guest() {
	on guest "echo stop >$pg/pgctrl"
	sent=$(finish guest pg)
}

# Packets from the guest: pktgen in the guest, counted in dom0.
sample_tx() {
	gdev=$(dev_of_guest "$1") bdev=$(dev_of_dom0 "$1")
	mac=$(cat "/sys/class/net/$(bridge_of "$1")/address")
	both_counted "$gdev" tx_packets "$bdev" rx_packets \
		"pg_setup $gdev $2 $3 $(ip_of_dom0 "$1") $mac $(ip_of_guest "$1")"
	before=$dom0_count tx=$guest_count
	both_bound "$1" || { fail "$id" "$1: not bound to its drivers"; return; }
	[ -z "$4" ] || drop_early "$bdev" on
	start_guest "$gdev"
	/drb/window -x -d "$settle" -t "$window" "$bdev" >/run/drb/xen.json
	stop_guest
	usleep 20000
	[ -z "$4" ] || drop_early "$bdev" off
	both_counted "$gdev" tx_packets "$bdev" rx_packets
	got=$((dom0_count - before))
	all_arrived "$id" "$1" "$sent" $((guest_count - tx)) "$got"
	record "$id" "$1" "\"sent\":$sent,\"received\":$got,\"receiver\":$(cat /run/drb/xen.json)"
}

# sample_generator generator WAY SIZE: what pktgen reaches without a receiver, in
# the domain that sends.
sample_generator() {
	mac=00:16:3e:ff:ff:ff
	if [ "$2" = tx ]; then
		side pg_setup bound0 "$3" 1 10.9.9.9 $mac 10.9.9.1
		pg_in_guest bound0 "/tmp/window -d $settle -t $window bound0"
	else
		pg_setup bound0 "$3" 1 10.9.9.9 $mac 10.9.9.1
		pg_in_dom0 bound0 /drb/window -x -d "$settle" -t "$window" bound0
	fi
	record "$id" "$1" "\"receiver\":$(cat /run/drb/guest.json)"
}

# sample_alone bound WAY SIZE BURST [drop]: what the domain that sends can do by
# itself: from a device into the stack, by a pair of veth, to the same socket or
# the same early drop.  veth takes no bursts.
sample_alone() {
	in_ns='ip netns exec bound'
	if [ "$2" = tx ]; then
		[ -z "$5" ] || side alone_drops on
		side pg_setup veth0 "$3" 1 10.0.9.2 "$ALONE_MAC" 10.0.9.1
		pg_in_guest veth0 \
			"$in_ns /tmp/window -d $settle -t $window veth1"
		[ -z "$5" ] || side alone_drops off
	else
		[ -z "$5" ] || alone_drops on
		pg_setup veth0 "$3" 1 10.0.9.2 "$ALONE_MAC" 10.0.9.1
		# shellcheck disable=SC2086
		pg_in_dom0 veth0 $in_ns /drb/window -x -d "$settle" \
			-t "$window" veth1
		[ -z "$5" ] || alone_drops off
	fi
	record "$id" "$1" "\"receiver\":$(cat /run/drb/guest.json)"
}

# pg_in_guest DEV WINDOW, pg_in_dom0 DEV WINDOW...: pktgen in one domain while the
# window command there counts; Xen's counters go to xen.json, the rest to guest.json.
pg_in_guest() {
	start_guest "$1"
	start guest window "$2"
	/drb/window -x -d "$settle" -t "$window" >/run/drb/xen.json
	finish guest window >/run/drb/guest.json
	stop_guest
}

pg_in_dom0() {
	start_dom0 "$1"
	shift
	"$@" >/run/drb/xen.json
	cp /run/drb/xen.json /run/drb/guest.json
	stop_dom0
}

# look_at_vif PATH; look_again PATH: before and after traffic of the stack's, which
# must have gone over a vif that is bound to its drivers.
look_at_vif() {
	before=$(counted "$(dev_of_dom0 "$1")" rx_packets)
	guest_counted "$(dev_of_guest "$1")" rx_packets
	both_bound "$1" || fail "$id" "$1: not bound to its drivers"
}

look_again() {
	[ "$(counted "$(dev_of_dom0 "$1")" rx_packets)" -gt "$before" ] ||
		fail "$id" "$1: the device counted no packet"
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
	mbit=$(awk '$NF == "receiver" { m = $(NF - 2) / 1000 } END { print m }' \
		/run/drb/iperf)
}

# sample_tcp PATH rx|tx STREAMS
sample_tcp() {
	rev=$([ "$2" = tx ] && echo -R)
	if [ "$1" = bound ]; then
		# shellcheck disable=SC2086
		measured_tcp veth0 iperf3 -f k -t "$tcp_time" -P "$3" \
			-c 10.0.9.2 $rev
	else
		look_at_vif "$1"
		# shellcheck disable=SC2086
		measured_tcp "$(dev_of_dom0 "$1")" iperf3 -f k -t "$tcp_time" \
			-P "$3" -c "$(ip_of_guest "$1")" $rev
		look_again "$1"
	fi
	record "$id" "$1" "\"mbit\":${mbit:-null}"
}

# percentile N: from sockperf's report.
percentile() {
	awk -v p="$1" '/percentile/ && $4 == p { print $6 }' /run/drb/sockperf
}

# busy_poll USECS: how long sockets look for packets themselves, at both ends.
busy_poll() {
	echo "$1" >/proc/sys/net/core/busy_read
	echo "$1" >/proc/sys/net/core/busy_poll
	on guest "echo $1 >/proc/sys/net/core/busy_read;
		echo $1 >/proc/sys/net/core/busy_poll"
}

# A socket takes the setting when it is made.
busy_server() {
	port=11112
	busy_poll 500
	start guest busy "sockperf server -p $port"
	usleep 500000
}

# sample_rtt PATH SIZE [busy]: busy: sockets look for packets by themselves.
sample_rtt() {
	if [ "$1" = bound ]; then
		ip=10.0.9.2 bdev=veth0
	else
		ip=$(ip_of_guest "$1") bdev=$(dev_of_dom0 "$1")
	fi
	port=11111
	[ -z "$3" ] || busy_server
	/drb/window -x -d "$rtt_settle" -t 600 "$bdev" >/run/drb/xen.json &
	win=$!
	sockperf ping-pong --full-rtt -i "$ip" -p $port -m "$2" \
		-t "$rtt_time" >/run/drb/sockperf 2>&1 &
	sock=$!
	# sockperf sleeps for two seconds first, to learn how fast its clock is.
	[ "$1" = bound ] || look_at_vif "$1"
	wait "$win" "$sock"
	[ "$1" = bound ] || look_again "$1"
	if [ -n "$3" ]; then
		agent stop guest busy
		busy_poll 0
	fi
	avg=$(awk '/Round trip is|Latency is/ { for (i = 1; i < NF; i++)
		if ($i == "is") print $(i + 1) }' /run/drb/sockperf)
	p50=$(percentile 50.000) p99=$(percentile 99.000)
	if [ -z "$p50" ] || [ -z "$p99" ]; then
		fail "$id" "$1: sockperf: $(grep . /run/drb/sockperf | tail -n 3 | tr '\n' ' ')"
		return
	fi
	record "$id" "$1" "\"us_p50\":$p50,\"us_p99\":$p99,\"us_avg\":${avg:-null}"
}

packets() {
	for path in $PATHS; do
		measured "sample_$1" "$path" "$2" 1
	done
	measured sample_alone bound "$1" "$2" 1
}

# dropped WAY SIZE BURST: the far end drops as early as it can.
dropped() {
	# Bursts crash stock; its best rate is that without them.
	_paths="drb drb-iotask"
	[ "$3" -gt 1 ] || _paths=$PATHS
	for path in $_paths; do
		measured "sample_$1" "$path" "$2" "$3" drop
	done
	measured sample_alone bound "$1" "$2" "$3" drop
}

streams() {
	for path in $PATHS $LENDING bound; do
		measured sample_tcp "$path" "$1" "$2"
	done
}

guest_to_guest() {
	for path in $PATHS; do
		measured sample_g2g "$path" "$1"
	done
}

guest_to_guest_stream() {
	for path in $PATHS $LENDING; do
		measured sample_g2g_tcp "$path"
	done
}

round_trips() {
	for path in $PATHS bound; do
		measured sample_rtt "$path" "$1"
	done
}

headline_round() {
	for size in 60 1496; do
		for way in rx tx; do
			packets $way $size
			dropped $way $size 32
		done
	done
	for way in rx tx; do
		streams $way 1
	done
	guest_to_guest_stream
	guest_to_guest 1496
	round_trips 64
	round_trips 1024
}

full_round() {
	headline_round
	for size in 60 1496; do
		for way in rx tx; do
			measured sample_generator generator $way $size
			dropped $way $size 1
			dropped $way $size 8
		done
		for path in $PATHS; do
			measured sample_fwd "$path" $size
		done
	done
	guest_to_guest 60
	for way in rx tx; do
		streams $way 4
	done
	for path in $PATHS; do
		measured sample_rtt "$path" 1024 busy
	done
}

# cost NAME COMMAND...: a record of how long an operation on a task took; it
# must have succeeded.
cost() {
	name=$1
	shift
	# shellcheck disable=SC2046
	set -- $("$@")
	[ "$1" = rc=0 ] || fail "$name" "$*"
	for word; do
		case $word in
		ns=*) data "{\"cost\":\"$name\",\"ns\":${word#ns=}}" ;;
		id=*) id=${word#id=} ;;
		esac
	done
}

# What a ring of 512 pages costs to register, to revoke while nothing is mapped
# and while all of it is, and to drop. 0x7ff0 is the caller's own domain.
task_costs() {
	on guest "/drb/iot alloc 512; /drb/iot grant 0 0 0 512" >/dev/null
	first=$(on guest /drb/iot refs)
	first=${first#ref=}
	first=${first%% *}
	for kind in idle mapped; do
		cost register-512 on guest /drb/iot register 0 1 0 512 "$first"
		[ $kind = idle ] || /drb/iot map "$dom" 2 "$first" 512 |
			grep -q 'ok=512' || fail map "not all of 512 pages"
		cost revoke-512-$kind on guest /drb/iot revoke 0x7ff0 "$id" 0
		/drb/iot forget >/dev/null
		cost drop-512 on guest /drb/iot drop 0x7ff0 "$id" 0
	done
	on guest "/drb/iot end 0 512; /drb/iot free" >/dev/null
}

# For a profile: where each domain's functions lie. Both run the same kernel.
write_symbols() {
	functions='^[0-9a-f]* [tTwW] '
	grep "$functions" /proc/kallsyms | gzip >/var/log/xen/symbols-dom0.gz
	on guest "grep '$functions.*\[' /proc/kallsyms" |
		gzip >/var/log/xen/symbols-guest.gz
}

settle=150		# ms until a packet stream is steady
tcp_settle=$((tcp_time * 250))	# tcp_time: s that iperf3 and sockperf run
tcp_window=$((tcp_time * 600))
rtt_settle=2600		# ms until sockperf begins to measure
rtt_time=1
if setup; then
	rounds "$cells_of"
	round=0
	while [ "$round" -lt "$costs" ]; do
		task_costs
		round=$((round + 1))
	done
	[ "$profile" = 0 ] || write_symbols
	pass "bench: $taken samples of $((per_round * samples))"
fi
