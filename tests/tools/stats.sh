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

# One that a driver domain only claims to serve does not take another's labels.
unique_series() {
	metrics && sample counted vif1.0 0 1 && sample counted vif1.0 9 0 || return
	twice=$(sed -n 's/^\([a-z].*\) [^ ]*$/\1/p' "$work/metrics" | sort | uniq -d)
	[ -z "$twice" ] || {
		echo "twice: $twice"
		return 1
	}
}

check vif-without-device without_device
check unique-series unique_series
