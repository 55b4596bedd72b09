# SPDX-License-Identifier: GPL-2.0
# The metrics as they are printed; sourced by check.sh.
# shellcheck shell=sh disable=SC2154,SC2317

# What drbctl says only where there are rings, and Xen with the table.
table=$here/table.prom

metrics_are_clean() {
	new_host metrics && "$host/drbctl" stats -p >"$work/all.prom" &&
		promtool check metrics <"$work/all.prom"
}

# As bad as may be, and still what Prometheus reads; tests/tools has the xenstore.
hostile_metrics() {
	mkdir "$work/hostile" && "$tools/hostile.py" >"$work/hostile/tree.json" &&
		store_in "$work/hostile" && hosts="$hosts $!" || return
	XENSTORED_PATH=$work/hostile/socket "$drbctl" stats -p >"$work/evil" &&
		promtool check metrics <"$work/evil" || return
	# A backslash of drbctl's own escape is one more in a label.
	grep -F 'guest="a\\x1b[31mb\"\\\\\\x0a\\x00\\xff{}"' "$work/evil"
}

table_is_clean() {
	promtool check metrics <"$table"
}

# names FILE...: of the families in them.
names() {
	sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' "$@" | sort
}

# printed: those that drbctl's source has, and the counters of queues.
printed() {
	grep -o '"drb_[a-z_]*"' "$root/tools/drbctl/prometheus.c" | tr -d '"'
	sed -n '/drb_stat_names\[/,/^};/s/^\t"\([rt]x_.*\)",/drb_queue_\1_total/p' \
		"$root/drb-core/ethtool.c"
}

# The record has no metric that drbctl does not print, and misses none of the table.
table_is_true() {
	printed | sort >"$work/printed"
	names "$table" >"$work/names"
	grep -q '^drb_queue_tx_packets_total$' "$work/printed" || return
	false_ones=$(comm -13 "$work/printed" "$work/names")
	missing=$(grep '^drb_iotask_' "$work/printed" | comm -13 "$work/names" -)
	[ -z "$false_ones$missing" ] || {
		echo "not printed: $false_ones, not in it: $missing"
		return 1
	}
}

# The page has each metric, and no other.
documented() {
	names "$work/all.prom" "$table" |
		sed 's/^drb_queue_.*/drb_queue_NAME_total/' | sort -u >"$work/told"
	sed -n 's/^\.It Cm drb_queue_ Ns Ar NAME Ns Cm _total$/drb_queue_NAME_total/p
		s/^\.It Cm \(drb_.*\)/\1/p' "$page" | tr -s ', ' '\n' |
		sort -u >"$work/page"
	diff "$work/told" "$work/page"
}

page_is_clean() {
	mandoc -T lint -W warning "$page"
}

check metrics metrics_are_clean
check hostile-metrics hostile_metrics
check table table_is_clean
check table-is-true table_is_true
check documented documented
check manual-page page_is_clean
