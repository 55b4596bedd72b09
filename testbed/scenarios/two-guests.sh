# SPDX-License-Identifier: GPL-2.0
# Two guests reach each other, and run commands at the same time.
# shellcheck shell=sh

exit_code_is() {
	_want=$1
	shift
	"$@"
	[ $? = "$_want" ]
}

output_size() {
	[ "$(on left "head -c $1 /dev/zero" | wc -c)" = "$1" ]
}

# The sleeps overlap unless one job waits for the other.
two_jobs() {
	_start=$(centiseconds)
	start left one "sleep 4; echo one"
	start left two "sleep 4; echo two"
	[ "$(finish left two) $(finish left one)" = "two one" ] &&
		[ $(($(centiseconds) - _start)) -lt 700 ]
}

share_is_number() {
	mark begin probe
	sleep 1
	mark end probe | grep -qE '^[0-9]+\.[0-9]$'
}

addr left eth0 10.0.0.1/24
addr right eth0 10.0.0.2/24
check "left pings right" on left "ping -c 3 10.0.0.2"
check "right pings left" on right "ping -c 3 10.0.0.1"
check "an exit code arrives" exit_code_is 7 on left "exit 7"
check "a signal arrives" exit_code_is 137 on left 'kill -9 $$'
check "a time limit ends a command" exit_code_is 124 agent -t 1 run left "sleep 30"
check "a large output arrives whole" output_size 300000
check "two jobs run at once" two_jobs
check "the host answers a mark" share_is_number

start=$(centiseconds)
for _ in 1 2 3 4 5 6 7 8 9 10; do
	on left true
done
data "{\"ms_per_command\": $(($(centiseconds) - start))}"
