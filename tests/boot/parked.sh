# SPDX-License-Identifier: GPL-2.0
# Rings that Xen cannot take back, as an IOMMU does not forget their pages: the
# guest keeps them, and what was granted, until it can, and goes on meanwhile.
# shellcheck shell=sh disable=SC1091,SC2034

. /drb/drb.sh
. /drb/fake.sh

# iommu: it fails from here on, or works again.
iommu() {
	xl debug-keys J
}

task() {
	/drb/iot query "$(domid guest)" "$1" 0
}

tasks_there() {
	task 0 | grep 'rc=0' && task 1 | grep 'rc=0'
}

no_tasks() {
	task 0 | grep 'rc=-2'
}

grants_free() {
	on guest "/drb/kvar gnttab_free_count" | awk '{ print $NF }'
}

module_users() {
	on guest "cat /sys/module/netfront_drb/refcnt"
}

connects() {
	fake_connects && tasks_there
}

# All of the guest's ring is what the two tasks have.
parked() {
	[ "$(grants_free)" = "$connected" ] && tasks_there
}

unloading_waits() {
	[ "$(module_users)" = $((users + 1)) ]
}

given_back() {
	_free=$(grants_free)
	echo "$_free grants free, $free before"
	[ "$_free" = "$free" ] && no_tasks && [ "$(module_users)" = "$users" ]
}

# What is parked is looked at every ten seconds: nothing happens until it works.
stays_parked() {
	sleep 12
	parked
}


alive() {
	on guest "cat /proc/uptime"
}

new_vif() {
	xl network-detach guest 0
	sleep 2
	xl network-attach guest script=vif-drb bridge=xenbr0 &&
		await 20 connected guest 0 && in_mode guest 0 &&
		addr guest "$(guest_dev guest 0)" 10.0.0.2/24 &&
		await 10 ping -c 1 -W 1 10.0.0.2
}

mode=iotask
addr Domain-0 xenbr0 10.0.0.1/24
fake_takes_over
free=$(grants_free)
users=$(module_users)
check "a vif whose backend has its pages" connects
connected=$(grants_free)
iommu
check "not forgotten: the vif goes all the same" guest_unbind
check "not forgotten: its ring is kept, and so are the tasks" parked
check "not forgotten: the module cannot be unloaded" unloading_waits
check "not forgotten: it stays so" stays_parked
check "not forgotten: the guest goes on" alive
iommu
check "forgotten: all is given back" await 20 given_back
check "forgotten: the backend unmaps late" fake_ends
check "forgotten: a new vif works" new_vif
