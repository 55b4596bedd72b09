# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091,SC2154

. /drb/drb.sh
. /drb/queues-lib.sh

maxima() {
	on guest "ethtool -l $front; ethtool -g $front" |
		awk "$NUMBERS"' END { print c[1], t[1], r[1] }' |
		grep -x "8 1024 1024"
}

guest_refuses() {
	fails_on guest "ethtool -L $front combined 9" &&
		fails_on guest "ethtool -G $front rx 1048577"
}

back_refuses() {
	! ethtool -L "$back" combined 2 &&
		dmesg | grep "the guest chooses the number of queues" &&
		! ethtool -G "$back" rx 262144 2>/tmp/refusal &&
		grep "the guest chooses the rings' sizes" /tmp/refusal
}

# forwards FILE: reads the number in FILE as often as it can while /tmp/watched
# is there, and fails if it is ever less than before.
# shellcheck disable=SC2016
FORWARDS='forwards() {
	before=0
	while [ -e /tmp/watched ]; do
		read -r n <"$1"
		[ "$n" -ge "$before" ] || { echo "$before, then $n"; return 1; }
		before=$n
	done
	echo "up to $before"
}'

# The device's counters, while its queues are replaced again and again.
counters_only_grow() {
	touch /tmp/watched
	on guest "touch /tmp/watched"
	sh -c "$FORWARDS; forwards /sys/class/net/$back/statistics/tx_bytes" \
		>/tmp/forwards &
	_mine=$!
	start guest forwards \
		"$FORWARDS; forwards /sys/class/net/$front/statistics/rx_bytes"
	for _n in 1 2 1 2 1 4; do
		ping -q -f -c 200 -s 1400 10.0.0.2 >/dev/null
		on guest "ethtool -L $front combined $_n"
		await 10 ping -c 1 -W 1 10.0.0.2 || break
	done
	rm /tmp/watched
	on guest "rm /tmp/watched"
	wait $_mine
	_rc=$?
	cat /tmp/forwards
	finish guest forwards && return $_rc
}

# feed FILE: chunks of noise while the file is empty.  Nothing but the shell is
# needed to end it.
# shellcheck disable=SC2016
FEED='feed() {
	while [ ! -s "$1" ]; do
		dd if=/dev/urandom bs=64k count=2 2>/dev/null
		usleep 50000
	done
}'

# Both ways while the number of queues and their sizes change.
changed_under_traffic() {
	eval "$FEED"
	: >/tmp/feeding
	start guest take "/drb/flow take 7100 | sha256sum"
	await_port guest 7100
	feed /tmp/feeding | tee /tmp/sent | /drb/flow give 10.0.0.2 7100 &
	_there=$!
	/drb/flow take 7101 | sha256sum >/tmp/here.sum &
	_here=$!
	start guest give ": >/tmp/feeding; $FEED
		feed /tmp/feeding | tee /tmp/sent | /drb/flow give 10.0.0.1 7101"
	for _set in "-L combined 1" "-L combined 8" "-G rx 524288" \
		"-L combined 3" "-G tx 1048576 rx 262144" "-L combined 4"; do
		on guest "ethtool ${_set%% *} $front ${_set#* }" || break
		usleep 1500000
	done
	on guest "echo end >/tmp/feeding"
	echo end >/tmp/feeding
	finish guest give && finish guest take >/tmp/there.sum &&
		wait $_there && wait $_here || return 1
	wc -c /tmp/sent
	sha256sum </tmp/sent | cmp - /tmp/there.sum &&
		on guest "sha256sum </tmp/sent" | cmp - /tmp/here.sum
}

# ---- CPUs ----------------------------------------------------------------------

# spread_is DEV VIF: in this domain, of the device and as its bus calls it: lines
# "queue CPUs-of-its-interrupt hint CPUs-of-XPS".
# shellcheck disable=SC2016
SPREAD='spread_is() {
	sed -n "s/^ *\([0-9]*\):.* $2-q\([0-9]*\)\$/\2 \1/p" /proc/interrupts |
	while read -r q irq; do
		echo "$q $(cat /proc/irq/$irq/smp_affinity_list)" \
			"$(sed "s/^[0,]*//" /proc/irq/$irq/affinity_hint)" \
			"$(sed "s/^[0,]*//" /sys/class/net/$1/queues/tx-$q/xps_cpus)"
	done | sort
}'

guest_spread() {
	on guest "$SPREAD; spread_is $front vif-0" >/tmp/spread
	cat /tmp/spread
	printf '0 0 1 1\n1 1 2 2\n2 2 4 4\n3 3 8 8\n' | cmp - /tmp/spread
}

# Two CPUs for four queues, beginning at one that the guest's number chooses.
back_spread() {
	eval "$SPREAD"
	spread_is "$back" "vif-$(domid guest)-0" >/tmp/spread
	cat /tmp/spread
	for _q in 0 1 2 3; do
		_cpu=$(((_q + $(domid guest)) % 2))
		echo "$_q $_cpu $((_cpu + 1)) $((_cpu + 1))"
	done | cmp - /tmp/spread
}

# ---- packets -------------------------------------------------------------------

# A flow is on one queue as a whole, so all counts are multiples of a burst.
flows_are_whole() {
	echo "$grown" | tr ' ' '\n' | awk -v noise="$NOISE" \
		'{ if ($1 % 10 > noise) bad = 1 } END { exit bad }'
}

every_queue_has_one() {
	echo "$grown" | tr ' ' '\n' | awk '{ if ($1 < 10) bad = 1 } END { exit bad }'
}

# Chance decides which queue a flow is on: one of two, by the CPU it is sent on.
# So there are many; that a queue gets none of them happens in one try of 1024.
spread_over_all() {
	for _try in 1 2 3; do
		# shellcheck disable=SC2086
		grown_by rx_packets send_flows $FLOWS $(seq 9101 9112) &&
			flows_are_whole || return
		every_queue_has_one && return
	done
	return 1
}

send_from_each_cpu() {
	on guest "for cpu in 1 2 4 8; do
		taskset \$cpu /drb/flow send 10.0.0.1 7000 $BURST || exit 1
	done"
}

cpus_have_queues() {
	grown_by tx_packets send_from_each_cpu && grown_is "10 10 10 10"
}

# ---- grant entries -------------------------------------------------------------

poor_logged() {
	on poor "dmesg" | grep "$1"
}

poor_starts() {
	start_domain poor && await_domain poor && becomes poor 4 256 256 &&
		poor_logged "4 queues with rings of 64 and 64 pages, not 4 with 128"
}

poor_wants() {
	on poor "ethtool -L $front combined $1" && becomes poor "$2" 256 256
}

reserve_is_there() {
	start poor leak "/drb/leak grant 0 384"
	sleep 2
	on poor "grep -q leak /proc/[0-9]*/comm"
}

back=$(back_dev guest 0)
front=$(guest_dev guest 0)
addr Domain-0 xenbr0 10.0.0.1/24
addr guest "$front" 10.0.0.2/24
check "both ends are DRB's" bound guest 0 vif-drb
check "dom0 pings the guest" await 10 ping -c 1 -W 1 10.0.0.2
start guest flow "/drb/flow serve 7000"
/drb/flow serve 7000 &

check "a queue per CPU of the guest, rings to match" becomes guest 4 512 512
check "the maxima are what the backend offers" maxima
check "fewer queues, larger rings" set_and_becomes "-L combined 2" 2 1024 1024
check "more queues than CPUs" set_and_becomes "-L combined 8" 8 256 256
check "rings, rounded up" set_and_becomes "-G rx 270000 tx 600000" 8 1024 512
check "one queue" set_and_becomes "-L combined 1" 1 1024 512
check "the guest refuses what is not offered" guest_refuses
check "the backend refuses both, and says why" back_refuses
check "what was refused changed nothing" settled guest 1 1024 512
check "content is right while they change" changed_under_traffic
check "all of it has settled" becomes guest 4 1024 256
check "counters only grow meanwhile" counters_only_grow
check "four queues again" becomes guest 4 1024 256

check "the guest's interrupts and XPS: a CPU each" guest_spread
check "dom0's interrupts and XPS: in turn" back_spread
check "flows from dom0 are on all queues, each on one" spread_over_all
check "the guest's CPUs send through a queue each" cpus_have_queues
agent stop guest flow

check "few grant entries: smaller rings" poor_starts
check "few grant entries: fewer queues" poor_wants 8 4
check "few grant entries: the log says so" await 5 \
	poor_logged "4 queues with rings of 64 and 64 pages, not 8 with"
check "few grant entries: 384 are left" reserve_is_there
check "fewer still: one queue" poor_wants 3 1
agent stop poor leak
check "entries come back, and so do queues" poor_wants 4 4
