# SPDX-License-Identifier: GPL-2.0
# Two network namespaces that stand for a guest and for the domain that serves its
# two vifs, each vif on a bridge of its own; sourced by run.sh.
# shellcheck shell=sh disable=SC2034

guest_ns=drb-guest-$$
host_ns=drb-host-$$
guest_address=10.77.0.2
guest_address1=10.78.0.2

in_guest() {
	ip netns exec "$guest_ns" "$@"
}

in_host() {
	ip netns exec "$host_ns" "$@"
}

# net_vif H: vif1.H with the bridge xenbrH at one end, ethH at the other.
net_vif() {
	ip -n "$host_ns" link add "vif1.$1" type veth peer name "eth$1" \
		netns "$guest_ns" &&
		ip -n "$host_ns" link add "xenbr$1" type bridge &&
		ip -n "$host_ns" link set "vif1.$1" master "xenbr$1" up &&
		ip -n "$host_ns" addr add "10.7$((7 + $1)).0.1/24" dev "xenbr$1" &&
		ip -n "$host_ns" link set "xenbr$1" up &&
		ip -n "$guest_ns" addr add "10.7$((7 + $1)).0.2/24" dev "eth$1" &&
		ip -n "$guest_ns" link set "eth$1" up
}

net_up() {
	ip netns add "$guest_ns" && ip netns add "$host_ns" &&
		ip -n "$guest_ns" link set lo up &&
		ip -n "$host_ns" link set lo up && net_vif 0 && net_vif 1
}

# The devices go with their namespaces.
net_down() {
	for ns in "$guest_ns" "$host_ns"; do
		[ ! -e "/run/netns/$ns" ] || ip netns del "$ns"
	done
}
