#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: world.sh DIR COMMAND...
# Runs a command in a domain of a Xen host that is not there: DIR, which fakehost.py
# has written, is what its kernel and its /etc show. Nobody else sees them.
set -eu

if [ "$1" = --inside ]; then
	dir=$2
	shift 2
	mount --make-rprivate /
	mount --rbind /proc "$dir/real-proc"
	ln -sfn "$dir/real-proc/self" "$dir/proc/self"
	mount --bind "$dir/modules" /lib/modules
	mount --bind "$dir/bus" /sys/bus
	mount --bind "$dir/etc" /etc
	mount --bind "$dir/proc" /proc
	exec "$@"
fi
flags=-m
[ "$(id -u)" = 0 ] || flags=-rm
exec unshare $flags "$0" --inside "$@"
