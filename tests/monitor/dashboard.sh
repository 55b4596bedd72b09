# SPDX-License-Identifier: GPL-2.0
# The Grafana dashboard by itself. Debian has no Grafana: its form is looked at here,
# and live.sh has Prometheus answer its queries. Sourced by check.sh.
# shellcheck shell=sh disable=SC2016,SC2154,SC2317

dashboard=$root/packaging/grafana/drb.json

# wrong FILE: what is; succeeds if nothing is.
wrong() {
	known=$({
		printed
		echo ALERTS
		echo node_textfile_mtime_seconds
	} | jq -R . | jq -s .)
	said=$(jq -r --argjson known "$known" -f "$here/dashboard.jq" "$1") || return
	echo "$said"
	[ -z "$said" ]
}

# noticed_in WORDS FILTER: a dashboard that the filter has spoilt is found to be so.
noticed_in() {
	jq "$2" "$dashboard" >"$work/spoilt.json" || return
	wrong "$work/spoilt.json" >"$work/said"
	grep -q "$1" "$work/said" || {
		echo "not noticed: $2"
		return 1
	}
}

notices() {
	noticed_in 'an id twice' '.panels[1].id = .panels[0].id' &&
		noticed_in overlap '.panels[1].gridPos.x -= 1' &&
		noticed_in 'beside the grid' '.panels[6].gridPos.w = 25' &&
		noticed_in 'no metric drb_vif_waned' \
			'.panels[0].targets[0].expr = "sum(drb_vif_waned{})"' &&
		noticed_in 'no variable host' \
			'.panels[0].targets[0].expr = "up{instance=~\"$host\"}"' &&
		noticed_in 'another data source' '.panels[2].datasource.uid = "x"' &&
		noticed_in 'no legend' '.panels[8].targets[0].legendFormat = "__auto"'
}

check dashboard wrong "$dashboard"
check dashboard-noticed notices
