# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091

. /drb/drb.sh

up_again() {
	await_domain guest && await 20 connected guest 0 && in_mode guest 0 &&
		await 20 ping -c 1 -W 1 10.0.0.2
}

times_connected() {
	on guest "dmesg | grep -c 'connected to domain'"
}

# The guest keeps its device, and with it name, addresses and routes.
same_device() {
	[ "$(guest_dev guest 0)" = "$front" ]
}

saved_and_restored() {
	xl save guest /tmp/saved && ! domid guest >/dev/null 2>&1 &&
		xl restore /tmp/saved
	_rc=$?
	rm -f /tmp/saved
	return $_rc
}

# Its connection, which it gave up before it was to be suspended, is a new one.
checkpointed() {
	_before=$(times_connected)
	xl save -c guest /tmp/saved || return
	rm -f /tmp/saved
	await 20 sh -c "[ \"\$(xl domid guest)\" -gt 0 ]" && up_again || return
	[ "${mode:-grants}" = grants ] || [ "$(times_connected)" -gt "$_before" ]
}

# To this very host, by way of a pipe in place of ssh.
migrated() {
	xl migrate -s "" guest "xl migrate-receive" >/tmp/migrate.log 2>&1 && return
	tail -n 5 /tmp/migrate.log
	return 1
}

nothing_mapped() {
	[ "$(lsevtchn 0 | grep -c .)" -le "$((channels + 2))" ]
}

addr Domain-0 xenbr0 10.0.0.1/24
front=$(guest_dev guest 0)
addr guest "$front" 10.0.0.2/24
channels=$(lsevtchn 0 | grep -c .)
check "the vif is up" up_again
for round in 1 2; do
	check "saved and restored, $round" saved_and_restored
	check "restored, $round: the vif is up" up_again
	check "restored, $round: the same device" same_device
done
check "checkpointed: the vif is up" checkpointed
check "checkpointed: once more" checkpointed
check "migrated" migrated
check "migrated: the vif is up" up_again
check "migrated: the same device" same_device
check "no event channels are left behind" nothing_mapped
