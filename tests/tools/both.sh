# SPDX-License-Identifier: GPL-2.0
# Both ends of drb-bench, each in its network namespace, with a xenstore between them
# and without pktgen; sourced by bench.sh.
# shellcheck shell=sh disable=SC2154,SC2034,SC2317

both_store=$work/both.socket
front=/local/domain/1/device/vif

store_up() {
	"$here/guest.py" >"$work/both.json"
	"$here/store.py" "$both_store" "$work/both.json" "$both_store.1" \
		2>>"$work/both.log" &
	other_store=$!
	await test -S "$both_store" && await test -S "$both_store.1"
}

# put VIF KEY VALUE: into the guest's directory of it.
put() {
	"$here/storeput.py" "$both_store" "$front/$1/$2" "$3"
}

guest_serves() {
	XENSTORED_PATH=$both_store.1 PATH=$programs:$PATH \
		ip netns exec "$guest_ns" "$here/vifs.sh" guest \
		"$bench" --serve 2>"$work/served" &
	served=$!
	await grep -q "write $front/1/drb-bench 10.78.0.2 5210" "$work/both.log" || {
		cat "$work/both.log" "$work/served"
		return 1
	}
}

# The token of a vif as it was last written.
token_of() {
	sed -n "s|^1 write $front/$1/drb-bench-token ||p" "$work/both.log" |
		tail -n 1
}

# The key of a token is closed before there is a token in it, and each time is
# another.
token_is_kept() {
	for vif in 0 1; do
		key=$front/$vif/drb-bench-token
		printf '1 write %s \n1 set_perms %s n1 r0\n1 write %s TOKEN\n' \
			"$key" "$key" "$key" >"$work/wanted"
		grep " $key" "$work/both.log" |
			sed -E 's/ [0-9a-f]{32}$/ TOKEN/' >"$work/got"
		diff "$work/wanted" "$work/got" || return
	done
	token_of 0 >>"$work/tokens.seen"
	token_of 1 >>"$work/tokens.seen"
	[ -z "$(sort "$work/tokens.seen" | uniq -d)" ]
}

# Nothing stays: neither addresses nor tokens.
guest_ends() {
	end_serving || return
	for vif in 0 1; do
		for key in drb-bench drb-bench-token; do
			grep -q "^1 rm $front/$vif/$key $" "$work/both.log" ||
				return
		done
	done
}

new_tokens() {
	: >"$work/both.log"
	guest_serves && token_is_kept
}

measure() {
	XENSTORED_PATH=$both_store PATH=$programs:$PATH \
		ip netns exec "$host_ns" "$here/vifs.sh" host "$bench" web "$@"
}

both_measure() {
	: >"$programs/ids"
	measure --quick --cells '^(tcp-[rt]x-1|rtt-64)$' --out "$work/both" \
		>"$work/out" 2>"$work/err" || {
		tail -n 1 "$work/err"
		return 1
	}
	jq -e '[.cells[] | [.handle, .cell, .metric, .median]] | sort == [
		[0, "rtt-64", "us_p50", 20.25], [0, "rtt-64", "us_p99", 40.5],
		[0, "tcp-rx-1", "mbit", 2000], [0, "tcp-tx-1", "mbit", 2000],
		[1, "rtt-64", "us_p50", 20.25], [1, "rtt-64", "us_p99", 40.5],
		[1, "tcp-rx-1", "mbit", 2000], [1, "tcp-tx-1", "mbit", 2000]]' \
		"$work/both/report.json"
}

# refuses WORDS: the measuring end does, with one line, before it has any result.
refuses() {
	as=$bench fails "${exits:-1}" "$1" measure --quick --cells rtt-64 \
		--out "$work/refused" && [ ! -e "$work/refused" ]
}

# at ADDRESS WORDS: what becomes of it if the guest says that vif 0 is there.
at() {
	put 0 drb-bench "$1 5210" && refuses "$2"
}

# The last one has the right way, by what stands on the bridge.
addresses_refused() {
	ip -n "$host_ns" route add 10.99.0.0/24 via 10.77.0.200
	ip -n "$host_ns" link add above link xenbr0 type macvlan &&
		ip -n "$host_ns" addr add 10.79.0.1/24 dev above &&
		ip -n "$host_ns" link set above up || return
	at 127.0.0.1 'vif1.0: 127.0.0.1 is an address of this host; give' &&
		at 10.77.0.1 'is an address of this host; give' &&
		at 0.0.0.0 'is an address of this host; give' &&
		at "$guest_address1" 'is by way of xenbr1; give the bridge of vif1.0' &&
		at 10.99.0.1 'is no host in the network of xenbr0; give both ends' &&
		at 10.77.0.255 'is no host in the network of xenbr0; give both' &&
		at 10.98.0.1 'no way to 10.98.0.1; give the bridge of vif1.0' &&
		at 10.79.0.2 'cannot reach web at 10.79.0.2' || return
	put 0 drb-bench "$guest_address 5210"
}

# Of the vif that is contacted second, too.
second_refused() {
	put 1 drb-bench '127.0.0.1 5210' && refuses 'vif1.1: 127.0.0.1 is an' &&
		put 1 drb-bench "$guest_address1 5210"
}

tokens_refused() {
	token=$(token_of 0)
	put 0 drb-bench-token "0123456789abcdef0123456789abcdef" &&
		refuses 'web: a wrong token was shown; start drb-bench again' &&
		put 0 drb-bench-token '' && exits=3 refuses 'the guest says no token' &&
		put 0 drb-bench-token "$token" &&
		[ "$(grep -c 'refused 10.77.0.1: a wrong token was shown$' \
			"$work/served")" = 1 ]
}

# A client from beyond a router: the guest would send packets to the router.
outsider_refused() {
	ip -n "$host_ns" addr add 10.99.1.1/32 dev lo &&
		ip -n "$guest_ns" route add 10.99.1.1 via 10.77.0.1 || return
	in_host "$here/door.py" outside:10.99.1.1 "$port" "$guest_address" \
		"$(token_of 0)" || return
	grep -q "eth0: refused 10.99.1.1: its address is not in the vif's network$" \
		"$work/served"
}

# with_client COMMAND...: while a client is served that says nothing of interest.
with_client() {
	: >"$work/held"
	ip netns exec "$host_ns" "$here/door.py" hold "$port" "$guest_address" \
		"$(token_of 0)" >"$work/held" 2>/dev/null &
	holder=$!
	await test -s "$work/held" && "$@"
	result=$?
	kill $holder
	wait $holder
	return $result
}

# Neither the serving end nor what it has started.
nothing_runs() {
	[ -z "$(ip netns pids "$guest_ns")" ]
}

ends_nevertheless() {
	with_client guest_ends && await nothing_runs
}

# What it cannot end any more ends by itself, though the client is still there; and
# the next one has other tokens.
killed() {
	: >"$work/both.log"
	guest_serves && with_client kill_at_once || return
	wait "$served"
	served=
}

kill_at_once() {
	kill -9 "$served" && await nothing_runs
}

check bench-both-store store_up
check bench-both-serve guest_serves
check bench-both-token token_is_kept
check bench-both-measure both_measure
check bench-both-not-as-root not_as_root 'iperf3 -s' 'sockperf server' \
	'iperf3 --version' 'sockperf --version' 'iperf3 -J' 'sockperf ping-pong'
check bench-both-addresses addresses_refused
check bench-both-second-address second_refused
check bench-both-wrong-token tokens_refused
check bench-both-outsider outsider_refused
check bench-both-busy with_client \
	refuses 'web: busy with a client at 10.77.0.1; try again when'
check bench-both-end ends_nevertheless
check bench-both-killed killed
check bench-both-new-token new_tokens
check bench-both-end-again guest_ends
