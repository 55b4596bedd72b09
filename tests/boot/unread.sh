# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091

. /drb/drb.sh

# netback-drb waits one second (unread_ms) once the ring is full, which takes some
# on a slow host; what is seen then are these last ones.
SECONDS_SENT=10
LAST=4

# Neighbours that do not age, as a router has them.
set_up() {
	addr Domain-0 xenbr0 10.0.0.1/24
	_n=2
	for _guest in silent reader; do
		_dev=$(guest_dev $_guest 0)
		addr $_guest "$_dev" 10.0.0.$_n/24
		await 10 ping -c 1 -W 1 10.0.0.$_n || return
		ip neigh replace 10.0.0.$_n dev xenbr0 nud permanent lladdr \
			"$(on $_guest "cat /sys/class/net/$_dev/address")"
		_n=$((_n + 1))
	done
	# The smallest ring is full soonest.
	on silent "ethtool -G $(guest_dev silent 0) rx 262144" &&
		await 10 ping -c 1 -W 1 10.0.0.2
}

# One socket of dom0's that serves both guests.
alternate() {
	/drb/peer alternate 9100 $SECONDS_SENT 1400 10.0.0.2 10.0.0.3 >/tmp/sent
	tr '\n' ' ' </tmp/sent
	awk -v after=$((SECONDS_SENT - LAST)) '
		$2 + 0 > after { n++; empty += $3 == 0 }
		END { exit !n || empty > 1 }' /tmp/sent
}

# While the silent guest is paused, dom0 sends to a third party as before.
served_while_paused() {
	xl pause silent
	alternate
	_rc=$?
	xl unpause silent
	return $_rc
}

dropped_for_silent() {
	_dropped=$(ring_stat "$(back_dev silent 0)" tx_unread)
	echo "$_dropped packets dropped"
	[ "$_dropped" -gt 20 ] &&
		[ "$(ring_stat "$(back_dev reader 0)" tx_unread)" = 0 ]
}

goes_on() {
	await 10 ping -c 1 -W 1 10.0.0.2
}

served_while_down() {
	on silent "ip link set $silent down"
	alternate
}

# Sent up to ten seconds ago, to a device that was down.
nothing_old() {
	start silent late "/drb/peer count 9100 4"
	sleep 1
	on silent "ip link set $silent up"
	_late=$(finish silent late)
	echo "$_late datagrams"
	addr silent "$silent" 10.0.0.2/24
	[ "$_late" = 0 ]
}

# Answers to a group that was joined a moment ago.
answered_after_join() {
	on reader "ip route replace 239.0.0.0/8 dev $reader"
	echo 0 >/sys/class/net/xenbr0/bridge/multicast_snooping
	/drb/peer answer 10.0.0.1 7400 &
	_answers=$!
	on reader "/drb/peer ask 10.0.0.3 10.0.0.1 7400 12"
	_rc=$?
	kill $_answers
	return $_rc
}

# kept_kib: how much memory the reader has, and what its sockets are charged, in
# kiB.
kept_kib() {
	on reader "awk '/^MemFree:/ { print \$2 }' /proc/meminfo
		awk '/^UDP:/ { print \$NF * 4 }' /proc/net/sockstat"
}

# Few of the packets that come in are kept, each by one of 16 sockets.
charged_for_what_they_keep() {
	start reader keeper "/drb/peer keep 7500 16"
	sleep 1
	# shellcheck disable=SC2046
	set -- $(kept_kib)
	/drb/peer scatter 10.0.0.3 7500 16 300
	# shellcheck disable=SC2046
	set -- "$@" $(kept_kib)
	agent stop reader keeper
	echo "memory $(($1 - $3)) kiB, charged $(($4 - $2)) kiB"
	[ $(($4 - $2)) -gt 2000 ] && [ $(($1 - $3)) -le $((8 * ($4 - $2))) ]
}

# pool_pages NAME: that dom0 has for what it receives of this guest.
pool_pages() {
	cat /sys/kernel/debug/drb/vif-"$(domid "$1")"-0/queue-* |
		awk '$1 == "pages" { n += $2 } END { print n + 0 }'
}

few_pages() {
	[ "$(pool_pages "$1")" -le 20 ]
}

# What a guest sent once, and somebody kept for a while, keeps no memory for ever.
memory_given_back() {
	/drb/peer keep 7500 16 &
	_keeper=$!
	sleep 1
	on reader "/drb/peer scatter 10.0.0.1 7500 16 40"
	kill $_keeper
	wait $_keeper 2>/dev/null
	_pages=$(pool_pages reader)
	await 20 few_pages reader
	_rc=$?
	echo "$_pages pages, then $(pool_pages reader)"
	[ $_rc = 0 ] && [ "$_pages" -gt 40 ]
}

check "both guests answer" set_up
silent=$(guest_dev silent 0)
reader=$(guest_dev reader 0)
check "one socket serves both, if both read" alternate
check "one that is paused holds up nobody" served_while_paused
check "what it does not read is dropped, and counted" dropped_for_silent
check "once it goes on, so does its vif" goes_on
check "one whose device is down holds up nobody" served_while_down
check "up again, it gets nothing old" nothing_old
check "and goes on" goes_on
check "answers to a group just joined arrive" answered_after_join
check "sockets are charged for what they keep" charged_for_what_they_keep
check "memory for what a guest sends is given back" memory_given_back
check "the kernels do not complain" unharmed silent reader
