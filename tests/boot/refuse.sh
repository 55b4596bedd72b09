# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091

. /drb/drb.sh

count() {
	count_dom0
}

# says NAME HANDLE TEXT: one of the error nodes does.
says() {
	error_of "$1" "$2" | tee /dev/stderr | grep -q "$3"
}

no_error() {
	[ -z "$(error_of "$1" "$2")" ]
}

logged() {
	dmesg | grep -q "$1"
}

guest_logged() {
	on "$1" "dmesg | grep -q '$2'"
}

# refused NAME HANDLE TEXT: the guest comes up all the same; the vif says TEXT.
refused() {
	start_domain "$1" && await_domain "$1" && await 10 says "$1" "$2" "$3"
}

closed() {
	await 10 state_is "$1" "$2" 6
}

# The vif of a guest without DRB goes by the stock drivers, on its bridge.
left_to_stock() {
	start_domain nodrb && await_domain nodrb && await 20 connected nodrb 0 &&
		bound nodrb 0 vif && addr Domain-0 xenbr0 10.0.0.1/24 &&
		addr nodrb "$(guest_dev nodrb 0)" 10.0.0.2/24 &&
		await 10 ping -c 1 -W 1 10.0.0.2
}

# xl destroys a domain it could not give its devices.
no_bridge() {
	if xl create -q /drb/cfg/lost.cfg 2>/tmp/xl.err; then
		echo "xl found nothing wrong"
		return 1
	fi
	grep "nobr0" /tmp/xl.err && await 10 sh -c "! xl domid lost"
}

# A vif added to a running guest stays, unconnected, until it is detached.
no_bridge_later() {
	! xl network-attach guest script=vif-drb bridge=nobr0 2>/tmp/xl.err &&
		grep "nobr0" /tmp/xl.err && ! connected guest 0 || return 1
	xl network-detach guest 0 2>/dev/null	# its script fails, too
	await 10 sh -c "! [ -e /sys/class/net/$(back_dev guest 0) ]"
}

stock_lines() {
	on guest "dmesg | grep -c 'left to the stock driver'"
}

# So it does if a driver is looked for when the backend is up already.
no_netback_said_late() {
	_lines=$(stock_lines)
	on guest "echo vif-0 >/sys/bus/xen/drivers/vif/unbind"
	await 10 state_is guest 0 6 || { echo "unbound: not Closed"; return 1; }
	xenstore-write "/local/domain/$(domid guest)/device/vif/0/state" 1
	await 10 state_is guest 0 2 || { echo "not InitWait again"; return 1; }
	on guest "echo vif-0 >/sys/bus/xen/drivers_probe"
	await 10 connected guest 0 && bound guest 0 vif &&
		[ "$(stock_lines)" = $((_lines + 1)) ]
}

# busy SECONDS: the ends see each other's states late, now the one, now the other.
busy() {
	for _ in 1 2; do
		timeout "$1" sh -c 'while :; do :; done' &
		on guest "timeout $1 sh -c 'while :; do :; done' >/dev/null 2>&1 &"
	done
}

no_netback_when_busy() {
	busy 30
	for _ in 1 2 3; do
		xl network-attach guest script=vif-drb bridge=xenbr0 &&
			await 20 connected guest 0 && bound guest 0 vif &&
			xl network-detach guest 0 || return
	done
}

# Netback-drb is missing in the host: the stock drivers take the vif.
no_netback() {
	modprobe -r netback-drb && no_netback_when_busy &&
		xl network-attach guest script=vif-drb bridge=xenbr0 &&
		await 20 connected guest 0 && bound guest 0 vif &&
		addr guest "$(guest_dev guest 0)" 10.0.0.3/24 &&
		await 10 ping -c 1 -W 1 10.0.0.3 && no_netback_said_late
	_rc=$?
	xl network-detach guest 0 || xl network-detach guest 0 --force
	modprobe -r xen-netback
	modprobe netback-drb && modprobe xen-netback && return $_rc
}

# ---- a guest that comes to have DRB ----------------------------------------

# pinged: the guest's only vif, through the bridge.
pinged() {
	addr guest "$(guest_dev guest 0)" 10.0.0.4/24 &&
		await 10 ping -c 1 -W 1 10.0.0.4
}

# served_by DRIVER: at both ends, with packets.
served_by() {
	await 20 connected guest 0 && await 20 bound guest 0 "$1" && pinged
}

stock_first() {
	on guest "rmmod netfront-drb" &&
		xl network-attach guest script=vif-drb bridge=xenbr0 && served_by vif
}

rebind() {
	on guest "sh /drb/drb-rebind"
}

comes_back() {
	rebind && served_by vif-drb
}

leaves_again() {
	on guest "cd /sys/bus/xen/drivers && echo vif-0 >vif-drb/unbind &&
		rmmod netfront-drb && echo vif-0 >vif/bind" && served_by vif
}

served_in_dom0_by() {
	[ -e "/sys/bus/xen-backend/drivers/$1/vif-$(domid guest)-0" ]
}

# until_served_by DRIVER: false: the time is over.
until_served_by() {
	until served_in_dom0_by "$1"; do
		[ "$(date +%s)" -lt "$_end" ] || return
		usleep 20000
	done
}

# until_offered: dom0 waits for the guest's driver (InitWait).
until_offered() {
	_back=/local/domain/0/backend/vif/$(domid guest)/0
	until [ "$(xenstore-read "$_back/state")" = 2 ]; do
		[ "$(date +%s)" -lt "$_end" ] || return
		usleep 20000
	done
}

# A guest whose driver says by turns that it has DRB and that it is a stock one,
# as soon as dom0 believes it: dom0 makes and unmakes devices ever more rarely.
changes_its_mind() {
	on guest "echo vif-0 >/sys/bus/xen/drivers/vif/unbind"
	_front=/local/domain/$(domid guest)/device/vif/0
	xenstore-write "$_front/tx-ring-ref" 8
	_end=$(($(date +%s) + 20)) _times=0
	while xenstore-write "$_front/drb-version" 1 && until_served_by vif-drb; do
		_times=$((_times + 1))
		xenstore-rm "$_front/drb-version"
		xenstore-write "$_front/state" 1
		until_offered
		xenstore-write "$_front/state" 4
		until_served_by vif || break
	done
	xenstore-rm "$_front/tx-ring-ref"
	# What xen-netback said of a ring that is none.
	xenstore-rm "/local/domain/0/error/backend/vif/$(domid guest)/0"
	on guest "echo vif-0 >/sys/bus/xen/drivers/vif/bind"
	echo "taken back $_times times in 20 s"
	[ $_times -ge 2 ] && [ $_times -le 7 ]
}

# Its xenstore says that netback-drb could take the vif back, but there is none.
asks_in_vain() {
	_dir=/local/domain/0/backend/vif/$(domid guest)/0
	modprobe -r netback-drb || return
	xenstore-read "$_dir/drb-handover" && { echo "still offered"; return 1; }
	xenstore-write "$_dir/drb-handover" 1
	rebind
	sleep 6
	served_by vif && ! xenstore-read \
		"/local/domain/$(domid guest)/device/vif/0/drb-version"
}

in_bridge() {
	await 20 test -e "/sys/class/net/xenbr0/brif/$(back_dev guest 0)" ||
		{ echo "not in its bridge"; return 1; }
	served_by vif-drb
}

bind_back() {
	echo "vif-$(domid guest)-0" >"/sys/bus/xen-backend/drivers/vif-drb/$1"
}

bound_anew() {
	bind_back unbind && bind_back bind && in_bridge
}

loaded_anew() {
	bind_back unbind && modprobe -r netback-drb && modprobe netback-drb && in_bridge
}

nothing_to_rebind() {
	rebind && bound guest 0 vif-drb
}

detached() {
	xl network-detach guest 0
}

# What udev started for a vif runs the script when the vif is no longer there.
detached_before_script() {
	_back=/local/domain/0/backend/vif/$(domid guest)/0
	cat >/tmp/late <<-END
		#!/bin/sh
		xl network-detach guest 0
		while xenstore-exists $_back/state; do usleep 50000; done
		exec "$(xenstore-read "$_back/script")" "\$@"
	END
	chmod +x /tmp/late
	_dev=$(back_dev guest 0)
	! XENBUS_PATH=${_back#/local/domain/0/} vif=$_dev script=/tmp/late \
		/drb/vif-drb-handover || { echo "the script found the vif"; return 1; }
	! xenstore-exists "${_back%/*}" || { nodes | grep vif; return 1; }
}

late_script() {
	xl network-attach guest script=vif-drb bridge=xenbr0 &&
		await 20 connected guest 0 && bound guest 0 vif &&
		detached_before_script
}

all_modules() {
	modprobe -r xen-netback
	modprobe netback-drb && modprobe xen-netback && on guest "modprobe netfront-drb"
}

gone_and_clean() {
	xl destroy "$1" && nothing_left
}

sleep 1
count >/tmp/before
watch_devices
check "no netfront-drb in the guest: the stock drivers serve it" left_to_stock
check "no netfront-drb: dom0's log says so" logged "left to the stock driver"
check "no netfront-drb: no error node" no_error nodrb 0
check "no netfront-drb: nothing left after it" gone_and_clean nodrb

check "too few grant entries: the error node says so" \
	refused poor 1 "no grant entries left"
check "too few grant entries: so does the guest's log" \
	guest_logged poor "no grant entries left"
check "too few grant entries: the vif is closed" closed poor 1
check "too few grant entries: the first vif is well" await 10 connected poor 0
check "too few grant entries: nothing left after it" gone_and_clean poor

check "a bridge that does not exist: xl and the log say so" no_bridge
check "no bridge for a second vif: the same" no_bridge_later
check "no bridge: nothing left after it" nothing_left
check "no netback-drb in the host: the stock drivers serve it" no_netback
check "no netback-drb: the guest's log says so" \
	guest_logged guest "left to the stock driver"
check "no netback-drb: nothing left after it" nothing_left
check "the guest has no DRB at first: stock drivers" stock_first
check "it comes to have it: DRB" comes_back
check "its backend is bound anew: in its bridge as before" bound_anew
check "netback-drb is loaded anew: in its bridge as before" loaded_anew
check "nothing more to do" nothing_to_rebind
check "it leaves DRB: stock drivers" leaves_again
check "and comes back: DRB" comes_back
check "it leaves DRB once more" leaves_again
check "nobody takes it back: stock drivers" asks_in_vain
check "network-detach" detached
check "all modules are there again" all_modules
check "a guest without DRB, again: stock drivers" stock_first
check "it cannot make dom0 change its mind all the time" changes_its_mind
check "network-detach, in whatever state it is" detached
check "and once more with a late script, which leaves nothing" late_script
check "all modules once more" all_modules
check "after coming and going: nothing left" nothing_left
