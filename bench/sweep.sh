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

# Without one offload, at both ends. A driver may refuse to do without one.
without_offload() {
	variant=-no-$1
	for path in $PATHS; do
		ends_of "$path" "ethtool -K DEV $1 off"
	done
	tcp_both_ways 1
	for path in $PATHS; do
		ends_of "$path" "ethtool -K DEV sg on tx on tso on gso on gro on"
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
	for offload in tso gso gro sg tx; do
		without_offload $offload
	done
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
