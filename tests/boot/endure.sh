# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091,SC2154,SC2086

. /drb/drb.sh

SIZES='1 46 64 1000 1472 1473 4000 9000 20000 65000'
SETTLE=2	# seconds, for what an operation leaves to be done later

# ---- chance ----------------------------------------------------------------

# draw N: sets drawn to a number below N; the same for the same seed.
draw() {
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	drawn=$((seed / 65536 % $1))
}

# pick WORD...: sets picked to one of them.
pick() {
	draw $#
	shift "$drawn"
	picked=$1
}

# ---- what is done to the vif: each leaves it to settle() to make it work again ----

link_front() {
	on guest "ip link set $front down; sleep 0.$1; ip link set $front up"
}

link_back() {
	ip link set "$back" down
	usleep "${1}00000"
	ip link set "$back" up
}

# A value that it has already is refused by ethtool.
queues() {
	[ "$(on guest "ls -d /sys/class/net/$front/queues/rx-* | wc -l")" = "$1" ] ||
		on guest "ethtool -L $front combined $1"
}

rings() {
	on guest "ethtool -g $front | grep -q '^RX:.*[^0-9]$1\$' &&
		ethtool -G $front rx 32768 tx 32768
		ethtool -G $front rx $1 tx $1"
}

mtu() {
	on guest "ip link set $front mtu $1"
}

# Of which some depend on others, and are refused.
offloads() {
	on guest "ethtool -K $front $1 $2" || :
	ethtool -K "$back" "$1" "$2" || :
}

# As with the queues.
coalescing() {
	on guest "ethtool -C $front rx-usecs 10; ethtool -C $front rx-usecs $1" &&
		ethtool -C "$back" rx-usecs 10
	ethtool -C "$back" rx-usecs "$1"
}

rebind_front() {
	on guest "cd /sys/bus/xen/drivers/vif-drb && echo vif-0 >unbind && echo vif-0 >bind"
}

# With the driver goes the device, which is to be a port of the bridge again.
rebind_back() {
	(cd /sys/bus/xen-backend/drivers/vif-drb &&
		echo "vif-$id-0" >unbind && echo "vif-$id-0" >bind) &&
		await 10 test -e "/sys/class/net/$back" &&
		ip link set "$back" master xenbr0 up
}

# DRB's driver is loaded first, or the stock one would be asked first.
reload_front() {
	on guest "echo vif-0 >/sys/bus/xen/drivers/vif-drb/unbind &&
		modprobe -r netfront-drb xen-netfront drb-core &&
		modprobe netfront-drb && modprobe xen-netfront"
}

reload_back() {
	echo "vif-$id-0" >/sys/bus/xen-backend/drivers/vif-drb/unbind &&
		modprobe -r netback-drb xen-netback drb-core &&
		modprobe netback-drb && modprobe xen-netback &&
		await 10 test -e "/sys/class/net/$back" &&
		ip link set "$back" master xenbr0 up
}

pause() {
	xl pause guest && sleep "$1" && xl unpause guest
}

save() {
	xl save guest /tmp/saved && xl restore /tmp/saved
	_rc=$?
	rm -f /tmp/saved
	[ $_rc = 0 ] && await_domain guest
}

checkpoint() {
	xl save -c guest /tmp/saved
	_rc=$?
	rm -f /tmp/saved
	[ $_rc = 0 ] && await_domain guest
}

migrate() {
	xl migrate -s "" guest "xl migrate-receive" && await_domain guest
}

memory() {
	xl mem-set guest "${1}m" && sleep 1 && xl mem-set guest "${memory}m"
}

cpus() {
	xl vcpu-set guest 1 && sleep 1 && xl vcpu-set guest 2
}

# Whoever asks for most is killed; the agent is not to be.
no_memory() {
	expect_oom
	on guest "echo 1 >/proc/sys/vm/overcommit_memory
		echo 1000 >/proc/self/oom_score_adj
		dd if=/dev/zero of=/dev/null bs=$((memory - 40))M count=1" >/dev/null 2>&1
	on guest "dmesg | grep -q 'Out of memory'"
}

second_vif() {
	xl network-attach guest mac=00:16:3e:00:00:77 script=vif-drb bridge=xenbr1 &&
		await 20 connected guest 1 || return
	_second=$(guest_dev guest 1)
	addr guest "$_second" 10.0.1.2/24
	await 10 /drb/flow send 10.0.1.2 7000 $SIZES
	_rc=$?
	xl network-detach guest 1 && return $_rc
}

killed() {
	start_domain victim && await_domain victim || return
	addr victim "$(guest_dev victim 0)" 10.0.1.3/24
	start victim flow "/drb/flow serve 7000"
	await 10 /drb/flow send 10.0.1.3 7000 $SIZES
	_rc=$?
	ping -f -w 2 -s 1400 10.0.1.3 >/dev/null 2>&1 &
	usleep 500000
	xl destroy victim
	wait $!
	return $_rc
}

KINDS=${kinds:-link_front link_back queues rings mtu offloads coalescing rebind_front
	rebind_back reload_front reload_back pause save checkpoint migrate memory cpus
	no_memory second_vif killed}

# operate KIND: with what chance wants of it; says what that was.
operate() {
	case $1 in
	link_*) pick 1 3 9 ;;
	queues) pick 1 2 ;;
	rings) pick 65536 131072 262144 524288 ;;
	mtu) pick 1280 1500 4000 9000 ;;
	offloads)
		pick tx rx sg tso gso gro
		_what=$picked
		pick on off
		picked="$_what $picked"
		;;
	coalescing) pick 0 5 50 200 ;;
	pause) pick 0 1 3 ;;
	memory) pick 300 340 360 ;;
	*) picked='' ;;
	esac
	operation="$1 $picked"
	"$1" $picked
}

# ---- and what must be true after it ----------------------------------------------

# A domain has another number after a restore, and the backend's device its name.
settle() {
	id=$(domid guest) back=$(back_dev guest 0)
	await 20 connected guest 0 || return
	front=$(guest_dev guest 0)
	addr guest "$front" 10.0.0.2/24
	on guest "ip link set $front mtu 9000" && ip link set "$back" mtu 9000
	await 20 ping -c 1 -W 1 10.0.0.2
}

# The content of what crosses the vif, both ways, in datagrams and in a stream.
intact() {
	/drb/flow send 10.0.0.2 7000 $SIZES &&
		on guest "/drb/flow send 10.0.0.1 7000 $SIZES" || return
	start guest take "/drb/flow take 7100 | sha256sum"
	await_port guest 7100
	/drb/flow give 10.0.0.2 7100 </tmp/stream
	[ "$(finish guest take)" = "$(sha256sum </tmp/stream)" ] || return
	/drb/flow take 7101 >/tmp/back &
	on guest "/drb/flow give 10.0.0.1 7101 </tmp/stream"
	wait $!
	cmp /tmp/back /tmp/stream
}

one_step() {
	operate "$1" || { echo "the operation failed"; return 1; }
	settle || { echo "it does not answer"; return 1; }
	intact
}

# A step that fails says which it was, and ends the run: what follows would fail, too.
step() {
	steps=$((steps + 1))
	one_step "$1" >/tmp/step 2>&1 && return
	fail "step $steps, $operation" "$(tail -n 1 /tmp/step)"
	cat /tmp/step
	return 1
}

# ---- traffic meanwhile -------------------------------------------------------------

# Datagrams may be lost while the vif is away; none may come back changed. The pauses
# leave the operations some of the CPUs.
load() {
	while [ -e /tmp/loading ]; do
		/drb/flow send 10.0.0.2 7000 1400 9000 64 60000 1 40000 1472 9000
		usleep 50000
	done >/dev/null 2>>/tmp/load.err
}

none_changed() {
	! grep 'byte [0-9]* is' /tmp/load.err
}

# ---- what must not grow -----------------------------------------------------------

kilobytes() {
	awk -v f="$1:" '$1 == f { print $2 }' /proc/meminfo
}

# One line: what is counted exactly, and after "about" what is not.
resources() {
	echo "grants_free $(on guest "/drb/kvar gnttab_free_count" | awk '{ print $2 }')"
	echo "evtchns_guest $(lsevtchn "$(domid guest)" | wc -l)"
	count_dom0
	echo "threads_dom0 $(cat /proc/[0-9]*/comm 2>/dev/null | grep -cE '^(drb|vif|napi)')"
	echo "about pages_xen $(($(xl info total_memory) * 256 - $(/drb/hv free | awk '{ print $2 }')))"
	echo "about slab_dom0 $(kilobytes SUnreclaim)"
	echo "about slab_guest $(on guest "awk '\$1 == \"SUnreclaim:\" { print \$2 }' /proc/meminfo")"
	echo "about pages_guest $(on guest "/drb/kvar -p" | awk '{ print $2 }')"
}

# note_resources: some twenty times in a run; also kept for the host, as a record with
# the number of steps.
note_resources() {
	noted=$(centiseconds)
	sleep $SETTLE
	resources >/tmp/resources
	sed "s/^/$steps /" /tmp/resources >>/tmp/history
	data "{\"steps\": $steps, $(sed 's/^about //' /tmp/resources |
		awk '{ printf "%s\"%s\": %s", sep, $1, $2; sep = ", " }')}"
}

# first_and_last NAME
first_and_last() {
	awk -v n="$1" '$2 == n { if (f == "") f = $3; l = $3 } END { print f, l }' \
		/tmp/history
}

flat() {
	first_and_last "$1" | { read -r first last
		echo "$first at first, $last at last"
		[ "$first" = "$last" ]
	}
}

# What goes up and down: does the last third reach nothing as low as the highest of
# the first?
about_flat() {
	awk -v n="$1" '$2 == "about" && $3 == n { v[c++] = $4 }
		END {
			t = int(c / 3)
			for (i = 0; i < t; i++) if (v[i] > high) high = v[i]
			low = v[c - 1]
			for (i = c - t; i < c; i++) if (v[i] < low) low = v[i]
			print "at most " high " in the first third, at least " low " in the last"
			exit !(t && low <= high)
		}' /tmp/history
}

# ---- the run -----------------------------------------------------------------------

seed=${seed:-$(date +%s)} steps=0
note "seed $seed, ${seconds:=180} s"
memory=$(xl list guest | awk 'NR == 2 { print $3 }')
head -c 300000 /dev/urandom >/tmp/stream
addr Domain-0 xenbr0 10.0.0.1/24
addr Domain-0 xenbr1 10.0.1.1/24
start guest flow "/drb/flow serve 7000"
/drb/flow serve 7000 &
settle
start guest take "/drb/flow take 7102 >/tmp/stream"
await_port guest 7102
/drb/flow give 10.0.0.2 7102 </tmp/stream
finish guest take
: >/tmp/history
: >/tmp/load.err
touch /tmp/loading
load &
loader=$!

# Each once, so that what is allocated for the first time is there.
good=1
for kind in $KINDS; do
	step "$kind" || { good=0; break; }
	pass "$kind"
done
[ $good = 0 ] || note_resources
end=$(($(centiseconds) + seconds * 100)) told=$(centiseconds)
while [ $good = 1 ] && [ "$(centiseconds)" -lt $end ]; do
	pick $KINDS
	step "$picked" || { good=0; break; }
	[ $(($(centiseconds) - noted)) -lt $((seconds * 100 / 20)) ] || note_resources
	[ $(($(centiseconds) - told)) -lt 3000 ] || {
		told=$(centiseconds)
		progress "$steps steps, $(((end - told) / 100)) s left"
	}
done
rm /tmp/loading
wait $loader
[ $good = 1 ] || exit 0
pass "$steps steps, seed $seed"
check "no datagram came back changed" none_changed
note_resources
for name in grants_free evtchns_guest free_foreign_pages evtchns_dom0 nodes threads_dom0; do
	check "flat: $name" flat $name
done
for name in pages_xen slab_dom0 slab_guest pages_guest; do
	check "flat: $name" about_flat $name
done
