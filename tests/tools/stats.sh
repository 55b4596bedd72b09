# SPDX-License-Identifier: GPL-2.0
# What drbctl tells Prometheus of a host that is not there; sourced by run.sh.
# shellcheck shell=sh disable=SC2154,SC2317

# metrics [VIF]: of this host.
metrics() {
	"$host/drbctl" stats --prometheus "$@" >"$work/metrics"
}

# sample NAME VIF DRIVER-DOMAIN VALUE
sample() {
	grep -qxF "drb_vif_$1{vif=\"$2\",driver_domain_id=\"$3\"} $4" \
		"$work/metrics" || {
		echo "wanted $*: $(grep "^drb_vif_$1{" "$work/metrics")"
		return 1
	}
}

# path VIF DRIVER-DOMAIN WANTED SERVED STOCK: who asks for what, and what has it.
path() {
	sample wanted "$1" "$2" "$3" && sample served "$1" "$2" "$4" &&
		sample stock "$1" "$2" "$5"
}

# counters VIF: whether there are any of it.
counters() {
	grep -q "_total{vif=\"$1\"" "$work/metrics"
}

# A vif of another driver domain is there, and says that it has no counters here.
without_device() {
	new_host all && metrics && sample counted vif1.0 0 1 && counters vif1.0 &&
		sample connected vif4.0 9 1 && sample queues vif4.0 9 2 &&
		sample counted vif4.0 9 0 && ! counters vif4.0 &&
		metrics vif4.0 && sample counted vif4.0 9 0 &&
		! grep vif1.0 "$work/metrics" &&
		fails 3 "no device in this domain" "$host/drbctl" stats vif4.0 &&
		"$host/drbctl" stats --json >"$work/out" &&
		jq -e 'map(.vif) == ["vif1.0"]' "$work/out"
}

# Each state that a vif can be in; vif5.0 is on its way.
paths() {
	metrics && path vif1.0 0 1 1 0 && path vif2.0 0 1 0 1 && path vif3.0 0 0 0 1 &&
		path vif4.0 9 1 1 0 && path vif5.0 0 1 0 0 && path vif6.0 9 1 0 1 &&
		path vif7.0 0 1 0 1
}

# Whether there is one; what it says is in no label.
errors() {
	metrics || return
	[ "$(grep -c '^drb_vif_error{' "$work/metrics")" = 16 ] &&
		[ "$(grep '^drb_vif_error{.* 1$' "$work/metrics")" = \
		'drb_vif_error{vif="vif5.0",driver_domain_id="0",end="guest"} 1' ] &&
		! grep 'it says' "$work/metrics"
}

# A host without vifs says who it is, and so has data.
no_vifs() {
	new_host none vifs= && metrics && grep '^drb_tools_info{version="' "$work/metrics" &&
		! grep '^drb_vif' "$work/metrics"
}

# One that a driver domain only claims to serve does not take another's labels.
unique_series() {
	metrics && sample counted vif1.0 0 1 && sample counted vif1.0 9 0 || return
	twice=$(sed -n 's/^\([a-z].*\) [^ ]*$/\1/p' "$work/metrics" | sort | uniq -d)
	[ -z "$twice" ] || {
		echo "twice: $twice"
		return 1
	}
}

# ---- into a file -------------------------------------------------------------

# only FILE: there is nothing beside it, nor anything half done.
only() {
	[ "$(ls -A "${1%/*}")" = "${1##*/}" ] || {
		echo "there are $(ls -A "${1%/*}")"
		return 1
	}
}

# For all to read; a link in its place is replaced, and not followed.
output() {
	mkdir "$work/out.d" && echo kept >"$work/kept" &&
		ln -s ../kept "$work/out.d/drb.prom" &&
		(umask 077 && "$drbctl" stats -p --output "$work/out.d/drb.prom") &&
		[ "$(cat "$work/kept")" = kept ] && only "$work/out.d/drb.prom" &&
		[ "$(stat -c '%F %a' "$work/out.d/drb.prom")" = "regular file 644" ] &&
		"$drbctl" stats -p >"$work/metrics" &&
		cmp "$work/metrics" "$work/out.d/drb.prom"
}

# What has gone wrong leaves the old file as it was, and nothing beside it.
output_fails() {
	echo old >"$work/out.d/drb.prom"
	fails 1 "No such file.*not been changed" \
		"$drbctl" stats -p -o "$work/nowhere/drb.prom" &&
		fails 1 "too long" "$drbctl" stats -p \
			-o "$(printf %05000d 1)" &&
		fails 3 "no such vif" "$drbctl" stats -p -o "$work/out.d/drb.prom" x &&
		XENSTORED_PATH=$work/nowhere fails 1 "cannot reach xenstore" \
			"$drbctl" stats -p -o "$work/out.d/drb.prom" &&
		(ulimit -f 1 && trap '' XFSZ &&
			fails 1 "not been changed" \
				"$drbctl" stats -p -o "$work/out.d/drb.prom") &&
		[ "$(cat "$work/out.d/drb.prom")" = old ] &&
		only "$work/out.d/drb.prom" || return
	mkdir "$work/out.d/directory" && rm "$work/out.d/drb.prom" &&
		fails 1 "directory.*not been changed" \
			"$drbctl" stats -p -o "$work/out.d/directory" &&
		only "$work/out.d/directory"
}

# Who reads it at any time reads a whole one: the last line is never missing.
output_is_whole() {
	rm -rf "$work/out.d/directory"
	"$drbctl" stats -p -o "$work/out.d/drb.prom" || return
	last=$(tail -n 1 "$work/out.d/drb.prom") lines=$(wc -l <"$work/out.d/drb.prom")
	for _ in 1 2 3 4 5 6 7 8; do
		"$drbctl" stats -p -o "$work/out.d/drb.prom"
	done &
	while kill -0 $! 2>/dev/null; do
		cat "$work/out.d/drb.prom" >"$work/read"
		if [ "$(wc -l <"$work/read")" != "$lines" ] ||
			[ "$(tail -n 1 "$work/read")" != "$last" ]; then
			echo "read: $(tail -n 1 "$work/read")"
			return 1
		fi
	done
	only "$work/out.d/drb.prom"
}

check vif-without-device without_device
check unique-series unique_series
check vif-paths paths
check vif-errors errors
check no-vifs no_vifs
check output output
check output-fails output_fails
check output-is-whole output_is_whole
