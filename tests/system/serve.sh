# SPDX-License-Identifier: GPL-2.0
# A guest by DRB, as README.md says, and then no DRB any more.
# shellcheck shell=sh disable=SC1091,SC2154

. ./system-lib.sh
. ./drb.sh

# The guest does not run before its policy holds.
policy_first() {
	xl create -p /root/guest.cfg || return
	await 10 policy_holds || policy_holds || return
	xl unpause guest
}

policy_holds() {
	drbctl policy guest --json >/run/drb/policy || return
	jq -c . /run/drb/policy
	jq -e '.max_tasks == 8 and .max_refs == 8192 and
		(.drivers | map(.name)) == ["Domain-0"]' /run/drb/policy
}

guest_started() {
	_failed=$(on guest "systemctl --failed --no-legend --plain")
	echo "$_failed"
	[ -z "$_failed" ]
}

# drbctl knows of one vif, DRB's, in the mode that this Xen allows for.
listed() {
	drbctl list && drbctl list --json >/run/drb/list &&
		jq -e --arg mode "$mode" 'length == 1 and .[0].mode == $mode and
			.[0].state == "connected" and .[0].errors == []' \
			/run/drb/list
}

# carried: what has gone through the rings, in packets.
carried() {
	drbctl show --json guest:0 |
		jq '.this_end.statistics | [to_entries[] |
			select(.key | test("^q[0-9]+_[rt]x_packets$")) | .value] |
			add // 0'
}

# The rings, and nothing beside them, have carried the streams.
by_the_rings() {
	_then=$(carried) && traffic && _now=$(carried) || return
	echo "$_then packets before, $_now behind"
	[ $((_now - _then)) -gt 1000 ]
}

# told TEXT: what the exporter would read has a line with it.
told() {
	grep -F "$1" /var/lib/prometheus/node-exporter/drb.prom
}

# sample NAME HANDLE VALUE: of a vif of the guest's.
sample() {
	told "drb_vif_$1{vif=\"vif$(domid guest).$2\",driver_domain_id=\"0\"} $3"
}

# The exporter is not here; its directory is enough for the timer. The service sees
# all that there is: xenstore, the device's counters and Xen's table.
metrics_come() {
	mkdir -p /var/lib/prometheus/node-exporter &&
		systemctl start drb-metrics.timer && await 40 sample served 0 1 &&
		sample wanted 0 1 && sample counted 0 1 &&
		told drb_queue_rx_packets_total && told 'drb_iotask_tasks{guest="guest"'
}

# A fallback is told at the next turn of the timer.
metrics_see_it() {
	await 40 sample stock "$_handle" 1 && sample wanted "$_handle" 1 &&
		sample served "$_handle" 0 && ! systemctl is-failed drb-metrics.service
}

# A guest without DRB is no defect of this host, and is told all the same.
guests_choice() {
	drbctl check --json >/run/drb/findings || return
	jq -c 'map([.check, .level, .found])' /run/drb/findings
	jq -e 'any(.[]; .check == "drivers bound" and .level == "warn" and
		(.found | contains("its guest has none")))' /run/drb/findings &&
		! drbctl check --strict
}

# Nothing of it is in the exporter's directory any more.
metrics_gone() {
	rmdir /var/lib/prometheus/node-exporter /var/lib/prometheus
}

# Without its driver the guest has the stock one alone, and so has its next vif.
leave_drb() {
	xl network-detach guest 0 &&
		await 20 on guest "rmmod netfront-drb" &&
		xl network-attach guest mac=00:16:3e:01:02:04 bridge=xenbr0 \
			script=vif-drb
}

# Udev has seen to it that xen-netback's device is where netback-drb's was.
fallen_back() {
	_handle=$(xl network-list guest | awk 'END { print $1 }')
	await 20 connected guest "$_handle" &&
		bound guest "$_handle" vif || return
	await 10 on_bridge "vif$(domid guest).$_handle" || return
	addr guest "$(guest_dev guest "$_handle")" 10.0.0.2/24 &&
		ping -c 3 -W 2 10.0.0.2
}

purged() {
	under 1500 apt purge -y drb-dkms drb-tools
}

check "the system is dom0 again" is_a_host || exit
check "all of it has started" all_started
check "drbctl check finds nothing to mend" drbctl check
check "the policy's service runs" systemctl is-active drb-policy.service
check "a bridge" make_bridge
guest_config "$script_line"
check "the policy holds before the guest runs" policy_first || exit
check "the guest is up" guest_up || exit
check "all of the guest has started" guest_started
check "the guest has an address" guest_address
check "vif-drb at both ends" both_ends vif-drb
check "on the bridge" on_bridge "vif$(domid guest).0"
check "ping and streams go by the rings" by_the_rings
check "drbctl list" listed
check "drbctl check likes the vif" drbctl check
check "metrics come where an exporter's directory is" metrics_come
check "a guest that leaves DRB attaches a vif" leave_drb
check "that falls back and is on the bridge" fallen_back
check "and metrics tell of it" metrics_see_it
check "drbctl check takes it for the guest's choice" guests_choice
check "the guest shuts down" timeout 180 xl shutdown -w guest
check "apt purge" purged
check "no metrics are left" metrics_gone
check "no file of DRB is left" as_before
