#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# usage: fault.sh arm MODULE OFFSET | fault.sh disarm
# Makes each allocation fail, of slab objects and of pages, that comes about within the
# call which returns to this offset of the module's .text; and no more of them, printing
# how many have failed. The kernel's own fault injection does it.
MANY=1000000

arm() {
	at=$(($(cat "/sys/module/$1/sections/.text") + $2))
	for kind in failslab fail_page_alloc; do
		cd "/sys/kernel/debug/$kind" || exit
		echo 0 >probability
		echo 0 >verbose
		echo N >ignore-gfp-wait
		[ ! -e ignore-gfp-highmem ] || echo N >ignore-gfp-highmem
		[ ! -e min-order ] || echo 0 >min-order
		printf '%#x\n' "$at" >require-start
		printf '%#x\n' $((at + 1)) >require-end
		echo $MANY >./times
		echo 100 >probability
	done
}

hits() {
	sum=0
	for kind in failslab fail_page_alloc; do
		sum=$((sum + MANY - $(cat "/sys/kernel/debug/$kind/times")))
	done
	echo $sum
}

disarm() {
	for kind in failslab fail_page_alloc; do
		echo 0 >"/sys/kernel/debug/$kind/probability"
	done
	hits
}

"$@"
