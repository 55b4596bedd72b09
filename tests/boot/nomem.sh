# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091,SC2154

. /drb/drb.sh

MAC=00:16:3e:00:00:77

# where MODULE: the domains in which it works.
where() {
	case $1 in
	netback_drb) echo Domain-0 ;;
	netfront_drb) echo guest ;;
	*) echo Domain-0 guest ;;
	esac
}

# faults MODULE WORD...: fault.sh with these words in each domain of that module; the
# sum of the numbers that it prints.
faults() {
	_module=$1
	shift
	for _where in $(where "$_module"); do
		if [ "$_where" = Domain-0 ]; then
			bash /drb/fault.sh "$@"
		else
			on guest "bash /drb/fault.sh $*"
		fi
	done | awk '{ s += $1 } END { print s + 0 }'
}

# The number of the vif that comes and goes, 0 if there is none.
handle() {
	xl network-list guest | awk 'NR > 1 && $1 > n { n = $1 } END { print n + 0 }'
}

attach() {
	timeout $((40 * slow)) xl network-attach guest mac=$MAC script=vif-drb \
		bridge=xenbr0
}

detach() {
	for _handle in $(xl network-list guest | awk 'NR > 1 && $1 > 0 { print $1 }'); do
		timeout $((40 * slow)) xl network-detach guest "$_handle" || return
	done
}

answers() {
	_dev=$(guest_dev guest "$(handle)")
	addr Domain-0 xenbr0 10.0.0.1/24
	addr guest "$_dev" 10.0.0.2/24
	await 10 ping -c 1 -W 1 -s "${1:-56}" 10.0.0.2
}

# All that a user may do with a vif; whether it works is no matter here.
use() {
	_dev=$(guest_dev guest "$(handle)")
	_back=$(back_dev guest "$(handle)")
	answers
	ping -c 2 -W 1 -s 1400 10.0.0.2
	on guest "ping -c 1 -W 1 10.0.0.1
		ip maddr add 01:00:5e:01:02:03 dev $_dev
		ethtool -X $_dev equal 1
		ethtool -C $_dev rx-usecs 20
		ip link set $_dev mtu 1400
		ip link set $_dev xdpdrv obj /drb/xdp.o program pass
		ping -c 1 -W 1 10.0.0.1
		ip link set $_dev xdpdrv off
		ethtool -L $_dev combined 1
		ethtool -S $_dev >/dev/null
		ip link set $_dev down
		ip link set $_dev up"
	ip link set "$_back" xdpdrv obj /drb/xdp.o program pass
	ping -c 2 -W 1 -s 1400 10.0.0.2
	ip link set "$_back" xdpdrv off
	ip link set "$_back" down
	ip link set "$_back" up
	answers
}

works() {
	attach && await 10 connected guest "$(handle)" && answers 1400 && detach &&
		[ "$(handle)" = 0 ]
}

# try MODULE OFFSET FUNCTION CALLEE
try() {
	faults "$1" arm "$1" "$2"
	attach
	[ "$(faults "$1" hits)" -gt 0 ] || use
	hits=$(faults "$1" disarm)
	detach
	if [ "$hits" = 0 ]; then
		echo "$1 $3: $4" >>/tmp/never
		return
	fi
	hit=$((hit + 1))
	check "$4 in $3 ($1+$2)" works
} >/tmp/try 2>&1

# Calls that are not reached here: when a pool has nothing, when a vif is refused
# (refuse.sh), and with the I/O task table.
ELSEWHERE='drb_copy_skb: napi_alloc_skb|drb_refuse: |drb_error_|drbf_task|drbb_left'

# Did all that allocate in any case fail?
all_failed() {
	grep -E ': (.*alloc.*|kasprintf|register_netdev|.*build_skb.*|vmap|bind_.*)$' \
		/tmp/never | grep -vE "$ELSEWHERE" >/tmp/unseen || return 0
	tr '\n' ',' </tmp/unseen
	return 1
}

count() {
	count_dom0
	echo "evtchns_guest $(lsevtchn "$(domid guest)" | wc -l)"
	on guest "/drb/kvar gnttab_free_count"
}

check "a vif before" works
count >/tmp/before
hit=0 number=0
: >/tmp/never
part=${part:-1/1}
while read -r module offset function callee; do
	number=$((number + 1))
	[ $((number % ${part#*/})) = $((${part%/*} % ${part#*/})) ] || continue
	try "$module" "$offset" "$function" "$callee" <&-
done </drb/calls
note "$hit calls have found no memory, $(wc -l </tmp/never) have not asked for any"
check "each allocation has failed" all_failed
check "nothing left" nothing_left
