# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091,SC2154

. /drb/drb.sh

# One record: LEN CLAIMED DATA_OFF FLAGS GSO_TYPE GSO_SIZE HDR_LEN CSUM_START
# CSUM_OFFSET KIND; of the last, 0 is UDP, 1 TCP, 2 TCP over IPv6, 3 zeroes.
# Packets that mean well are of 100 bytes; offloads that do fit them are
# CSUM_PARTIAL (1) from byte 34 on, at 6 (UDP) or 16 (TCP) of the header.
HONEST='100 100 32 0 0 0 0 0 0 0'

# act WORDS...: of the end that is hostile, with its device as DEV.
act() {
	if [ "$attacker" = guest ]; then
		on guest "echo $(echo "$*" | sed "s/DEV/$front/") \
			>/sys/module/drb_hostile/parameters/act"
	else
		echo "$*" | sed "s/DEV/$back/" \
			>/sys/module/drb_hostile/parameters/act
	fi
}

# victim_stat FIELD: of the other end's rings.
victim_stat() {
	if [ "$attacker" = guest ]; then
		ring_stat "$back" "$1"
	else
		guest_stat guest "$front" "$1"
	fi
}

# victim_says TEXT: how often its kernel has.
victim_says() {
	if [ "$attacker" = guest ]; then
		dmesg | grep -c "$1"
	else
		on guest "dmesg | grep -c '$1'"
	fi
}

# Some packets of the kernel's own may have passed as well.
counts_are() {
	[ "$(($(victim_stat rx_packets) - packets))" -ge "$1" ] &&
		[ "$(($(victim_stat rx_dropped) - dropped))" = "$2" ]
}

# passes RECORD / is_dropped RECORD: by the other end, which counts it as that.
passes() {
	packets=$(victim_stat rx_packets) dropped=$(victim_stat rx_dropped)
	act record DEV "$@" && await 3 counts_are 1 0
}

is_dropped() {
	packets=$(victim_stat rx_packets) dropped=$(victim_stat rx_dropped)
	act record DEV "$@" && await 3 counts_are 0 1
}

connect_anew() {
	on guest "echo vif-0 >/sys/bus/xen/drivers/vif-drb/unbind
		echo vif-0 >/sys/bus/xen/drivers/vif-drb/bind"
	await 20 connected guest 0 || return 1
	front=$(guest_dev guest 0)
	on guest "ip link set $front up"
	addr guest "$front" 10.0.0.2/24
	await 10 ping -c 1 -W 1 10.0.0.2
}

others_live() {
	ping -c 1 -W 2 10.0.0.3
}

was_disabled() {
	[ "$(victim_says 'the vif is disabled')" = $((said + 1)) ]
}

# is_fatal WORDS...: the other end takes the vif down, says so once, and nobody
# else notices; what is connected next works.
is_fatal() {
	said=$(victim_says 'the vif is disabled')
	act "$@" && await 5 was_disabled && others_live || return 1
	! ping -c 1 -W 1 10.0.0.2 >/dev/null 2>&1 && connect_anew
}

# The other end looks at this index when it sends: in a driver domain, when the
# ring is full; meanwhile the guest's own driver is not to correct it.
fatal_cons() {
	said=$(victim_says 'the vif is disabled')
	if [ "$attacker" = guest ]; then
		on guest "ip link set $front down" && act cons DEV "$1" || return 1
		ip neigh replace 10.0.0.2 dev xenbr0 nud permanent lladdr \
			"$(on guest "cat /sys/class/net/$front/address")"
		ping -c 40 -i 0.02 -s 60000 -W 1 10.0.0.2 >/dev/null 2>&1
		ip neigh del 10.0.0.2 dev xenbr0
	else
		act cons DEV "$1" || return 1
		on guest "ping -c 1 -W 1 10.0.0.1" >/dev/null 2>&1
	fi
	await 5 was_disabled && others_live && connect_anew
}

# Whatever comes of it, the vif and the others carry on.
survives() {
	_packets=$(victim_stat rx_packets)
	act "$@" && await 10 ping -c 1 -W 1 10.0.0.2 && others_live || return 1
	_packets=$(($(victim_stat rx_packets) - _packets))
	echo "$_packets packets passed, dropped $(victim_stat rx_dropped)"
	[ $_packets -gt 100 ]
}

offloads() {
	check "$1: an honest packet passes" passes "$HONEST"
	check "$1: another offset of the data" passes 100 100 255 0 0 0 0 0 0 0
	check "$1: unknown segmentation" is_dropped 100 100 32 1 3 8 42 34 6 0
	check "$1: no segmentation with ECN, only" \
		is_dropped 100 100 32 1 7 8 42 34 6 0
	check "$1: checksum beyond the packet" \
		is_dropped 100 100 32 1 0 0 0 2000 6 0
	check "$1: checksum's place beyond the packet" \
		is_dropped 100 100 32 1 0 0 0 34 5000 0
	check "$1: TCP segments of no size" \
		is_dropped 1500 1500 32 1 1 0 54 34 16 1
	check "$1: TCP segments of a UDP packet" \
		is_dropped 1500 1500 32 1 1 100 54 34 6 0
	check "$1: UDP segments without a checksum" \
		is_dropped 3000 3000 32 0 5 100 42 34 6 0
	check "$1: UDP segments of no size" \
		is_dropped 3000 3000 32 1 5 0 42 34 6 0
	check "$1: UDP segments by fragments" \
		is_dropped 3000 3000 32 1 5 65535 42 34 6 0
	check "$1: too many UDP segments" \
		is_dropped 3000 3000 32 1 5 1 42 34 6 0
	check "$1: UDP segments with TCP's checksum" \
		is_dropped 3000 3000 32 1 5 100 54 34 16 1
	check "$1: UDP segments within the IP header" \
		is_dropped 3000 3000 32 1 5 100 42 14 6 0
}

violations() {
	check "$1: shorter than an Ethernet header" \
		is_fatal record DEV 60 13 32 0 0 0 0 0 0 3
	check "$1: longer than any packet" \
		is_fatal record DEV 60 200000 32 0 0 0 0 0 0 3
	check "$1: longer than what is in the ring" \
		is_fatal record DEV 60 9000 32 0 0 0 0 0 0 3
	check "$1: data within the header" is_fatal record DEV 60 60 0 0 0 0 0 0 0 3
	check "$1: data too far behind it" \
		is_fatal record DEV 60 60 300 0 0 0 0 0 0 3
	check "$1: producer too far ahead" is_fatal prod DEV 4194304
	check "$1: producer not aligned" is_fatal prod DEV 1
	check "$1: producer goes back" is_fatal prod DEV -64
	check "$1: consumer too far ahead" fatal_cons 4194304
	check "$1: consumer not aligned" fatal_cons 1
}

attack_as() {
	attacker=$1
	name="from $1"
	offloads "$name"
	violations "$name"
	check "$name: 20000 random packets and offloads" survives fuzz DEV 20000
	check "$name: packets that change while they are read" \
		survives flip DEV 5000
	check "$name: an honest packet still passes" passes "$HONEST"
}

for who in guest peer; do
	on $who "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6"
done
addr Domain-0 xenbr0 10.0.0.1/24
ip link add plain0 type dummy
ethtool -K plain0 tx off sg off tso off gso off >/dev/null 2>&1
ip link set plain0 master xenbr0 up
addr guest "$(guest_dev guest 0)" 10.0.0.2/24
addr peer "$(guest_dev peer 0)" 10.0.0.3/24
front=$(guest_dev guest 0) back=$(back_dev guest 0)
check "both ends are DRB's" bound guest 0 vif-drb
check "dom0 pings the guest" await 20 ping -c 1 -W 1 10.0.0.2
check "dom0 pings the other guest" await 20 ping -c 1 -W 1 10.0.0.3
insmod /drb/drb-hostile.ko
on guest "insmod /drb/drb-hostile.ko"
attack_as guest
attack_as dom0
