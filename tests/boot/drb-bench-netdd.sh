# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091,SC2154

. /drb/drb.sh

OUT=/tmp/run

guest_serves() {
	xenstore-read "/local/domain/$(domid guest)/device/vif/0/drb-bench"
}

# For the guest and its driver domain; dom0 is asked here, and may read all.
token_is_kept() {
	xenstore-ls -p "/local/domain/$(domid guest)/device/vif/0" >/tmp/keys
	grep drb-bench-token /tmp/keys
	grep -qE "^drb-bench-token = .*\(n$(domid guest),r$(domid netdd)\)\$" \
		/tmp/keys
}

# By the guest's number: a driver domain may not know names.
measures() {
	on_timeout=200 on netdd "/drb/drb-bench $(domid guest) --quick \
		--cells '^(rx-60-b1|tx-1496-b1|tcp-tx-1|rtt-64)\$' --out $OUT" &&
		on netdd "cat $OUT/report.json" >/tmp/report.json
}

cells_are_there() {
	jq -c '.cells[] | [.cell, .path, .median]' /tmp/report.json
	jq -e --arg mode "${mode:-grants}" '[.cells[] | select(.path == $mode and
		.num == 2 and .median > 5).cell] | unique ==
		["rtt-64", "rx-60-b1", "tcp-tx-1", "tx-1496-b1"]' /tmp/report.json
}

conditions_are_told() {
	jq -e --arg mode "${mode:-grants}" '.conditions.vif."0".path == $mode and
		(.conditions.here.drivers.netback_drb | length) >= 16' /tmp/report.json
}

addr netdd xenbr0 10.0.0.1/24
addr guest "$(guest_dev guest 0)" 10.0.0.2/24
check "the guest answers" await 20 on netdd "ping -c 1 -W 1 10.0.0.2"
start guest serve "/drb/drb-bench --serve"
check "the guest serves" await 20 guest_serves
check "its token is for the driver domain" token_is_kept
check "drb-bench in the driver domain" measures
check "all cells" cells_are_there
check "the conditions" conditions_are_told
