# SPDX-License-Identifier: GPL-2.0
# What the tests of more than one queue share: how many there are, and which
# of them packets take.  $front and $back are the vif's devices.
# shellcheck shell=sh disable=SC2034,SC2154

FLOWS='9001 9002 9003 9004 9005 9006 9007 9008 9009 9010 9011 9012'
BURST='99 99 99 99 99 99 99 99 99 99'	# datagrams of a flow
NOISE=4		# packets more than that on a queue are not noise (ARP)

# Of "ethtool -l" and "-g": queues, TX and RX in KiB, maxima first.
# shellcheck disable=SC2016
NUMBERS='/^Combined:/ { c[++n] = $2 } /^TX:[\t ]*[0-9]/ { t[++k] = $2 / 1024 }
	/^RX:[\t ]*[0-9]/ { r[++m] = $2 / 1024 }'

# settled NAME QUEUES TX RX: connected, with so many queues and rings of so many
# KiB as the guest and dom0 see them.
settled() {
	_dom=$1
	shift
	connected "$_dom" 0 || return 1
	_front=$(on "$_dom" "ethtool -l $front; ethtool -g $front" |
		awk "$NUMBERS"' END { print c[2], t[2], r[2] }')
	_dev=$(back_dev "$_dom" 0)
	_back=$( (ethtool -l "$_dev"; ethtool -g "$_dev") |
		awk "$NUMBERS"' END { print c[2], r[2], t[2] }')
	echo "guest: $_front, dom0: $_back, wanted: $*"
	[ "$_front" = "$*" ] && [ "$_back" = "$*" ]
}

becomes() {
	for _ in 1 2 3 4 5 6 7 8; do
		settled "$@" && return
		sleep 1
	done
	return 1
}

# set_and_becomes ETHTOOL-OPTIONS QUEUES TX RX
set_and_becomes() {
	on guest "ethtool ${1%% *} $front ${1#* }" || return 1
	shift
	becomes guest "$@" && await 10 ping -c 1 -W 1 10.0.0.2
}

# queue_counts FIELD: of the guest's queues 0 to 3, one a line.
queue_counts() {
	on guest "ethtool -S $front" | sed -n "s/^ *q[0-3]_$1: *//p"
}

# send_flows PORT...: a burst from each, in dom0, on both CPUs in turn.
send_flows() {
	_cpu=1
	for _port; do
		# shellcheck disable=SC2086
		FLOW_FROM=$_port taskset $_cpu \
			/drb/flow send 10.0.0.2 7000 $BURST || return 1
		_cpu=$((3 - _cpu))
	done
}

# grown_by FIELD COMMAND...: into $grown, how many packets more each queue has.
grown_by() {
	_field=$1
	shift
	queue_counts "$_field" >/tmp/counts
	"$@" || return 1
	grown=$(queue_counts "$_field" | paste -d ' ' /tmp/counts - |
		awk '{ print $2 - $1 }' | xargs)
	echo "$_field of the queues: $grown"
}

# grown_is "N N N N": so many, but for noise.
grown_is() {
	echo "wanted: $1"
	echo "$1 $grown" | awk -v noise="$NOISE" '{
		for (i = 1; i < 5; i++)
			if ($(i + 4) < $i || $(i + 4) > $i + noise)
				exit 1
	}'
}
