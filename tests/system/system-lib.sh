# SPDX-License-Identifier: GPL-2.0
# What the scripts in the installed system share.
# shellcheck shell=sh disable=SC2154

export DEBIAN_FRONTEND=noninteractive
mkdir -p /run/drb/more
# Not purged with the packages, nor theirs: notes, logs and caches of others, and
# the key that DKMS makes for the machine.
passing='/root /tmp /var/tmp /var/log /var/cache /var/lib/apt /var/lib/dpkg
	/var/lib/systemd /var/lib/xen /var/lib/xenstored
	/var/lib/dkms/mok.key /var/lib/dkms/mok.pub'

# under SECONDS COMMAND...: with its time in a note, and its output in the logs.
under() {
	_limit=$1
	shift
	_began=$(centiseconds)
	timeout "$_limit" "$@" >"/run/drb/more/$1-$2.log" 2>&1 || {
		_code=$?
		tail -n 5 "/run/drb/more/$1-$2.log"
		return $_code
	}
	note "$1 $2 took $((($(centiseconds) - _began) / 100)) s"
}

# Names, kinds, rights and links of all files; contents of what configures the
# system and its modules; what is in each initramfs; and the packages.
tell_system() {
	set --
	for p in $passing; do
		set -- "$@" -path "$p" -prune -o
	done
	find / -xdev "$@" -printf '%y %m %p %l\n'
	find /etc /usr/lib/modprobe.d /lib/modules/*/modules.* -type f \
		-exec sha256sum {} +
	for image in /boot/initrd.img-*; do
		lsinitramfs "$image" | sed "s|^|$image |"
	done
	# shellcheck disable=SC2016
	dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n'
}

snapshot() {
	tell_system | sort >"$1"
}

# as_before: the system is what it was before the packages came.
as_before() {
	snapshot /root/after
	diff /root/before /root/after >/run/drb/more/changes.diff || {
		head -n 5 /run/drb/more/changes.diff | tr '\n' ' '
		return 1
	}
}

# Nothing of DRB runs, and nothing would.
none_runs() {
	! grep -E '^(drb_core|netback_drb|netfront_drb) ' /proc/modules &&
		[ ! -e /sys/bus/xen-backend/drivers/vif-drb ] &&
		! systemctl cat drb-policy.service
}

# All that systemd was to start has started.
all_started() {
	_failed=$(systemctl --failed --no-legend --plain)
	echo "$(systemctl is-system-running): $_failed"
	[ -z "$_failed" ]
}

# is_a_host: booted by systemd from its disk, on Xen, as dom0.
is_a_host() {
	[ "$(cat /proc/1/comm)" = systemd ] &&
		[ "$(stat -f -c %T /)" = ext2/ext3 ] &&
		grep -q control_d /proc/xen/capabilities && xl info
}

make_bridge() {
	ip link add xenbr0 type bridge && ip link set xenbr0 up &&
		ip addr add 10.0.0.1/24 dev xenbr0
}

# guest_config EXTRA: of a guest that is the system on the other disk; EXTRA goes
# into the vif's line.
guest_config() {
	cat >/root/guest.cfg <<-END
	name = "guest"
	kernel = "/boot/vmlinuz-$(uname -r)"
	ramdisk = "/boot/initrd.img-$(uname -r)"
	extra = "root=/dev/xvda rw console=hvc0 panic_on_warn=1 oops=panic panic=-1"
	memory = 768
	cpus = "1"
	tsc_mode = "native"
	on_crash = "preserve"
	disk = ['phy:/dev/disk/by-id/virtio-guest,xvda,w']
	vif = ['mac=00:16:3e:01:02:03,bridge=xenbr0$1']
	END
}

guest_up() {
	agent -t 300 ready guest
}

# driver_of DEVICE: as README.md says to ask.
driver_of() {
	readlink "/sys/class/net/$1/device/driver"
}

# both_ends NAME: the driver's, for the guest's first vif.
both_ends() {
	_back=$(driver_of "vif$(domid guest).0")
	_front=$(on guest "readlink /sys/class/net/$front/device/driver")
	echo "dom0: $_back, guest: $_front"
	[ "${_back##*/}" = "$1" ] && [ "${_front##*/}" = "$1" ]
}

guest_address() {
	front=$(guest_dev guest 0)
	addr guest "$front" 10.0.0.2/24
}

on_bridge() {
	[ "$(basename "$(readlink "/sys/class/net/$1/master")")" = xenbr0 ]
}

# tcp [OPTION]: a stream through the bridge arrives.
tcp() {
	iperf3 -c 10.0.0.2 -t 3 -J "$@" >/run/drb/iperf3 || {
		jq -r .error /run/drb/iperf3
		return 1
	}
	_bytes=$(jq .end.sum_received.bytes /run/drb/iperf3)
	echo "$_bytes bytes"
	[ "$_bytes" -gt 1000000 ]
}

# traffic: a ping, and a stream each way.
traffic() {
	ping -c 5 -i 0.2 -W 2 10.0.0.2 || return
	on guest "iperf3 -s -D" && await_port guest 5201 && tcp && tcp -R
}
