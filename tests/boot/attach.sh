# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091

. /drb/drb.sh

CYCLES=20
MAC=00:16:3e:00:00:77
# The guest's kernel itself takes and returns a page or two beside us, for processes
# and the like: read after each of a dozen cycles, the number of pages was 2767 to
# 2769, neither more nor less of them in the end.  The lowest of five readings varies
# by one.  Twice the former is allowed for; a page for every cycle is five times that.
PAGE_NOISE=4

attach() {
	xl network-attach guest mac=$MAC script=vif-drb bridge=xenbr0 &&
		await 10 connected guest 1
}

# xl has returned when the backend is gone; the guest's end goes by itself.
detach() {
	xl network-detach guest 1 && await 10 gone guest 1
}

gone() {
	on "$1" "! [ -e /sys/bus/xen/devices/vif-$2 ]" &&
		! [ -e "/sys/class/net/$(back_dev "$1" "$2")" ]
}

# tidy CHECK ARGS...: whatever became of the check, the next one begins clean.
tidy() {
	check "$@"
	gone guest 1 || detach
}

carries() {
	addr Domain-0 xenbr0 10.0.0.1/24
	addr guest "$(guest_dev guest 1)" 10.0.0.2/24
	await 10 ping -c 1 -W 1 10.0.0.2
}

cycle() {
	attach && bound guest 1 vif-drb && carries && detach
}

# The guest's free grant references as its kernel counts them, Xen's free pages, and
# dom0's side: each of these is exact.
count() {
	on guest "/drb/kvar gnttab_free_count"
	/drb/hv free
	echo "evtchns_guest $(lsevtchn "$(domid guest)" | wc -l)"
	count_dom0
}

# Addresses of what has been vmap()ed are not used again before many of them have
# come together, and new ones need new page tables, which stay.  With a module that
# goes they come back at once.
addresses_back() {
	on guest "modprobe dummy numdummies=0 && modprobe -r dummy"
}

guest_pages() {
	addresses_back
	on guest "for i in 1 2 3 4 5; do
			echo 1 >/proc/sys/vm/compact_memory
			/drb/kvar -p >/tmp/pages.\$i || exit
			sleep 0.5
		done
		cat /tmp/pages.*" |
		awk 'NR == 1 || $2 < least { least = $2 } END { print least }'
}

# pages_back: as many as before, but for the noise, in either direction.
pages_back() {
	_now=$(guest_pages)
	echo "before $pages_before, now $_now"
	[ "$_now" -gt 0 ] &&
		[ $((_now - pages_before)) -le $PAGE_NOISE ] &&
		[ $((pages_before - _now)) -le $PAGE_NOISE ]
}

# hold PAGES: in the guest a pipe has them, beside the processes at its ends.
hold() {
	start guest pipe "{ head -c $(($1 * 4096)) /dev/zero; sleep 999; } | sleep 999"
	sleep 1
}

let_go() {
	agent stop guest pipe
	finish guest pipe
}

# A few pages more than the noise are noticed, which no other count has.
leaked_pages_show() {
	_before=$pages_before
	hold 1
	pages_before=$(guest_pages)
	let_go
	hold $((PAGE_NOISE + 4))
	! pages_back
	_seen=$?
	let_go
	pages_before=$_before
	pages_back && [ $_seen = 0 ]
}

# differs COUNT: this count, by name, is there and is not as before.
differs() {
	count >/tmp/leaked
	grep "^$1 " /tmp/before >/tmp/was && grep "^$1 " /tmp/leaked >/tmp/is &&
		! cmp -s /tmp/was /tmp/is
}

# leak_shows COUNT ARGS: with one thing leaked in the guest this count must
# differ, and without it all must be as before.
leak_shows() {
	_what=$1
	shift
	start guest leak "/drb/leak $*"
	sleep 1
	differs "$_what"
	_seen=$?
	agent stop guest leak
	finish guest leak
	nothing_left && [ $_seen = 0 ]
}

leaked_map_shows() {
	start guest share "/drb/leak grant 0 >/tmp/share.ref"
	await 5 on guest "grep -q . /tmp/share.ref" || return 1
	/drb/leak map "$(domid guest)" "$(on guest "cat /tmp/share.ref")" &
	pid=$!
	sleep 1
	differs free_foreign_pages
	_seen=$?
	kill $pid
	on guest "killall leak"
	finish guest share
	nothing_left && [ $_seen = 0 ]
}

leaked_node_shows() {
	xenstore-write /drb-leak 1
	differs nodes
	_seen=$?
	xenstore-rm /drb-leak
	nothing_left && [ $_seen = 0 ]
}

# A bound device keeps its driver's module in use, so it is unbound first; the
# module, loaded again, finds it.  DRB's is loaded before the stock one, which
# would otherwise be asked first and take every vif.
unbind_front() {
	on guest "echo vif-$1 >/sys/bus/xen/drivers/$2/unbind"
}

unload_front() {
	on guest "modprobe -r netfront-drb xen-netfront drb-core"
}

load_front() {
	on guest "modprobe netfront-drb && modprobe xen-netfront" &&
		await 10 connected guest 0 && bound guest 0 vif
}

unbind_back() {
	echo "vif-$(domid guest)-$1" >"/sys/bus/xen-backend/drivers/$2/unbind"
}

reload_front() {
	attach && carries && unbind_front 1 vif-drb && unbind_front 0 vif &&
		unload_front && load_front &&
		await 10 connected guest 1 && bound guest 1 vif-drb &&
		carries && detach
}

# The stock driver forgets that the script has run; udev would run it again.
stock_script_done() {
	xenstore-write "/local/domain/0/backend/vif/$(domid guest)/$1/hotplug-status" \
		connected
}

carrier_is() {
	on guest "grep -q $2 /sys/class/net/$1/carrier"
}

# The guest's device stays; its link is down while there is no backend.
reload_back() {
	attach && carries || return 1
	front=$(guest_dev guest 1)
	unbind_back 1 vif-drb && unbind_back 0 vif &&
		modprobe -r netback-drb xen-netback drb-core &&
		await 10 carrier_is "$front" 0 &&
		modprobe netback-drb && modprobe xen-netback &&
		stock_script_done 0 &&
		await 10 connected guest 1 && bound guest 1 vif-drb &&
		await 10 connected guest 0 && bound guest 0 vif &&
		carrier_is "$front" 1 &&
		ip link set "$(back_dev guest 1)" master xenbr0 up &&
		ip link set "$(back_dev guest 0)" master xenbr1 up &&
		carries && detach
}

# The backend waits for a frontend that comes later.
backend_first() {
	unbind_front 0 vif && unload_front &&
		xl network-attach guest mac=$MAC script=vif-drb bridge=xenbr0 &&
		state_is guest 1 2 && load_front &&
		await 10 connected guest 1 && bound guest 1 vif-drb &&
		carries && detach
}

# The guest's driver waits for a backend that comes later.
frontend_first() {
	attach && carries && unbind_back 1 vif-drb &&
		unbind_front 1 vif-drb &&
		on guest "echo vif-1 >/sys/bus/xen/drivers/vif-drb/bind" &&
		! connected guest 1 &&
		echo "vif-$(domid guest)-1" \
			>/sys/bus/xen-backend/drivers/vif-drb/bind &&
		await 10 connected guest 1 &&
		ip link set "$(back_dev guest 1)" master xenbr0 up &&
		carries && detach
}

front_state_is() {
	[ "$(xenstore-read "/local/domain/$(domid guest)/device/vif/$1/state")" = "$2" ]
}

# The backend's Closed is of a time before the guest's driver, which waits all
# the same; but not for one that the toolstack has taken offline.
closed_before() {
	_back=/local/domain/0/backend/vif/$(domid guest)/1
	attach && carries && unbind_back 1 vif-drb && unbind_front 1 vif-drb &&
		xenstore-write "$_back/state" 6 &&
		on guest "echo vif-1 >/sys/bus/xen/drivers/vif-drb/bind" &&
		sleep 1 && front_state_is 1 1 || return 1
	xenstore-write "$_back/online" 0
	xenstore-write "$_back/state" 6
	await 10 front_state_is 1 6 || return 1
	xenstore-write "$_back/online" 1
	echo "vif-$(domid guest)-1" >/sys/bus/xen-backend/drivers/vif-drb/bind
	await 10 connected guest 1 &&
		ip link set "$(back_dev guest 1)" master xenbr0 up &&
		carries && detach
}

down_and_up() {
	attach && carries || return 1
	dev=$(guest_dev guest 1)
	for _i in 1 2 3 4 5; do
		on guest "ip link set $dev down && ip link set $dev up"
		ip link set "$(back_dev guest 1)" down
		ip link set "$(back_dev guest 1)" up
	done
	carries && detach
}

# xl destroy while packets fly both ways.
destroy_busy() {
	start_domain victim && await_domain victim || return 1
	addr Domain-0 xenbr0 10.0.0.1/24
	addr victim "$(guest_dev victim 0)" 10.0.0.3/24
	await 10 ping -c 1 -W 1 10.0.0.3 || return 1
	on victim "iperf3 -s -D"
	await_port victim 5201
	iperf3 -c 10.0.0.3 -t 30 >/dev/null 2>&1 &
	sleep 2
	xl destroy victim
	kill $!
	await 10 sh -c "! xl domid victim && ! xl list | grep -q '(null)'"
}

detach_busy() {
	attach && carries || return 1
	on guest "iperf3 -s -D"
	await_port guest 5201
	iperf3 -c 10.0.0.2 -t 30 >/dev/null 2>&1 &
	sleep 2
	detach
	_rc=$?
	kill $!
	on guest "killall iperf3"
	return $_rc
}

# Anybody may read what udev is told of a vif, at any time: also while the vif goes.
# A kernel with KASAN sees what is read too late.
read_uevents() {
	while [ -e /tmp/reading ]; do
		cat /sys/bus/xen-backend/devices/vif-*/uevent 2>/dev/null
	done | grep '^vif=' | sort -u >/tmp/uevents
}

detached_while_read() {
	touch /tmp/reading
	read_uevents &
	_reader=$!
	for _ in 1 2 3; do
		attach && detach
	done
	_rc=$?
	rm /tmp/reading
	wait $_reader
	cat /tmp/uevents
	[ $_rc = 0 ] && grep -q "vif=vif.*\.1" /tmp/uevents
}

# The first cycle makes what stays: modules' caches, empty xenstore directories.
check "attach, carry, detach" cycle
sleep 1
count >/tmp/before
pages_before=$(guest_pages)
n=1
while [ $n -le $CYCLES ]; do
	cycle >/tmp/cycle 2>&1 || fail "cycle $n" "$(tail -n 1 /tmp/cycle)"
	addresses_back
	progress "cycle $n of $CYCLES"
	n=$((n + 1))
done
check "$CYCLES times attached and detached: counts as before" nothing_left
check "the guest has its memory back" pages_back
check "leaked pages would show" leaked_pages_show
check "a leaked grant would show" leak_shows gnttab_free_count grant 0
check "a leaked event channel would show" leak_shows evtchns_guest evtchn 0
check "a leaked mapping would show" leaked_map_shows
check "a leaked xenstore node would show" leaked_node_shows
tidy "the frontend's module reloaded" reload_front
check "reloading it left nothing" nothing_left
tidy "the backend's module reloaded" reload_back
check "reloading it left nothing behind" nothing_left
tidy "the backend comes first" backend_first
tidy "the frontend comes first" frontend_first
tidy "the backend had closed before" closed_before
tidy "detached while everybody reads about it" detached_while_read
tidy "down and up" down_and_up
tidy "detached while busy" detach_busy
check "all that left nothing" nothing_left
check "destroyed while busy" destroy_busy
check "no trace of the destroyed guest" nothing_left
