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

# The driver domain is stopped while it has the rings mapped; the guest takes
# them back all the same.
away_from_a_stopped_one() {
	xl pause netdd
	on guest "echo vif-0 >/sys/bus/xen/drivers/vif-drb/unbind"
	xl unpause netdd
	on guest "dmesg | grep 'its pages are taken back'"
}

back_again() {
	on guest "echo vif-0 >/sys/bus/xen/drivers/vif-drb/bind"
	await 10 in_mode guest 0 && addr guest "$(guest_dev guest 0)" 10.0.0.2/24 &&
		await 10 on guest "ping -c 1 -W 1 10.0.0.1"
}

front=$(guest_dev guest 0)
addr netdd xenbr0 10.0.0.1/24
addr guest "$front" 10.0.0.2/24
check "both ends are DRB's" bound_there
check "its mode is the hypervisor's best" in_mode guest 0
check "the guest pings its driver domain" await 10 on guest "ping -c 1 10.0.0.1"
on netdd "iperf3 -s -D"
await_port netdd 5201
check "TCP to the driver domain" tcp ""
check "TCP from the driver domain" tcp -R
check "the ring counted it" [ "$(guest_stat guest "$front" rx_bytes)" -gt 1000000 ]
if [ "${mode:-grants}" = iotask ]; then
	check "the rings are taken back from a domain that is stopped" \
		away_from_a_stopped_one
	# What it still has mapped, and unmaps now, does it no harm.
	check "it goes on unharmed" unharmed netdd
	check "and serves the guest again" back_again
fi
