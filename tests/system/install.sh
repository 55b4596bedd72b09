# SPDX-License-Identifier: GPL-2.0
# README.md, "Install on a real Xen host", in dom0.
# shellcheck shell=sh disable=SC1091

. ./system-lib.sh

kver=$(uname -r)

# No network card and no package lists: all that is needed is there.
offline() {
	[ "$(ls /sys/class/net)" = lo ] && ! ls /var/lib/apt/lists/*_Packages
}

installed() {
	cd /root &&
		under 4800 apt install -y ./drb-dkms_*.deb ./drb-tools_*.deb
}

built() {
	dkms status drb | tee /dev/stderr | grep -q "$kver.*: installed" &&
		[ "$(modinfo -F filename netback-drb)" = \
			"/lib/modules/$kver/updates/dkms/netback-drb.ko" ]
}

in_initramfs() {
	lsinitramfs "/boot/initrd.img-$kver" | grep -q /netfront-drb.ko
}

# Step 3 without a reboot.
load_in_order() {
	modprobe -r xen-netback && modprobe netback-drb && modprobe xen-netback
}

# Before the next boot, after which the guest is to have it.
save_policy() {
	drbctl policy guest --drivers Domain-0 --max-tasks 8 --max-refs 8192 --save
}

no_metrics() {
	systemctl is-active drb-metrics.timer
	[ $? = 3 ] && [ ! -e /var/lib/prometheus ]
}

check "a Debian system is dom0" is_a_host || exit
check "without a network" offline
check "nothing of DRB runs" none_runs
check "all of it has started" all_started
snapshot /root/before
check "apt install" installed || exit
check "DKMS has built the modules" built
check "netfront-drb is in the initramfs" in_initramfs
if as_before >/dev/null; then
	fail "the comparison sees the packages" "no difference"
else
	pass "the comparison sees the packages"
fi
check "modprobe loads them in order" load_in_order
check "drbctl check finds nothing to mend" drbctl check
check "the policy's service is enabled" \
	systemctl is-enabled drb-policy.service
check "the policy's service runs" systemctl is-active drb-policy.service
check "the metrics' timer is enabled" systemctl is-enabled drb-metrics.timer
check "without an exporter it does not run" no_metrics
check "a policy is saved" save_policy
