# SPDX-License-Identifier: GPL-2.0
# Dom0's ends of the two channels to the host: the verdict and the logs. Sourced
# by dom0.sh, and in a dom0 that is an installed system by system.sh.
# shellcheck shell=sh disable=SC2154

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
	# Of an installed system.
	[ ! -d /run/drb/more ] || cp -r /run/drb/more/. "$dir"
	! command -v journalctl >/dev/null ||
		journalctl -b --no-pager >"$dir/journal.txt" 2>&1
	cp -r /run/drb/leaks* /run/drb/coverage "$dir" 2>/dev/null
	tar -c -C "$dir" . >/run/drb/logs.tar
	wc -c </run/drb/logs.tar
	cat /run/drb/logs.tar
}

# Works for the host at any time, so that a hang leaves logs too. An installed
# system is also asked to shut down in good order.
serve_logs() {
	exec 9>&-
	exec 8<>"$(port drb.logs)"
	while read -r asked <&8; do
		[ "$asked" != reboot ] || systemctl reboot
		[ "$asked" = reboot ] || collect_logs >&8
	done
}

report_deaths() {
	agent deaths | while read -r name; do
		tell CRASH "$name"
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

# Where the kernel can tell: objects that nobody points to. One that is on its way from
# one owner to the next looks like one, and is found again only if it is one.
look_for_leaks='cd /sys/kernel/debug && echo scan >kmemleak && sleep 6 &&
	echo scan >kmemleak && cat kmemleak'

# our_leaks FILE: those that a module of DRB has had a part in.
our_leaks() {
	awk -v RS='unreferenced object ' '
		/\[(drb_core|netback_drb|netfront_drb|drb_[a-z]*)\]/ {
			print "unreferenced object " $0
		}' "$1"
}

# leaks_in NAME COMMAND...: says so, too, if the command cannot look.
leaks_in() {
	_leaker=$1 _seen=/run/drb/leaks-$1
	shift
	if ! "$@" "$look_for_leaks" >"$_seen" 2>&1; then
		tell KERNEL "$_leaker cannot look for leaks: $(tail -n 1 "$_seen")"
	elif our_leaks "$_seen" | grep -q .; then
		tell KERNEL "$_leaker has a leak: $(our_leaks "$_seen" | grep -m 1 drb_)"
	fi
}

check_leaks() {
	[ -e /sys/kernel/debug/kmemleak ] || return 0
	progress "looking for leaks"
	leaks_in dom0 sh -c
	answering | while read -r name; do
		leaks_in "$name" on "$name"
	done
}

# Where the kernel counts how often a line has run: the counts of each domain that
# answers, as an archive. The files there have no size before they are read.
# shellcheck disable=SC2016 # it is for the domain's shell
read_coverage='rm -rf /tmp/gcov && mkdir /tmp/gcov && cd /sys/kernel/debug/gcov &&
	find . -name "*.gcda" | while read -r f; do
		mkdir -p "/tmp/gcov/${f%/*}" && cat "$f" >"/tmp/gcov/$f"
	done
	tar -cz -C /tmp/gcov . | base64'

collect_coverage() {
	[ -e /sys/kernel/debug/gcov ] || return 0
	progress "collecting the coverage"
	mkdir -p /run/drb/coverage
	sh -c "$read_coverage" | base64 -d >/run/drb/coverage/dom0.tgz
	answering | while read -r name; do
		on "$name" "$read_coverage" | base64 -d >"/run/drb/coverage/$name.tgz" ||
			note "no coverage of $name"
	done
}

# answering: the domains whose agents can.
answering() {
	xl list | awk 'NR > 2 && $5 !~ /[psdc]/ { print $1 }'
}

trouble='WARNING: |BUG: |Oops: |Kernel panic|general protection fault'
trouble="$trouble|soft lockup|rcu.*stall|blocked for more than|Call Trace:"
trouble="$trouble|UBSAN: |turning off the locking correctness validator"

# without_oom FILE: without what a kernel says when it ends a process for want of memory,
# if the scenario has said by expect_oom that it will.
without_oom() {
	if [ -e /run/drb/oom-expected ]; then
		awk '/invoked oom-killer/ { skip = 1 } !skip
			/Out of memory: Killed/ { skip = 0 }' "$1"
	else
		cat "$1"
	fi
}

# complain DOMAIN FILE
complain() {
	line=$(without_oom "$2" | grep -m 1 -E "$trouble") || return 0
	tell KERNEL "$1 $line"
}
