# SPDX-License-Identifier: GPL-2.0
# fails_on with the true agent at both of its ends, domain 0 being this machine, and
# a small xenstore between them; sourced by check.sh.
# shellcheck shell=sh disable=SC2034,SC2154,SC2317

export DRB_DEAD="$scratch/dead" XENSTORED_PATH="$scratch/xenstored"
on_timeout=10

# Xen is a stub, all else is as in the domains.
agent_builds() {
	mkdir -p "$scratch/bin" &&
		"${CC:-gcc}" -std=gnu11 -O2 -Wall -Wextra -Werror -o "$scratch/bin/agent" \
			"$root/testbed/agent.c" "$here/xc_stub.c" -lxenstore &&
		PATH=$scratch/bin:$PATH
}

# until_there COMMAND...: for some seconds.
until_there() {
	_tries=50
	until "$@" >/dev/null 2>&1; do
		_tries=$((_tries - 1))
		[ "$_tries" -gt 0 ] || return
		sleep 0.1
	done
}

store_serves() {
	rm -f "$XENSTORED_PATH"
	"$here/store.py" "$XENSTORED_PATH" &
	store=$! started="$started $!"
	until_there test -S "$XENSTORED_PATH"
}

agent_serves() {
	agent serve &
	server=$! started="$started $!"
	agent -t 5 ready 0
}

# The exit code and the output of a command are its own.
runs_there() {
	[ "$(on 0 "echo said; exit 3")" = said ]
	on 0 "exit 3"
	[ $? = 3 ] && on 0 true
}

takes_failures() {
	fails_on 0 "exit 1" && fails_on 0 "exit 123" && fails_on 0 "ls /none/such" &&
		fails_on 0 "! true"
}

# not_taken CODE COMMAND...: fails_on fails, and says with which code.
not_taken() {
	_wanted=$1
	shift
	! fails_on 0 "$@" >"$scratch/refusal" 2>&1 || return
	cat "$scratch/refusal"
	grep -q "exit code $_wanted, wanted" "$scratch/refusal"
}

no_failure_of_its_own() {
	not_taken 0 true && not_taken 127 "no-such-command -x" &&
		not_taken 126 "/etc/passwd" && not_taken 137 'kill -9 $$'
}

takes_too_long() {
	on_timeout=1 not_taken 124 "sleep 5; false"
}

domain_is_gone() {
	: >"$DRB_DEAD"
	not_taken 125 "sleep 1; false"
	_rc=$?
	rm "$DRB_DEAD"
	sleep 1
	return $_rc
}

# It is killed while the command runs, which fails a little later.
agent_dies() {
	(
		sleep 1
		kill -9 "$server"
	) &
	on_timeout=3 not_taken 124 "sleep 2; false"
}

# What it has left in xenstore says that it serves.
agent_is_dead() {
	on_timeout=1 not_taken 124 false
}

no_agent_there() {
	kill "$store"
	store_serves && on_timeout=1 not_taken 125 false
}

no_store() {
	kill "$store"
	rm "$XENSTORED_PATH"
	not_taken 125 false
}

no_agent_here() {
	(
		PATH=/usr/bin:/bin
		not_taken 127 false
	)
}

check agent-builds agent_builds
check store-serves store_serves
check agent-serves agent_serves
check runs-there runs_there
check takes-failures takes_failures
check no-failure-of-its-own no_failure_of_its_own
check takes-too-long takes_too_long
check domain-is-gone domain_is_gone
check agent-dies agent_dies
check agent-is-dead agent_is_dead
check no-agent-there no_agent_there
check no-store no_store
check no-agent-here no_agent_here
