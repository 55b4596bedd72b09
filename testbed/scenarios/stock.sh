# SPDX-License-Identifier: GPL-2.0
# Dom0 and a guest on a stock vif reach each other.
# shellcheck shell=sh

tcp() {
	# Its exit code says nothing with -J, so the figure must be there.
	iperf3 -J "$@" >/run/drb/iperf.json
	jq -ce '.end.sum_received | select(.bytes > 0) | {bits_per_second}' \
		/run/drb/iperf.json
}

addr Domain-0 xenbr0 10.0.0.1/24
addr guest eth0 10.0.0.2/24
check "bound to xen-netfront" on guest \
	"readlink /sys/class/net/eth0/device/driver | grep -q vif$"
check "dom0 pings the guest" await 10 ping -c 1 -W 1 10.0.0.2
check "the guest pings dom0" on guest "ping -c 3 10.0.0.1"

start guest iperf "iperf3 -s"
await_port guest 5201
check "TCP to the guest" tcp -c 10.0.0.2 -t 1
data "$(cat /run/drb/check)"
check "TCP from the guest" tcp -c 10.0.0.2 -t 1 -R
data "$(cat /run/drb/check)"
agent stop guest iperf
