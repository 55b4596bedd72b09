# SPDX-License-Identifier: GPL-2.0
# Dom0's part of the first process, sourced by init: starts the toolstack and
# the domains, runs the scenario, and tells the host what came out.
# shellcheck shell=sh disable=SC1090,SC1091,SC2086,SC2154

. /drb/domain.env
. /drb/lib.sh

port() {
	for p in /sys/class/virtio-ports/*; do
		[ "$(cat "$p/name")" = "$1" ] && echo "/dev/${p##*/}"
	done
}

open_channels() {
	modprobe -a virtio_pci virtio_console
	tries=0
	until [ -n "$(port drb.verdict)" ] && [ -n "$(port drb.logs)" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 100 ] || echo "dom0: no verdict channel"
		[ "$tries" -lt 100 ] || poweroff -f
		usleep 50000
	done
	exec 9<>"$(port drb.verdict)"
}

start_toolstack() {
	xenstored --pid-file /run/xenstored.pid
	until xenstore-exists / 2>/dev/null; do
		usleep 20000
	done
	xen-init-dom0
	xenconsoled --log=all --log-dir=/var/log/xen/console
}

collect_logs() {
	dir=/run/drb/logs
	rm -rf "$dir"
	mkdir -p "$dir"
	dmesg >"$dir/dom0-dmesg.log"
	xl dmesg >"$dir/xen-dmesg.log" 2>&1
	xl list -l >"$dir/xl-list.json" 2>&1
	xenstore-ls -f >"$dir/xenstore.txt" 2>&1
	ip -s -d link >"$dir/dom0-links.txt" 2>&1
	cp -r /var/log/xen "$dir/xen"
	tar -c -C "$dir" . >/run/drb/logs.tar
	wc -c </run/drb/logs.tar
	cat /run/drb/logs.tar
}

# Works for the host at any time, so that a hang leaves logs too.
serve_logs() {
	exec 9>&-
	exec 8<>"$(port drb.logs)"
	while read -r _ <&8; do
		collect_logs >&8
	done
}

report_deaths() {
	agent deaths | while read -r name; do
		tell CRASH "$name"
	done
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

# With panic_on_warn a warning has ended the run already; this finds what the
# kernel only prints. The hypervisor's console the host reads itself.
check_logs() {
	dmesg >/run/drb/dmesg
	complain dom0 /run/drb/dmesg
	for log in /var/log/xen/console/guest-*.log; do
		[ -e "$log" ] || continue
		name=${log##*/guest-}
		complain "${name%.log}" "$log"
	done
}

trouble='WARNING: |BUG: |Oops: |Kernel panic|general protection fault'
trouble="$trouble|soft lockup|rcu.*stall|blocked for more than|Call Trace:"

# complain DOMAIN FILE
complain() {
	line=$(grep -m 1 -E "$trouble" "$2") || return 0
	tell KERNEL "$1 $line"
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
check_logs
tell DONE "$rc"
sleep 3600	# the host has the last word
poweroff -f
