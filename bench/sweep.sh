# SPDX-License-Identifier: GPL-2.0
# Sizes of packets, the MTU, offloads, more streams: what an administrator may
# set differently, and where DRB must not be slower either. Sourced by bench.sh,
# which calls sweep_round or queues_round where "cells_of" says so.
# shellcheck shell=sh disable=SC2154,SC2034

# ends_of PATH COMMAND...: for the devices of both ends, DEV in its words.
ends_of() {
	_path=$1
	shift
	_words=$*
	_back=$(dev_of_dom0 "$_path") _front=$(dev_of_guest "$_path")
	sh -c "$(echo "$_words" | sed "s/DEV/$_back/g")" &&
		on guest "$(echo "$_words" | sed "s/DEV/$_front/g")"
}

# set_mtu BYTES: of both ends and the bridge between.
set_mtu() {
	for path in $PATHS; do
		ends_of "$path" "ip link set DEV mtu $1" ||
			fail mtu "$path: no MTU of $1"
		ip link set "$(bridge_of "$path")" mtu "$1"
	done
}

tcp_both_ways() {
	for way in rx tx; do
		for path in $PATHS; do
			measured sample_tcp "$path" $way "$1"
		done
	done
}

packets_both_ways() {
	for path in $PATHS; do
		measured sample_rx "$path" "$1" 1
	done
	for path in $PATHS; do
		measured sample_tx "$path" "$1" 1
	done
}

# is_off PATH FEATURE: as ethtool -k calls it, at both ends.
is_off() {
	! ends_of "$1" "ethtool -k DEV" | grep -q "^$2: on"
}

# without_offload NAME FEATURE, at both ends. Not measured where a driver refuses
# to do without.
without_offload() {
	_able=yes
	for path in $PATHS; do
		ends_of "$path" "ethtool -K DEV $1 off"
		is_off "$path" "$2" || _able=
	done
	variant=-no-$1
	if [ "$_able" ]; then
		tcp_both_ways 1
	else
		note "$variant: a path cannot do without"
	fi
	for path in $PATHS; do
		ends_of "$path" "ethtool -K DEV sg on tx on tso on gso on gro on"
	done
	variant=
}

# Towards the guest only: xen-netfront does not do without checksums of IPv4.
without_checksums() {
	variant=-no-tx
	for path in $PATHS; do
		_back=$(dev_of_dom0 "$path")
		ethtool -K "$_back" tx off
		ethtool -k "$_back" | grep -q "^tx-checksumming: off" ||
			fail "$variant" "$path: not off"
		measured sample_tcp "$path" rx 1
		ethtool -K "$_back" sg on tx on tso on gso on
	done
	variant=
}

sweep_round() {
	for size in 128 256 512 1024; do
		packets_both_ways $size
	done
	set_mtu 9000
	packets_both_ways 8996
	variant=-mtu-9000
	tcp_both_ways 1
	variant=
	set_mtu 1500
	without_offload tso tcp-segmentation-offload
	without_offload gso generic-segmentation-offload
	without_offload gro generic-receive-offload
	without_offload sg scatter-gather
	without_checksums
	tcp_both_ways 16
	for size in 256 1400; do
		for path in $PATHS; do
			measured sample_rtt "$path" $size
		done
	done
}

# For domains with more CPUs, and so queues.
queues_round() {
	for size in 60 1496; do
		packets_both_ways $size
	done
	for streams in 1 4; do
		tcp_both_ways $streams
	done
	for path in $PATHS; do
		measured sample_rtt "$path" 64
	done
}
