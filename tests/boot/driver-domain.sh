# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091

. /drb/drb.sh

bound_there() {
	dev=vif-$(domid guest)-0
	on netdd "readlink /sys/bus/xen-backend/devices/$dev/driver" |
		grep -q '/vif-drb$' &&
		on guest "readlink /sys/bus/xen/devices/vif-0/driver" |
		grep -q '/vif-drb$'
}

tcp() {
	on guest "iperf3 -c 10.0.0.1 -t 1 $1" | grep -q receiver
}

front=$(guest_dev guest 0)
addr netdd xenbr0 10.0.0.1/24
addr guest "$front" 10.0.0.2/24
check "both ends are DRB's" bound_there
check "the guest pings its driver domain" await 10 on guest "ping -c 1 10.0.0.1"
on netdd "iperf3 -s -D"
await_port netdd 5201
check "TCP to the driver domain" tcp ""
check "TCP from the driver domain" tcp -R
check "the ring counted it" [ "$(guest_stat guest "$front" rx_bytes)" -gt 1000000 ]
