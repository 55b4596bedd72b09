# SPDX-License-Identifier: GPL-2.0
# Dom0's part of the first process, sourced by init: starts the toolstack and
# the domains, runs the scenario, and tells the host what came out.
# shellcheck shell=sh disable=SC1090,SC1091,SC2086,SC2154

. /drb/domain.env
. /drb/lib.sh
. /drb/report.sh

start_toolstack() {
	xenstored --pid-file /run/xenstored.pid
	until xenstore-exists / 2>/dev/null; do
		usleep 20000
	done
	xen-init-dom0
	xenconsoled --log=all --log-dir=/var/log/xen/console
}

# Driver domains first: xl attaches a vif only to a backend that serves.
start_domains() {
	for name in $drivers; do
		start_domain "$name" && await_domain "$name" || return
	done
	for name in $autostart; do
		start_domain "$name" || return
	done
	for name in $autostart; do
		await_domain "$name" || return
	done
}

run_scenario() {
	(
		cd /drb || exit 1
		. "/drb/$script"
	)
}

interact() {
	printf '\nThe domains are up; lib.sh is loaded. "exit" ends.\n'
	setsid -c bash --rcfile /drb/lib.sh -i </dev/hvc0 >/dev/hvc0 2>&1
	pass "the shell ended"
}

hostname dom0
open_channels
progress "dom0 is up"
load_present netback-drb xen-netback
start_toolstack
make_bridges $bridges
serve_logs &
report_deaths &
start_domains && progress "the domains are up: $drivers $autostart"
rc=$?
if [ "$shell" = 1 ]; then
	interact
elif [ "$rc" = 0 ]; then
	run_scenario
	rc=$?
fi
check_leaks
collect_coverage
check_logs
tell DONE "$rc"
sleep 3600	# the host has the last word
poweroff -f
