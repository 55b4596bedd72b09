# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091,SC2016,SC2086,SC2154

. /drb/drb.sh

OUT=/tmp/bench.out
ERR=/tmp/bench.err
DIR=/tmp/run
CELLS='^(rx-60-b(1|32)|tx-1496-b1|tcp-tx-1|rtt-64)$'

# fails N WORDS COMMAND...: that exit code, and one line of error after those of
# its progress.
fails() {
	_code=$1 _words=$2
	shift 2
	"$@" >$OUT 2>$ERR
	_got=$?
	sed '/^round /d' $ERR >/tmp/bench.errors
	cat /tmp/bench.errors
	[ $_got = "$_code" ] && [ ! -s $OUT ] &&
		[ "$(wc -l </tmp/bench.errors)" = 1 ] &&
		grep -q "^drb-bench: .*$_words" /tmp/bench.errors
}

pktgen_running() {
	grep -q '^Running: [^ ]' /proc/net/pktgen/kpktgend_0
}

nothing_running() {
	! pgrep iperf3 && ! pgrep sockperf && ! pktgen_running
}

guest_serves() {
	[ -n "$(xenstore-read "/local/domain/$dom/device/vif/1/drb-bench" \
		2>/dev/null)" ]
}

measures() {
	/drb/drb-bench guest --quick --cells "$CELLS" --out $DIR --json \
		>$OUT 2>$ERR && return
	tail -n 2 $ERR
	return 1
}

# All cells on both vifs, but bursts on DRB's alone, with figures that may be.
cells_are_there() {
	jq -e '[.cells[] | select(.path == "stock").cell] | unique ==
			["rtt-64", "rx-60-b1", "tcp-tx-1", "tx-1496-b1"]' \
		$DIR/report.json &&
		jq -e --arg mode "${mode:-grants}" \
			'[.cells[] | select(.path == $mode).cell] | unique ==
			["rtt-64", "rx-60-b1", "rx-60-b32", "tcp-tx-1",
			"tx-1496-b1"]' $DIR/report.json
}

figures_are_plausible() {
	jq -c '.cells[] | [.cell, .metric, .path, .median]' $DIR/report.json
	jq -e 'all(.cells[]; .num == 2 and
		(.metric == "pps" and .median > 1000 and .median < 1e8 or
		.metric == "mbit" and .median > 10 and .median < 1e6 or
		.metric[:3] == "us_" and .median > 5 and .median < 1e6)) and
		all(.cells[] | select(.metric == "pps");
			.received > 0 and .received <= .sent + 100) and
		all(.cells[] | select(.path != "stock"); .ratio_to_stock.value > 0)' \
		$DIR/report.json
}

drivers_are_named() {
	jq -e '.conditions.vif."0".path == "stock" and
		.conditions.vif."1".path == "'"${mode:-grants}"'" and
		(.conditions.here.drivers.netback_drb | length) >= 16 and
		(.conditions.guest.drivers.netfront_drb | length) >= 16 and
		.conditions.here.xen != null and .conditions.here.vcpus == 1 and
		(.conditions.vif."1".guest.offloads | contains("tx-checksum"))' \
		$DIR/report.json
}

plots_left_out() {
	grep -q 'no gnuplot: plots are left out; apt install gnuplot-nox' $ERR &&
		[ -s $DIR/report.html ] && [ -s $DIR/report.md ] &&
		[ ! -e $DIR/packets.svg ]
}

# meanwhile RUNNING OPTIONS COMMAND...: while it measures with these options and
# that runs, and until it is interrupted.
meanwhile() {
	_running=$1 _options=$2
	shift 2
	/drb/drb-bench guest $_options --time 30 --out /tmp/stopped \
		>/tmp/meanwhile.out 2>/tmp/meanwhile.err &
	_pid=$!
	await 20 $_running && "$@"
	_done=$?
	kill -TERM $_pid
	wait $_pid
	[ $? = 143 ] && return $_done
}

# A line for each of both programs: its name, what users it is, NoNewPrivs.
users='for pid in $(pgrep "iperf3|sockperf"); do
	sed -n "s/^\(Name\|Uid\|NoNewPrivs\):[[:space:]]*//p" /proc/$pid/status |
		tr "\t\n" "  "; echo; done'

# All of them are nobody at both ends; and so is this one here.
users_are_nobody() {
	on guest "$users" >/tmp/users.there && sh -c "$users" >/tmp/users.here ||
		return
	cat /tmp/users.there /tmp/users.here
	! grep -vE '^[a-z0-9]+ 65534 65534 65534 65534 1 $' \
		/tmp/users.there /tmp/users.here || return
	grep -q ^iperf3 /tmp/users.there && grep -q ^sockperf /tmp/users.there &&
		grep -q "^$1" /tmp/users.here
}

# nobody_runs PROGRAM COMMAND CELL
nobody_runs() {
	meanwhile "pgrep -f $2" "--cells $3" users_are_nobody "$1"
}

# Each vif's is for the guest itself and for dom0, which serves it.
token_is_kept() {
	for _h in 0 1; do
		xenstore-ls -p "/local/domain/$dom/device/vif/$_h" >/tmp/keys
		grep drb-bench-token /tmp/keys
		grep -qE "^drb-bench-token = \"[0-9a-f]{32}\".*\(n$dom,r0\)\$" \
			/tmp/keys || return
	done
	[ "$(on guest "xenstore-read device/vif/0/drb-bench-token")" != \
		"$(on guest "xenstore-read device/vif/1/drb-bench-token")" ]
}

# instead H KEY VALUE COMMAND...: while the guest says something else.
instead() {
	_key=/local/domain/$dom/device/vif/$1/$2 _value=$3
	shift 3
	_said=$(xenstore-read "$_key") && xenstore-write "$_key" "$_value" || return
	"$@"
	_done=$?
	xenstore-write "$_key" "$_said"
	return $_done
}

wrong_token() {
	instead 0 drb-bench-token 0123456789abcdef0123456789abcdef \
		fails 1 "a wrong token was shown; start" /drb/drb-bench guest &&
		await 5 on guest "grep -q 'refused 10.0.0.1: a wrong token was shown' \
			/tmp/serve.err"
}

# at H ADDRESS WORDS
at() {
	instead "$1" drb-bench "$2 5210" fails 1 "$3" /drb/drb-bench guest
}

foreign_address() {
	at 0 127.0.0.1 'is an address of this host' &&
		at 1 127.0.0.1 'is an address of this host' &&
		at 0 10.0.1.2 'is by way of xenbr1; give the bridge of'
}

# An address of its own VLAN, which stands on the bridge, is contacted.
by_vlan() {
	ip link add link xenbr0 name xenbr0.5 type vlan id 5 &&
		addr Domain-0 xenbr0.5 10.0.5.1/24 &&
		at 0 10.0.5.2 'cannot reach guest at 10.0.5.2'
	_done=$?
	ip link del xenbr0.5
	return $_done
}

second_client() {
	meanwhile "pgrep -f iperf3.-J" "--cells tcp-tx-1" \
		fails 1 "busy with a client at 10.0.0.1; try" /drb/drb-bench guest
}

# The guest's packets go to the bridge's own addresses, which it has found itself.
flow_is_to_bridge() {
	_dev=$(guest_dev guest 1)
	_mac=$(cat /sys/class/net/xenbr1/address)
	await 20 on guest "grep -q 'dst_mac: $_mac' /proc/net/pktgen/$_dev" &&
		on guest "grep 'dst_min: 10.0.1.1 ' /proc/net/pktgen/$_dev"
}

packets_to_bridge() {
	meanwhile true "--cells tx-1496-b1 --vif vif$dom.1" flow_is_to_bridge
}

interrupted() {
	meanwhile pktgen_running "--cells rx-60-b1" true &&
		await 5 nothing_running && [ ! -e /tmp/stopped ] &&
		tail -n 1 /tmp/meanwhile.err | grep -q interrupted
}

destroyed() {
	(await 20 pktgen_running
	xl destroy guest) &
	fails 1 "guest has gone" /drb/drb-bench guest --cells rx-60-b1 \
		--time 15 --out /tmp/dead && [ ! -e /tmp/dead ] && nothing_running
}

dom=$(domid guest)
modprobe pktgen
for h in 0 1; do
	addr Domain-0 xenbr$h 10.0.$h.1/24
	addr guest "$(guest_dev guest $h)" 10.0.$h.2/24
	await 20 ping -c 1 -W 1 10.0.$h.2
done
check stock-is-stock bound guest 0 vif
check drb-is-drb bound guest 1 vif-drb
check unknown-guest fails 3 "no such domain" /drb/drb-bench nobody
check not-serving fails 3 "does not serve" /drb/drb-bench guest
on guest "cp /drb/drb-bench /tmp/drb-bench"
start guest serve "/tmp/drb-bench --serve 2>/tmp/serve.err"
await 20 guest_serves
check token token_is_kept
check measures measures
check cells cells_are_there
check figures figures_are_plausible
check drivers drivers_are_named
check plots-left-out plots_left_out
check nothing-running nothing_running
mkdir -p /tmp/there
check nobody-runs-iperf3 nobody_runs iperf3 iperf3.-J tcp-tx-1
check nobody-runs-sockperf nobody_runs sockperf sockperf.ping-pong rtt-64
check wrong-token wrong_token
check foreign-address foreign_address
check by-vlan by_vlan
check second-client second_client
check packets-to-bridge packets_to_bridge
check exists fails 1 "exists already" /drb/drb-bench guest --out /tmp/there
check interrupted interrupted
expect_crash guest
check guest-destroyed destroyed
data "$(jq -c . $DIR/raw.json)"
