# SPDX-License-Identifier: GPL-2.0
# Hosts that are not there, for drbctl; sourced. $tools is the directory of this file,
# $work one for them, $drbctl the program.
# shellcheck shell=sh disable=SC2034,SC2154

# store_in DIR: a xenstore, where its tree and its socket are; $! is it.
store_in() {
	"$tools/store.py" "$1/socket" "$1/tree.json" 2>"$work/store.log" &
	tries=0
	until [ -S "$1/socket" ]; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || return
		sleep 0.1
	done
}

# new_host NAME [KEY=VALUE]...: as fakehost.py has it. $host/drbctl runs in it, and
# $hosts are the processes behind all of them.
new_host() {
	host=$work/$1
	shift
	"$tools/fakehost.py" "$host" "$@" && store_in "$host" || return
	hosts="${hosts:-} $!"
	cat >"$host/drbctl" <<-END
	#!/bin/sh
	XENSTORED_PATH=$host/socket exec "$tools/world.sh" "$host" "$drbctl" "\$@"
	END
	chmod +x "$host/drbctl"
}
