# SPDX-License-Identifier: GPL-2.0
# The guest's packets end at the driver domain's bridge; dom0 has no part.
# shellcheck shell=sh

served_by_netdd() {
	[ "$(xenstore-read "/local/domain/$(domid guest)/device/vif/0/backend-id")" = \
		"$(domid netdd)" ]
}

addr netdd xenbr0 10.0.0.1/24
addr guest eth0 10.0.0.2/24
check "the backend is netdd" served_by_netdd
check "the guest pings netdd" on guest "ping -c 3 10.0.0.1"
check "netdd pings the guest" on netdd "ping -c 3 10.0.0.2"
