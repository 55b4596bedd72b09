#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: grub.sh
# Makes boot menus by the GRUB of each release, with and without the files of the
# hypervisor's package: the default and all other entries are to stay as they are.
# One line per check: PASS name, FAIL name: why, SKIP name: why.
# shellcheck disable=SC2317 # its functions are called by expect
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
# shellcheck source=../testbed/inroot.sh
. "$top/testbed/inroot.sh"

status=0
kernel=6.1.0-1-amd64

# expect NAME COMMAND...
expect() {
	name=xen.$XEN_VERSION.grub.$1
	shift
	if "$@" >"$scratch/said" 2>&1; then
		echo "PASS $name"
	else
		echo "FAIL $name: $*"
		tail -n 20 "$scratch/said" | sed 's/^/# /'
		status=1
	fi
}

inside() {
	in_root "$root" env PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# A root with Debian's Xen and a kernel, whose disk is a name and no more.
make_root() {
	cp -al "$DRB_CACHE/grub-$codename" "$root"
	mkdir -p "$root/boot/grub" "$root/dev" "$root/proc" "$root/sys" "$root/tmp" \
		"$root/etc/default"
	for f in "xen-$XEN_VERSION-amd64.gz" "vmlinuz-$kernel" "initrd.img-$kernel"; do
		echo "$f" >"$root/boot/$f"
	done
	echo CONFIG_XEN_DOM0=y >"$root/boot/config-$kernel"
	rm -f "$root/usr/sbin/grub-probe"
	cat >"$root/usr/sbin/grub-probe" <<-'END'
	#!/bin/sh
	case "$*" in
	*--target=device*) echo /dev/vda1 ;;
	*--target=fs_uuid*) echo 01234567-89ab-cdef-0123-456789abcdef ;;
	*--target=fs*) echo ext2 ;;
	esac
	END
	chmod +x "$root/usr/sbin/grub-probe"
}

# menu NAME SETTING: grub.cfg, as update-grub would make it, in $scratch/NAME.
menu() {
	printf 'GRUB_DISTRIBUTOR=Debian\nGRUB_CMDLINE_XEN=loglvl=all\n%s\n' "$2" \
		>"$root/etc/default/grub"
	inside grub-mkconfig >"$scratch/$1" 2>"$scratch/$1.err" ||
		cat "$scratch/$1.err"
}

install_files() {
	echo drb >"$root/boot/drb-xen-$XEN_VERSION-amd64.gz"
	script=$root/etc/grub.d/60_xen-$XEN_VERSION-drb
	sed "s/@V@/$XEN_VERSION/g" "$here/debian/grub.sh" >"$script"
	chmod +x "$script"
}

# All that was there is there, in its order, and before what has been added.
only_added() {
	grep -q '^menuentry .*with Xen ' "$scratch/before" || return
	diff "$scratch/before" "$scratch/after" >"$scratch/diff"
	! grep '^<' "$scratch/diff" && grep '^>' "$scratch/diff"
}

same_default() {
	grep 'set default=' "$scratch/before" >"$scratch/was"
	grep 'set default=' "$scratch/after" | diff "$scratch/was" - &&
		[ -s "$scratch/was" ]
}

# One entry, as the stock one but for the hypervisor and its options.
one_entry() {
	grep -c iotask=1 "$scratch/after" | grep -qx 1 &&
		[ "$(grep -c "'xen-$XEN_VERSION-drb'" "$scratch/after")" = 1 ] &&
		grep "/boot/drb-xen-$XEN_VERSION-amd64.gz.* loglvl=all.* iotask=1" \
			"$scratch/after" &&
		awk -v id="'xen-$XEN_VERSION-drb'" '
			/^menuentry / { inside = index($0, id) }
			inside { print }
			/^}/ { inside = 0 }' "$scratch/after" >"$scratch/entry" &&
		grep "vmlinuz-$kernel .*root=" "$scratch/entry" &&
		grep "initrd.img-$kernel" "$scratch/entry" &&
		! grep savedefault "$scratch/entry" &&
		inside grub-script-check <"$scratch/after"
}

# The script stays in /etc when the package is removed, and has nothing to say.
removed() {
	rm "$root/boot/drb-xen-$XEN_VERSION-amd64.gz"
	menu after ''
	diff "$scratch/before" "$scratch/after" | grep '^[<>]' >"$scratch/diff"
	! grep -v '^> ###.*/60_xen-\|^> $' "$scratch/diff"
}

# check_menu NAME SETTING
check_menu() {
	rm -f "$root"/etc/grub.d/60_* "$root"/boot/drb-*
	menu before "$2"
	install_files
	menu after "$2"
	expect "$1.only-added" only_added
	expect "$1.same-default" same_default
	expect "$1.entry" one_entry
}

# One that GRUB finds by itself, and puts first, must be noticed.
notices() {
	rm -f "$root"/etc/grub.d/60_*
	echo drb >"$root/boot/xen-$XEN_VERSION-drb-amd64.gz"
	menu after ''
	rm "$root/boot/xen-$XEN_VERSION-drb-amd64.gz"
	! only_added
}

check_menus() {
	check_menu flat GRUB_DISABLE_SUBMENU=y
	check_menu first XEN_OVERRIDE_GRUB_DEFAULT=0
	check_menu saved 'XEN_OVERRIDE_GRUB_DEFAULT=0 GRUB_DEFAULT=saved GRUB_SAVEDEFAULT=true'
	check_menu plain ''
	expect removed removed
	expect notices notices
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export XEN_VERSION
for XEN_VERSION in $versions; do
	codename=$(xen_release)
	[ -n "$codename" ] || continue
	if [ ! -e "$DRB_CACHE/grub-$codename.stamp" ]; then
		echo "SKIP xen.$XEN_VERSION.grub: no mirror of Debian had GRUB"
		continue
	fi
	root=$scratch/root-$codename
	make_root
	check_menus
done
exit "$status"
