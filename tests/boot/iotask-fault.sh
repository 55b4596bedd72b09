# SPDX-License-Identifier: GPL-2.0
# The IOMMU does not forget a page when a task is revoked: nothing is let go of
# until it does, or the driver domain is gone, and the guest is told so.
# shellcheck shell=sh disable=SC1091,SC2034,SC2086,SC2154

. /drb/task.sh

# iommu: it fails from here on, or works again.
iommu() {
	xl debug-keys J
}

# told RC MAPPED: what the guest hears, and what Xen says of the task.
told() {
	says rc="$1" g revoke $SELF $ALL 0 &&
		says "rc=0 mapped=$2" g query $SELF 0 0
}

# Nothing can be dropped, ended, or had by anybody else.
kept() {
	told -5 8 && says state=2 g query $SELF 0 0 &&
		says rc=-16 g drop $SELF "$id" 0 && says busy=8 g end 0 8 &&
		says used=8 g used 0 8
}

# The hardware domain is not ended by a guest; it may get over it.
hardware_domain() {
	offer $WRITE 8 && id=$(value id) && try 8 8 $HOST && iommu || return
	kept && kept
	_rc=$?
	iommu
	[ $_rc = 0 ] && g grant 0 0 0 8 >/dev/null && told 0 0 && unmapped_all
}

# The driver domain has seen nothing of what came afterwards.
unmapped_all() {
	says busy=0 g end 0 8 && g fill $SECRET 0 8 &&
		says equal=0 d look 0 8 $SECRET && says ok=8 d unmap 0 8
}

# It fails when the driver domain unmaps: then, too, all is kept until it works.
unmapping() {
	offer 0 8 && try 8 8 $((HOST | READ)) && says ok=8 d unmap 0 8 &&
		says "rc=0 mapped=0" g query $SELF 0 0
}

crashed() {
	xl list driver | grep -q -- '[-s]c- '
}

# An unprivileged driver domain is ended, and once it is gone all comes back.
other_domain() {
	driver=driver driver_id=$(domid driver)
	expect_crash driver
	offer $WRITE 8 && id=$(value id) && try 8 8 $HOST && iommu || return
	kept && await 10 crashed && kept
	_rc=$?
	xl destroy driver
	iommu
	[ $_rc = 0 ] && await 20 sh -c "! /drb/hv domains | grep -q '^$driver_id '" &&
		told 0 0 && says busy=0 g end 0 9 && says rc=0 g drop $SELF $ALL 0 &&
		says lost=0 g free
}

# A guest that is destroyed meanwhile stays until its driver domain is gone.
guest_goes() {
	driver=driver guest=victim
	start_domain driver && await_domain driver && start_domain victim &&
		await_domain victim && driver_id=$(domid driver) &&
		offer $WRITE 8 && try 8 8 $HOST && iommu || return
	xl destroy victim
	sleep 2
	hv domains | grep -q "^$guest_id dying"
	_rc=$?
	iommu
	[ $_rc = 0 ] && await 10 crashed && xl destroy driver &&
		await 20 sh -c "! /drb/hv domains | grep -q '^$guest_id '"
}

check "grant tables have grown" hardware_domain
check "grant tables have grown: tidied up" tidy
note_free
row "not forgotten, the hardware domain" hardware_domain
row "unmapped while it works" unmapping
check "not forgotten, another driver domain" other_domain
check "the guest is destroyed meanwhile" guest_goes
