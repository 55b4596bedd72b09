# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091

. /drb/drb.sh

# The backend, its guests, and how many vifs each of these has.
backend=${backend:-netdd} guests=${guests:-guest} each=${each:-30}
many=$(($(echo "$guests" | wc -w) * each))

# backend_on COMMAND: runs it in the backend's domain.
backend_on() {
	if [ "$backend" = Domain-0 ]; then
		sh -c "$1"
	else
		on "$backend" "$1"
	fi
}

# attached GUEST: one by one, since libxl waits ten seconds for a script, however many
# stand before it.
attached() {
	for _i in $(seq $((each - 1))); do
		xl network-attach "$1" backend="$backend" bridge=xenbr0 script=vif-drb ||
			return
		await 20 has_link "$1" "$_i" || {
			echo "vif $_i has no link"
			backend_on "dmesg | grep -iE 'drb|vif|xen' | tail -n 5"
			xenstore-ls -f | grep '/error = "..*"' | head -n 3
			return 1
		}
	done
}

has_link() {
	on "$1" "cd /sys/bus/xen/devices/vif-$2/net/* && ip link set \${PWD##*/} up &&
		grep 1 carrier"
}

# drb_vifs_of GUEST: how many of its vifs are DRB's at its end.
drb_vifs_of() {
	on "$1" "ls -d /sys/bus/xen/drivers/vif-drb/vif-* | wc -l"
}

all_are_drb() {
	_num=0
	for _guest in $guests; do
		_num=$((_num + $(drb_vifs_of "$_guest")))
	done
	_there=$(backend_on "ls -d /sys/bus/xen-backend/drivers/vif-drb/vif-* | wc -l")
	echo "$_num in the guests, $_there at the backend"
	[ "$_num" = "$many" ] && [ "$_there" = "$many" ]
}

# last_carries GUEST: its last vif works as well as its first.
last_carries() {
	_last=$(guest_dev "$1" $((each - 1)))
	on "$1" "ip addr flush dev $(guest_dev "$1" 0)"
	addr "$1" "$_last" 10.0.0.2/24 && await 10 on "$1" "ping -c 1 -W 1 10.0.0.1" &&
		on "$1" "ip addr flush dev $_last"
}

memory_free() {
	backend_on "awk '/MemAvailable/ { print \$2 }' /proc/meminfo"
}

# grants_used GUEST: of the entries that its table has so far, 512 in each frame.
grants_used() {
	on "$1" "/drb/kvar nr_grant_frames gnttab_free_count" |
		awk '{ n[$1] = $2 } END { print n["nr_grant_frames"] * 512 - n["gnttab_free_count"] }'
}

# What they take: grant entries of a guest, memory of the backend's domain.
told() {
	note "each of the $((each - 1)) took $((($(grants_used "$first") - \
		grants) / (each - 1))) grant entries of its guest, each of $((many - vifs)) $(((memory - \
		$(memory_free)) / (many - vifs))) KiB of the backend's memory"
}

addr "$backend" xenbr0 10.0.0.1/24
first=${guests%% *}
await 20 has_link "$first" 0
vifs=$(echo "$guests" | wc -w)
memory=$(memory_free) grants=$(grants_used "$first")
for guest in $guests; do
	check "$each vifs of $guest are attached" attached "$guest"
done
check "both ends of all $many are DRB's" all_are_drb
for guest in $guests; do
	check "the last one of $guest carries packets" last_carries "$guest"
done
told
# shellcheck disable=SC2086
check "no guest's kernel complains" unharmed $guests
check "the backend's kernel does not complain" backend_on \
	"dmesg >/tmp/dmesg && ! grep -E 'WARNING|BUG|Oops' /tmp/dmesg"
