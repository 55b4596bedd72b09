# SPDX-License-Identifier: GPL-2.0
# What a scenario's script may call; it runs in dom0, in dash.
# Descriptor 9 is the channel to the host: one tagged line per message.
# shellcheck shell=sh

tell() {
	printf '%s\n' "$*" >&9
}

# pass NAME; fail NAME WHY...; skip NAME WHY...: the outcome of one check.
pass() {
	tell PASS "$@"
}

fail() {
	tell FAIL "$@"
}

skip() {
	tell SKIP "$@"
}

# check NAME COMMAND...: passes when the command succeeds, and says with its
# last line why it did not.
check() {
	_name=$1
	shift
	if "$@" >/run/drb/check 2>&1; then
		pass "$_name"
	else
		fail "$_name" "exit $?: $(tail -n 1 /run/drb/check)"
		sed "s|^|$_name: |" /run/drb/check
		return 1
	fi
}

# data JSON: one record for the host's data.jsonl.
data() {
	tell DATA "$(printf '%s' "$*" | tr '\n' ' ')"
}

# progress TEXT, note TEXT: shown live; a note is also kept with the verdict.
progress() {
	tell PROGRESS "$@"
}

note() {
	tell NOTE "$@"
}

# expect_crash NAME: from here on the crash of this domain is no failure.
expect_crash() {
	tell EXPECT_CRASH "$1"
}

# expect_oom: that a kernel ends a process for want of memory is no failure.
expect_oom() {
	: >/run/drb/oom-expected
}

# mark begin ID, mark end ID: the latter prints what percentage of the host's
# CPU time something else than this machine has used between the two.
mark() {
	tell MARK "$@"
	read -r _reply <&9
	[ "$1" = begin ] || echo "$_reply"
}

# distance: prints how far apart the host's CPUs are just now, in ns (see
# distance.c); or "unknown".
distance() {
	tell DISTANCE now
	read -r _reply <&9
	echo "$_reply"
}

# host_clock: the host's, in centiseconds since the machine was started.
host_clock() {
	tell CLOCK now
	read -r _reply <&9
	echo "$_reply"
}

# on NAME COMMAND...: runs it in that domain, with its output and exit code.
# The limit is $on_timeout seconds.
on() {
	_where=$1
	shift
	agent -t "$((${on_timeout:-60} * ${slow:-1}))" run "$_where" "$@"
}

# fails_on NAME COMMAND...: passes only if the command has run there and has itself
# failed.  From 124 on it is somebody else: the agent, whose time was up (124) or
# which could not run or follow the command (125), a shell that has no such command
# (126, 127), or a signal (128 and more).
fails_on() {
	on "$@"
	_code=$?
	[ "$_code" -eq 0 ] || [ "$_code" -ge 124 ] || return 0
	echo "on $*: exit code $_code, wanted a failure of the command's own"
	return 1
}

# start NAME JOB COMMAND...; finish NAME JOB: the same in the background.
start() {
	_where=$1 _job=$2
	shift 2
	agent start "$_where" "$_job" "$@"
}

finish() {
	agent -t "$((${on_timeout:-60} * ${slow:-1}))" wait "$1" "$2"
}

domid() {
	xl domid "$1"
}

# start_domain NAME: creates a domain of the scenario, without waiting for it.
start_domain() {
	xl create -q "/drb/cfg/$1.cfg" || {
		fail "$1" "xl create failed"
		return 1
	}
}

# await_domain NAME: until its agent serves.
await_domain() {
	agent -t "$((120 * ${slow:-1}))" ready "$1" || {
		fail "$1" "it does not come up"
		return 1
	}
}

# await SECONDS COMMAND...: repeats it until it succeeds. A kernel that is $slow times
# as slow has that many times the seconds.
await() {
	_tries=$(($1 * 5 * ${slow:-1}))
	shift
	until "$@" >/dev/null 2>&1; do
		_tries=$((_tries - 1))
		[ "$_tries" -gt 0 ] || return 1
		usleep 200000
	done
}

# addr NAME DEV ADDRESS/LEN: gives a domain's interface an address; dom0 is
# written Domain-0.
addr() {
	_set="ip addr replace $3 dev $2 && ip link set $2 up"
	if [ "$1" = Domain-0 ]; then
		sh -c "$_set"
	else
		on "$1" "$_set"
	fi
}

# await_port NAME PORT: until something listens there.
await_port() {
	await 10 on "$1" "cat /proc/net/tcp /proc/net/tcp6 | grep -q :$(printf '%04X' "$2")"
}

# centiseconds: a clock for time limits; too coarse for a measurement.
centiseconds() {
	read -r _up _ </proc/uptime
	echo "${_up%.*}${_up#*.}"
}
