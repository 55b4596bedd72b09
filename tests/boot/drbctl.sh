# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091,SC2016,SC2046,SC2086,SC2154

. /drb/drb.sh
. /drb/drbctl-lib.sh

MAC=00:16:3e:00:00:77
SAVED=/tmp/drb-policy.conf
mode=${mode:-grants}
guest=$(domid guest) netdd=$(domid netdd)
front=$(guest_dev guest 0)

# either IOTASK GRANTS: what is expected on this hypervisor.
either() {
	if [ "$mode" = iotask ]; then echo "$1"; else echo "$2"; fi
}

# ---- seeing ----------------------------------------------------------------

list_is_right() {
	holds 'length == 3 and
		map(.mode) == ["'"$mode"'", "stock", "'"$mode"'"] and
		all(.[]; .state == "connected" and .queues == 1 and
			.guest == {id: '"$guest"', name: "guest"} and
			.errors == []) and
		map(.driver_domain.name) == ["Domain-0", "Domain-0", "netdd"] and
		.[0].device == "vif'"$guest"'.0" and .[2].device == null and
		.[0].limit_bps == 10000000 and .[1].limit_bps == null' \
		drbctl list --json
}

# Columns of the table begin where their heads do.
list_is_aligned() {
	code 0 drbctl list && [ "$(wc -l <$OUT)" = 4 ] &&
		awk 'NR == 1 { at = index($0, "MODE") }
			NR > 1 && substr($0, at) !~ /^(iotask|grants|stock) / {
				print; exit 1
			}' $OUT
}

show_is_right() {
	holds '.backend_end.driver == "netback-drb" and
		.backend_end.driver_known_from == "kernel" and
		.backend_end.xenstore."drb-version" == "1" and
		.guest_end.driver == "netfront-drb" and
		.guest_end.xenstore."queue-0"."info-ref" != null and
		.this_end.rx_ring == 1048576 and
		.this_end.statistics.q0_rx_packets > 0' \
		drbctl show --json "$1"
}

show_elsewhere() {
	holds '.backend_end.driver == "netback-drb" and
		.backend_end.driver_known_from == "xenstore" and
		has("this_end") == false' drbctl show --json "guest:2"
}

show_stock() {
	holds '.mode == "stock" and .backend_end.driver == "xen-netback" and
		.guest_end.driver == "xen-netfront"' \
		drbctl show --json "vif$guest.1"
}

# All three ways to name it lead to the same vif.
named_three_ways() {
	show_is_right "vif$guest.0" && show_is_right guest:0 &&
		show_is_right "$guest:0"
}

no_such_vif() {
	fails 3 "no such vif" drbctl show eth7 &&
		fails 3 "has no vif 9" drbctl show guest:9 &&
		fails 3 "no such domain" drbctl show nobody:0
}

# The device counts what it carries, and drbctl what the device does.
stats_count() {
	drbctl stats --json guest:0 >/tmp/then &&
		ping -c 5 -i 0.2 -W 1 10.0.0.2 >/dev/null &&
		drbctl stats --json guest:0 >/tmp/now &&
		jq -e -n --slurpfile a /tmp/then --slurpfile b /tmp/now \
			'$a[0][0] as $x | $b[0][0] as $y |
			$y.to_guest.packets >= $x.to_guest.packets + 5 and
			$y.from_guest.packets >= $x.from_guest.packets + 5 and
			$y.statistics.q0_tx_packets >= $x.statistics.q0_tx_packets + 5' \
			>/tmp/jq.out
}

stats_rates() {
	ping -c 600 -i 0.1 -s 1000 10.0.0.2 >/dev/null 2>&1 &
	code 0 drbctl stats --json -i 0.5 -c 2 guest:0
	_rc=$?
	kill $!
	[ $_rc = 0 ] && jq -s -e 'length == 2 and
		all(.[][]; .to_guest_bps > 1000 and .from_guest_pps > 1)' \
		$OUT >/tmp/jq.out
}

# sample NAME HANDLE DOMAIN VALUE: of a vif that the domain serves.
sample() {
	grep -qxF "drb_vif_$1{vif=\"vif$guest.$2\",driver_domain_id=\"$3\"} $4" $OUT
}

# path HANDLE DOMAIN WANTED SERVED STOCK
path() {
	sample wanted "$1" "$2" "$3" && sample served "$1" "$2" "$4" &&
		sample stock "$1" "$2" "$5"
}

prometheus_is_right() {
	code 0 drbctl stats --prometheus && exposition $OUT &&
		sample connected 0 0 1 && sample counted 0 0 1 &&
		sample connected 2 "$netdd" 1 && sample counted 2 "$netdd" 0 &&
		path 0 0 1 1 0 && path 1 0 0 0 1 && path 2 "$netdd" 1 1 0 &&
		! grep '^drb_vif_error{.* 1$' $OUT &&
		grep -q "^drb_queue_rx_packets_total{vif=\"vif$guest.0\",.*queue=\"0\"}" $OUT &&
		[ "$(grep -c '^drb_iotask_tasks{' $OUT)" = "$(either 3 0)" ]
}

# What a guest writes into its own directory does no harm.
hostile_guest() {
	_dir=/local/domain/$guest/device/vif/1
	on guest "$(cat <<-'END'
		printf 'x\033[31m"\n' >/tmp/evil
		xenstore-write device/vif/1/drb-mode "$(cat /tmp/evil)"
		xenstore-write device/vif/1/multi-queue-num-queues 99999999999999999999
		xenstore-write error/device/vif/1/error "$(cat /tmp/evil)"
		xenstore-write $(for i in $(seq 70); do
			echo device/vif/1/key-$i $i
		done)
	END
	)" || return
	holds '.[1].queues == 1 and .[1].mode == "stock" and
		(.[1].errors[0] | contains("\\x1b[31m"))' drbctl list --json &&
		holds '(.guest_end.xenstore | length) <= 65 and
			.guest_end.xenstore."..." == "there are more"' \
			drbctl show --json guest:1 &&
		code 0 drbctl show guest:1 && ! grep -q "$(printf '\033')" $OUT
	_rc=$?
	xenstore-rm "/local/domain/$guest/error/device/vif/1" \
		$(xenstore-list "$_dir" | sed -n "s|^key-|$_dir/&|p")
	return $_rc
}

# ---- elsewhere than in dom0 ------------------------------------------------

# there DOMAIN FILTER ARGS: what drbctl says in that domain.
there() {
	_dom=$1 _filter=$2
	shift 2
	on "$_dom" "/drb/drbctl $*" >$OUT 2>&1 || { cat $OUT; return 1; }
	jq -e "$_filter" $OUT >/tmp/jq.out || { jq -c . $OUT; return 1; }
}

driver_domain_sees() {
	there netdd 'length == 1 and .[0].guest == {id: '"$guest"', name: null} and
		.[0].mode == "'"$mode"'" and .[0].driver_domain.name == "netdd"' \
		list --json &&
		there netdd '.[0].statistics.q0_tx_packets >= 0' stats --json &&
		there netdd 'all(.[]; .result != "fail")' check --json
}

# Just the tasks that it is the driver of, and nobody's totals but its own.
driver_domain_tasks() {
	there netdd '(.tasks | length) == 2 and
		all(.tasks[]; .driver_domain.id == '"$netdd"') and
		(.domains | map(.guest.id)) == ['"$netdd"']' tasks --json &&
		fails_on netdd "/drb/drbctl revoke $guest" 2>$ERR &&
		on netdd "/drb/drbctl revoke $guest 2>&1; [ \$? = 4 ]"
}

guest_sees() {
	there guest 'length == 3 and map(.device != null) == [true, true, true]' \
		list --json &&
		there guest '.guest_end.driver_known_from == "kernel" and
			.this_end.end == "guest"' show --json "$front" &&
		there guest 'all(.[]; .result != "fail")' check --json
}

# ---- the I/O task table ----------------------------------------------------

tasks_are_right() {
	holds '(.tasks | length) == 4 and
		all(.tasks[]; .state == "active" and .refs == 257 and
			.mapped == 257 and .denied == 0) and
		(.tasks | map(.direction) | sort) ==
			["from guest", "from guest", "to guest", "to guest"] and
		.domains[0].tasks == 4 and .domains[0].refs == 1028' \
		drbctl tasks --json guest
}

total_revoked() {
	drbctl tasks --json guest | jq '.domains[0].revoked'
}

# Of dom0's; those of the other driver domain are revoked by then.
revoke_one() {
	_before=$(total_revoked)
	_task=$(drbctl tasks --json guest |
		jq '[.tasks[] | select(.state == "active")][0].task')
	code 0 drbctl revoke guest "$_task" &&
		holds '[.tasks[] | select(.task == '"$_task"').state] ==
				["revoked"] and
			(.tasks | map(select(.state == "active")) | length) == 1 and
			.domains[0].revoked == '$((_before + 1)) \
			drbctl tasks --json guest &&
		fails 3 "no such task" drbctl revoke guest 12345678 &&
		fails 2 "neither" drbctl revoke guest some
}

revoke_all() {
	_before=$(total_revoked)
	code 0 drbctl revoke guest all &&
		holds 'all(.tasks[]; .state == "revoked" and .mapped == 0) and
			.domains[0].revoked == '$((_before + 1)) \
			drbctl tasks --json guest &&
		holds 'map(select(.guest.name == "guest").state) ==
			["revoked", "connected", "revoked"]' \
			drbctl list --json -n
}

# The backend notices at the next packet, and says so.
revoked_is_down() {
	! ping -c 2 -W 1 10.0.0.2 >/dev/null &&
		holds '.[0].errors[0] | contains("revoked")' drbctl list --json -n
}

no_table() {
	fails 3 "no I/O task table" drbctl tasks &&
		fails 3 "no I/O task table" drbctl revoke guest &&
		fails 3 "no I/O task table" drbctl policy guest &&
		fails 3 "no I/O task table" drbctl policyd
}

# ---- attaching -------------------------------------------------------------

# attach_works HANDLE: the next one that is free.
attach_works() {
	code 0 drbctl attach guest "mac=$MAC,bridge=xenbr0" &&
		[ "$(cat $OUT)" = "vif$guest.$1" ] && bound guest "$1" vif-drb &&
		in_mode guest "$1"
}

detach_works() {
	code 0 drbctl detach guest "vif$guest.3" &&
		! [ -e "/sys/class/net/vif$guest.3" ] &&
		fails 3 "has no vif 3" drbctl detach guest 3
}

attach_fails_cleanly() {
	fails 1 "$1" drbctl attach guest "mac=$MAC,bridge=$2" &&
		holds 'map(.handle) == [0, 1, 2]' drbctl list --json -n
}

usage_of_attach() {
	fails 2 "no key=value" drbctl attach guest bridge &&
		fails 3 "no such domain" drbctl attach nobody mac=$MAC &&
		fails 2 "takes no vifs" drbctl attach 0 mac=$MAC
}

# ---- policy ----------------------------------------------------------------

# The guest's driver begins anew with vif 0, and has to register tasks.
begin_anew() {
	on guest "cd /sys/bus/xen/drivers/vif-drb && echo vif-0 >unbind &&
		echo vif-0 >bind"
}

# refused WORDS: it does not connect, and drbctl list says why.
refused() {
	begin_anew && await 10 sh -c "/drb/drbctl list --json -n |
		jq -e '.[0].errors[0] | contains(\"$1\")'" &&
		holds '.[0].state != "connected"' drbctl list --json -n
}

policy_denies() {
	code 0 drbctl policy guest --drivers netdd &&
		holds '.drivers == [{id: '"$netdd"', name: "netdd"}] and
			.saved == false' drbctl policy --json guest &&
		refused "policy does not allow this driver domain"
}

# Two tasks are netdd's.
policy_caps() {
	code 0 drbctl policy guest --drivers any --max-tasks 3 --max-refs 2000 &&
		holds '.drivers == ["any"] and .max_tasks == 3 and
			.max_refs == 2000' drbctl policy --json guest &&
		refused "more than Xen" &&
		code 0 drbctl policy guest --max-tasks 64 --max-refs 16512 &&
		begin_anew &&
		await 10 connected guest 0 && tasks_are_right &&
		addr guest "$(guest_dev guest 0)" 10.0.0.2/24
}

policy_is_checked() {
	fails 3 "no such domain; nothing was set" \
		drbctl policy guest --drivers netdd,nobody &&
		fails 2 "is no number" drbctl policy guest --max-tasks 128 &&
		fails 2 "more than 8" \
			drbctl policy guest -d 0,1,2,3,4,5,6,7,8 &&
		holds '.drivers == ["any"]' drbctl policy --json guest
}

# Tasks there are stay, unless they are to go.
policy_revokes() {
	code 0 drbctl policy guest --drivers 0 && tasks_are_right &&
		code 0 drbctl policy guest --drivers Domain-0 --revoke &&
		holds '(.tasks | map(select(.state == "revoked") |
			.driver_domain.name)) == ["netdd", "netdd"]' \
			drbctl tasks --json guest &&
		code 0 drbctl policy guest --drivers any
}

save_policies() {
	echo "# kept" >$SAVED
	code 0 drbctl policy late --drivers netdd --max-tasks 9 --save -F $SAVED &&
		code 0 drbctl policy guest -t 60 --save --uuid -F $SAVED &&
		code 0 drbctl policy guest -t 50 && grep -q '^# kept$' $SAVED &&
		grep -q '^late drivers=netdd max-tasks=9$' $SAVED &&
		grep -q "^$(xenstore-read "/local/domain/$guest/vm" |
			sed 's|/vm/||') max-tasks=60\$" $SAVED
}

apply_policy() {
	code 0 drbctl policy apply guest -F $SAVED &&
		holds '.max_tasks == 60 and .saved == true' \
			drbctl policy --json guest -F $SAVED &&
		fails 3 "no policy for it" drbctl policy apply netdd -F $SAVED
}

forget_policy() {
	code 0 drbctl policy guest --forget --uuid -F $SAVED &&
		[ "$(wc -l <$SAVED)" = 2 ] && code 0 drbctl policy guest -t 64
}

# The service is there before the guest, which never gets to register a task.
start_policyd() {
	/drb/drbctl policyd -F $SAVED >/tmp/policyd.out 2>&1 &
	policyd=$!
	start_domain late && await_domain late
}

policy_came_first() {
	late=$(domid late)
	grep "domain $late (late): policy set" /tmp/policyd.out &&
		await 10 sh -c "xenstore-read \
			/local/domain/$late/error/device/vif/0/error |
			grep 'policy does not allow'" &&
		holds '.max_tasks == 9 and .drivers[0].name == "netdd" and
			.tasks == 0 and .revoked == 0' drbctl policy --json late
}

# What is set by hand stays when other domains come; a changed file is applied.
policyd_goes_on() {
	sed -i 's/max-tasks=9/max-tasks=8/' $SAVED
	kill -HUP "$policyd"
	await 5 max_tasks_of late 8 || return
	kill "$policyd"
	wait "$policyd"
}

max_tasks_of() {
	[ "$(drbctl policy --json "$1" | jq .max_tasks)" = "$2" ]
}

# ---- check -----------------------------------------------------------------

ready() {
	mkdir -p /etc/modprobe.d && cp /drb/drb.conf /etc/modprobe.d/ || return
	code 0 drbctl check && reports hypervisor "$(either ok warn)" \
		"$(either 'has the I/O task table' 'no I/O task table')" &&
		reports netback-drb ok loaded && reports order ok before &&
		reports "next boot" ok "rule" &&
		reports "vif-drb script" ok vif-bridge &&
		reports "drivers bound" ok "none of 2" &&
		reports mappings ok "514 of" && reports iommu warn "no IOMMU" &&
		reports "driver domain" warn "dom0 is privileged" &&
		reports "asked for" warn "1 of 3 vifs do not ask for DRB: vif$guest.1" &&
		code 1 drbctl check --strict
}

script_missing() {
	_scripts=/etc/xen/scripts
	chmod -x $_scripts/vif-drb
	defect "vif-drb script" "not executable"
	_rc=$?
	chmod +x $_scripts/vif-drb
	mv $_scripts/vif-bridge $_scripts/aside
	defect "vif-drb script" "vif-bridge, which is not there" || _rc=1
	mv $_scripts/aside $_scripts/vif-bridge
	return $_rc
}

module_missing() {
	_dep=/lib/modules/$(uname -r)/modules.dep _rule=/etc/modprobe.d/drb.conf
	modprobe -r netback-drb xen-netback &&
		reports netback-drb ok "loaded when xen-netback is" || return
	mv $_rule /tmp/rule
	defect netback-drb "installed, but not loaded"
	_rc=$?
	mv /tmp/rule $_rule
	[ $_rc = 0 ] || return
	cp "$_dep" /tmp/modules.dep
	sed -i '/netback-drb/d' "$_dep"
	defect netback-drb "not installed"
	_rc=$?
	cp /tmp/modules.dep "$_dep"
	return $_rc
}

# The vif that asks for DRB falls to the driver that is asked first.
stock_first() {
	rm /etc/modprobe.d/drb.conf
	modprobe xen-netback && modprobe netback-drb &&
		defect order "xen-netback was loaded before netback-drb" &&
		xl network-attach guest mac=$MAC script=vif-drb bridge=xenbr0 &&
		defect "drivers bound" "vif$guest.0 asks for DRB, but has xen-netback" &&
		reports "next boot" warn "no rule"
}

mended() {
	code 0 drbctl detach guest 0 &&
		modprobe -r xen-netback && modprobe -r netback-drb &&
		modprobe netback-drb && modprobe xen-netback &&
		attach_works 0 && reports order ok before &&
		reports "drivers bound" ok "none of"
}

detach_all() {
	[ "$mode" != iotask ] || xl destroy late
	for _handle in 0 1 2; do
		code 0 drbctl detach guest $_handle || return
	done
	holds 'length == 0' drbctl list --json
}

# ---- all of it -------------------------------------------------------------

addr Domain-0 xenbr0 10.0.0.1/24
addr guest "$front" 10.0.0.2/24
await 10 ping -c 1 -W 1 10.0.0.2

check "list: all three vifs" list_is_right
check "list: a table" list_is_aligned
check "show: both ends, by each of a vif's names" named_three_ways
check "show: a vif of another driver domain" show_elsewhere
check "show: a stock vif" show_stock
check "show: no such vif or domain" no_such_vif
check "stats: packets are counted" stats_count
check "stats: rates" stats_rates
check "stats: Prometheus' format" prometheus_is_right
check "a hostile guest's xenstore" hostile_guest
check "in the driver domain" driver_domain_sees
check "in the guest" guest_sees
check "check: this host is ready" ready
check "check: script missing" script_missing
check "attach" attach_works 3
check "detach" detach_works
check "attach: wrong usage" usage_of_attach
check "attach: a bridge that is not there" attach_fails_cleanly "" nobridge
if [ "$mode" = iotask ]; then
	check "tasks: two for each DRB vif" tasks_are_right
	check "tasks: in the driver domain" driver_domain_tasks
	check "policy: wrong values change nothing" policy_is_checked
	check "policy: another driver domain is denied" policy_denies
	check "policy: limits" policy_caps
	check "policy: revoking what it does not admit" policy_revokes
	check "policy: saved" save_policies
	check "policy: applied by hand" apply_policy
	check "policy: forgotten" forget_policy
	check "policyd: a guest is created" start_policyd
	check "policyd: its policy came first" policy_came_first
	check "policyd: the file changes" policyd_goes_on
	check "revoke: one task" revoke_one
	check "revoke: all" revoke_all
	check "revoke: the vif is down, and says why" revoked_is_down
else
	check "no I/O task table: mode grants" no_table
fi
check "detach: all there are" detach_all
check "check: module missing" module_missing
check "check: stock driver first" stock_first
check "check: mended" mended
