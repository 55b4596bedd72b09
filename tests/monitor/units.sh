# SPDX-License-Identifier: GPL-2.0
# The service that writes the metrics, and its timer; sourced by check.sh.
# shellcheck shell=sh disable=SC2154,SC2317

units=$root/packaging/systemd
# From 0, which nothing can be done from, to 100.
EXPOSURE=25

# The units with the drbctl of this tree.
copy_units() {
	mkdir -p "$work/units" && cp "$units"/drb-metrics.* "$work/units" &&
		sed -i "s|/usr/sbin/drbctl|$drbctl|" "$work/units/drb-metrics.service"
}

# verified: by systemd, which has nothing to say.
verified() {
	said=$(systemd-analyze verify --man=no "$work/units/drb-metrics.service" \
		"$work/units/drb-metrics.timer" 2>&1) || return
	echo "$said"
	[ -z "$said" ]
}

units_are_right() {
	copy_units && verified
}

units_are_noticed() {
	sed -i 's/^OnBootSec=.*/OnBootSec=soon/' "$work/units/drb-metrics.timer"
	! verified
}

hardened() {
	systemd-analyze security --offline=true --threshold=$EXPOSURE \
		"$work/units/drb-metrics.service"
}

# value UNIT KEY: what stands behind it.
value() {
	sed -n "s/^$2=//p" "$units/drb-metrics.$1"
}

# The two are started where the exporter is, and only there.
conditions() {
	[ "$(value service ConditionPathIsDirectory)" = \
		"$(value service ReadWritePaths)" ] &&
		[ "$(value timer ConditionPathIsDirectory)" = \
			"$(value service ReadWritePaths)" ] &&
		[ "$(value timer ConditionPathExists)" = \
			"$(value service ConditionPathExists)" ]
}

# The service's command, with as many rights as it leaves to root, which is none, in
# a directory that is root's; the exporter's user reads what comes of it. The rights
# go when the host is there, since making that needs them.
runs_without_rights() {
	prom=$work/textfile/drb.prom
	arguments=$(value service ExecStart | sed "s|^/usr/sbin/drbctl ||
		s|[^ ]*/drb.prom$|$prom|")
	mkdir -p "${prom%/*}"
	# shellcheck disable=SC2086 # they are words
	XENSTORED_PATH=$host/socket "$tools/world.sh" "$host" setpriv \
		--bounding-set=-all --inh-caps=-all --no-new-privs \
		"$drbctl" $arguments || return
	[ "$(stat -c %a "$prom")" = 644 ] && grep -q '^drb_tools_info' "$prom" &&
		[ "$(ls -A "${prom%/*}")" = drb.prom ]
}

check units units_are_right
check hardened hardened
check units-noticed units_are_noticed
check conditions conditions
check runs-without-rights runs_without_rights
