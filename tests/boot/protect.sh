# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091

. /drb/drb.sh
. /drb/fake.sh

PAGES=257	# of a task: one direction's 256, and info or ctrl page

mode_is() {
	[ "$(xenstore-read "$(front_path)/drb-mode" 2>/dev/null)" = "$1" ]
}

# task INDEX: what Xen says of the guest's task there.
task() {
	/drb/iot query "$(domid guest)" "$1" 0
}

# tasks_are WORDS: both directions' tasks have these, and there is no third.
tasks_are() {
	for _index in 0 1; do
		_task=$(task $_index)
		for _word in rc=0 "$@"; do
			case " $_task " in
			*" $_word "*) ;;
			*) echo "task $_index: $_task, wanted $_word"; return 1 ;;
			esac
		done
	done
	task 2 | grep -q 'rc=-2'
}

no_tasks() {
	task 0 | grep -q 'rc=-2'
}

guest_logged() {
	on guest "dmesg | grep -q '$1'"
}

grants_free() {
	on guest "/drb/kvar gnttab_free_count" | awk '{ print $NF }'
}

count() {
	count_dom0
	echo "guest_grants $(grants_free)"
}

detach() {
	xl network-detach guest 0 && await 10 sh -c \
		"! [ -e /sys/class/net/$(back_dev guest 0) ]"
}

attach() {
	xl network-attach guest script=vif-drb bridge=xenbr0 &&
		await 20 connected guest 0 &&
		addr guest "$(guest_dev guest 0)" 10.0.0.2/24 &&
		await 10 ping -c 1 -W 1 10.0.0.2
}

cycles() {
	for _i in 1 2 3; do
		attach && mode_is iotask && tasks_are state=1 mapped=$PAGES &&
			detach && no_tasks || return 1
	done
	nothing_left
}

# ---- the toolstack withdraws the ring under full load

start_load() {
	on guest "iperf3 -s -D" && await_port guest 5201
	timeout 4 iperf3 -c 10.0.0.2 -t 30 >/dev/null 2>&1 &
	sleep 1
}

revoke_under_load() {
	start_load
	/drb/iot revoke "$(domid guest)" 0xffffffff 0 | grep 'rc=0' &&
		tasks_are state=3 mapped=0 diverted=$PAGES
	_rc=$?
	wait
	return $_rc
}

# It notices at the next packet.
backend_noticed() {
	ping -c 1 -W 1 10.0.0.2 >/dev/null
	dmesg | grep -q 'access to the ring was revoked' &&
		error_of guest 0 | grep 'access to the ring was revoked'
}

# ---- a backend that breaks the protocol

# An index that says there is more in the ring than it holds: the guest looks
# at it when its device is started.
break_protocol() {
	fake_connects && tasks_are state=1 || return
	/drb/iot nudge 1 "$RX_PROD" 77777777
	on guest "ip link set $(guest_dev guest 0) up"
	await 5 guest_logged 'producer index'
}

# What the fake backend has mapped to read is all zeroes; what it may write is a
# scratch page, which may hold what dom0 wrote there before, but not the index.
shows_nothing() {
	/drb/iot look 0 1 1 | grep 'zero=512' &&
		[ "$(peek 1 "$RX_PROD")" != 77777777 ]
}

# ---- a backend that does not let go

keeps_mapping() {
	fake_connects && guest_unbind
}

taken_back() {
	guest_logged 'its pages are taken back' && no_tasks &&
		[ "$(grants_free)" = "$free" ]
}

kept_aside() {
	guest_logged 'its pages are kept aside' &&
		[ "$(grants_free)" = $((free - 2)) ]
}

returned() {
	[ "$(grants_free)" = "$free" ]
}

without_tasks() {
	on guest "echo off >/sys/module/netfront_drb/parameters/iotask" &&
		keeps_mapping && kept_aside
}

# holds_on MOST: it offers again and again, and keeps a page of each set of rings:
# there are so many sets, and then no more.
holds_on() {
	guest_bind
	for _set in $(seq $(($1 + 3))); do
		fake_offers
		await 10 front_is 3 || break
		map_at 6 "$(xenstore-read "$(front_path)/queue-0/info-ref")" &&
			xenstore-write "$(back_path)/state" 4 &&
			await 10 front_is 4 || return
	done
	echo "set $_set is refused; $((free - $(grants_free))) grants in use"
	[ "$_set" = $(($1 + 1)) ] && [ "$(grants_free)" = $((free - $1)) ] &&
		error_of guest 0 | grep "let go of them"
}

lets_go() {
	/drb/iot unmap 0 "$1" && /drb/iot forget && await 60 returned
}

addr Domain-0 xenbr0 10.0.0.1/24
addr guest "$(guest_dev guest 0)" 10.0.0.2/24
check "both ends are DRB's" bound guest 0 vif-drb
check "the guest's log says mode iotask" guest_logged 'mode iotask'
check "and so does xenstore" mode_is iotask
check "Xen has a task per direction, all mapped" \
	tasks_are state=1 nr=$PAGES mapped=$PAGES denied=0
check "dom0 pings the guest" await 10 ping -c 1 -W 1 10.0.0.2
check "the vif goes, and so do the tasks" detach
check "there is none left" no_tasks
sleep 1
count >/tmp/before
check "vifs come and go, nothing is left of them" cycles

check "a vif to take away" attach
check "revoked under load: all mappings were replaced" revoke_under_load
check "revoked: the backend says so" await 5 backend_noticed
check "revoked: the vif can be detached" detach
check "revoked: nothing is left of it" nothing_left
check "revoked: a new vif works" attach

fake_takes_over
free=$(grants_free)
check "protocol broken: the guest says so" break_protocol
check "protocol broken: the tasks are revoked at once" \
	tasks_are state=3 mapped=0
check "protocol broken: the backend sees nothing more" shows_nothing
check "protocol broken: the vif can be unbound" guest_unbind
check "protocol broken: the grants are free again" await 10 returned
check "protocol broken: late unmapping is fine" fake_ends

check "never closing: the guest does not wait for ever" keeps_mapping
check "never closing: it has its pages back" taken_back
check "never closing: the backend sees nothing more" shows_nothing
check "never closing: late unmapping is fine" fake_ends
check "never closing, without tasks: pages are kept aside" without_tasks
check "without tasks: they return when unmapped" fake_ends
check "without tasks: now they are free" await 60 returned
check "without tasks: it gets sixteen sets of rings, and no more" holds_on 16
check "without tasks: it lets go of them, and they are free" lets_go 16
