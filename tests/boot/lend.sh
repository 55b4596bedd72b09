# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091,SC2154

. /drb/drb.sh

STREAM=48	# MiB
LENT_MAX=64	# DRB_LENT_MAX of drb-core/lend.c

# connect_anew HANDLE: so that the guest's settings take effect.
connect_anew() {
	on guest "echo vif-$1 >/sys/bus/xen/drivers/vif-drb/unbind
		echo vif-$1 >/sys/bus/xen/drivers/vif-drb/bind"
	await 10 connected guest "$1" || return 1
	addr guest "$(guest_dev guest "$1")" "10.0.$1.2/24"
	await 10 ping -c 1 -W 1 "10.0.$1.2"
}

lend_is() {
	on guest "echo $1 >/sys/module/netfront_drb/parameters/lend"
}

lent() {
	guest_stat guest "$(guest_dev guest "$1")" rx_lent
}

# stream HANDLE: to the guest; what arrives must be what was sent.
stream() {
	start guest take "/drb/flow take 7100 | sha256sum"
	await_port guest 7100
	/drb/flow give "10.0.$1.2" 7100 </tmp/stream
	finish guest take >/tmp/there.sum
	cmp /tmp/stream.sum /tmp/there.sum
}

datagrams() {
	/drb/flow send 10.0.0.2 7000 4400 8000 16384 32768 65000 65507 1
}

# How much of a stream is lent hangs on how far its reader is behind.  That more
# was lent than can be lent at a time, several times over, does not: pages came
# back and were lent anew.
lent_much() {
	_before=$(lent 0)
	stream 0 && datagrams || return 1
	_lent=$(($(lent 0) - _before))
	echo "lent $_lent packets, $LENT_MAX at a time"
	[ "$_lent" -gt $((4 * LENT_MAX)) ]
}

nothing_lent() {
	stream "$1" && [ "$(lent "$1")" = 0 ]
}

was_replaced() {
	[ "$(on guest "dmesg | grep -c 'a lent page is kept'")" -gt 0 ]
}

# A program that does not read its socket keeps the pages of one connection;
# once they are in the way of other packets the vif gets new rings, and when the
# program does read, all of its stream is there.
kept_is_replaced() {
	start guest keep "/drb/flow take 7101 | (sleep 15; sha256sum)"
	await_port guest 7101
	/drb/flow give 10.0.0.2 7101 </tmp/stream &
	_give=$!
	await 5 some_lent || return 1
	stream 0 || return 1
	was_replaced || return 1
	wait $_give
	finish guest keep >/tmp/there.sum
	cmp /tmp/stream.sum /tmp/there.sum
}

some_lent() {
	[ "$(lent 0)" -gt 0 ]
}

device_gone() {
	! xenstore-exists "/local/domain/0/backend/vif/$(domid guest)/0/state"
}

# Pages that a socket keeps outlive the device they came with.
kept_past_the_device() {
	start guest keep "/drb/flow take 7102 | (sleep 5; cat >/dev/null)"
	await_port guest 7102
	/drb/flow give 10.0.0.2 7102 </tmp/stream &
	_give=$!
	await 5 some_lent || {
		echo "nothing is lent"
		return 1
	}
	xl network-detach guest 0
	await 10 device_gone || {
		echo "the device does not go"
		return 1
	}
	kill $_give
	agent stop guest keep
	[ "$(on guest "dmesg | grep -cE 'BUG|WARNING|Bad page'")" = 0 ]
}

addr Domain-0 xenbr0 10.0.0.1/24
addr Domain-0 xenbr1 10.0.1.1/24
for n in 0 1; do
	addr guest "$(guest_dev guest $n)" 10.0.$n.2/24
	await 20 ping -c 1 -W 1 10.0.$n.2
done
start guest flow "/drb/flow serve 7000"
dd if=/dev/urandom of=/tmp/stream bs=1M count=$STREAM 2>/dev/null
sha256sum </tmp/stream >/tmp/stream.sum

check "both ends are DRB's" bound guest 0 vif-drb
check "nothing is lent unasked" nothing_lent 0
lend_is 1
check "the guest asks for it" connect_anew 0
check "a stream's pages are lent, its content arrives" lent_much
check "once more" lent_much
check "a vif that is not trusted" connect_anew 1
check "nothing of it is lent" nothing_lent 1
check "a reader that does not read: the rings are replaced" kept_is_replaced
check "nothing is lent after that" nothing_lent 0
check "the guest asks again" connect_anew 0
check "it is lent again" lent_much
check "a device goes while its pages are kept" kept_past_the_device
