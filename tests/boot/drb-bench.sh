# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091,SC2086,SC2154

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

interrupted() {
	/drb/drb-bench guest --cells rx-60-b1 --time 10 --out /tmp/stopped \
		>$OUT 2>$ERR &
	_pid=$!
	await 10 pktgen_running || return
	kill -TERM $_pid
	wait $_pid
	[ $? = 143 ] && await 5 nothing_running && [ ! -e /tmp/stopped ] &&
		tail -n 1 $ERR | grep -q interrupted
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
start guest serve "/tmp/drb-bench --serve"
await 20 guest_serves
check measures measures
check cells cells_are_there
check figures figures_are_plausible
check drivers drivers_are_named
check plots-left-out plots_left_out
check nothing-running nothing_running
mkdir -p /tmp/there
check exists fails 1 "exists already" /drb/drb-bench guest --out /tmp/there
check interrupted interrupted
expect_crash guest
check guest-destroyed destroyed
data "$(jq -c . $DIR/raw.json)"
