#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: check.sh DIR
# Builds the packages, installs them in a Debian root and purges them, in DIR.
# One line per check: PASS name, FAIL name: why, SKIP name: why.
# shellcheck disable=SC2317 # its functions are called by check
set -u

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
# shellcheck source=../../testbed/config.sh
. "$top/testbed/config.sh"
# shellcheck source=../../testbed/inroot.sh
. "$top/testbed/inroot.sh"

failed=0

# check NAME COMMAND...: passes when the command succeeds, and shows the end of
# what it said when not.
check() {
	name=deb.$1
	shift
	if "$@" >"$dir/said" 2>&1; then
		echo "PASS $name"
		return
	fi
	echo "FAIL $name: $(tail -n 1 "$dir/said")"
	tail -n 20 "$dir/said" | sed 's/^/# /'
	failed=1
	return 1
}

inside() {
	in_root "$root" "$@"
}

# Lintian has a say in it.
build() {
	"$top/packaging/deb.sh" "$dir/one"
}

# The same tree in another place, at another time.
reproducible() {
	"$top/packaging/deb.sh" "$dir/two/deeper" || return
	for deb in "$dir"/one/*.deb; do
		cmp "$deb" "$dir/two/deeper/${deb##*/}" || return
	done
}

licences() {
	rm -rf "$dir/unpacked"
	for deb in "$dir"/one/*.deb; do
		dpkg-deb -x "$deb" "$dir/unpacked"
	done
	bare=$(find "$dir/unpacked/usr/src" "$dir/unpacked/etc" -type f ! -name version -exec \
		grep -L 'SPDX-License-Identifier: ' {} +)
	[ -z "$bare" ] || {
		echo "no licence: $bare"
		return 1
	}
	grep -q '^Format: .*copyright-format/1.0/$' \
		"$dir/unpacked/usr/share/doc/drb-dkms/copyright"
}

# page_names PAGE WORD: has the manual page an item for the parameter?
page_names() {
	zgrep -qx "\.It Cm $2" "$dir/unpacked/usr/share/man/$1.gz" || {
		echo "$1 does not have $2"
		return 1
	}
}

# Each parameter of a module is in its manual page.
parameters() {
	for pair in drb-core:man7/drb.7 netfront-drb:man4/netfront-drb.4 \
		netback-drb:man4/netback-drb.4; do
		parms=$(inside modinfo -k "$kver" -F parm "${pair%%:*}" |
			cut -d : -f 1)
		[ -n "$parms" ] || return
		for parm in $parms; do
			page_names "${pair#*:}" "$parm" || return
		done
	done
}

# The pages are free of mistakes.
manual() {
	for page in "$dir"/unpacked/usr/share/man/man*/*.gz; do
		said=$(MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 \
			>/dev/null)
		[ -z "$said" ] || {
			echo "${page##*/}: $said"
			return 1
		}
	done
}

unpack_root() {
	rm -rf "$root"
	mkdir -p "$root"
	tar -xpf "$DRB_SYSTEM" -C "$root"
}

# DKMS' key is made once and stays: it belongs to the machine.
make_key() {
	inside sh -euc 'mkdir -p /var/lib/dkms
		openssl req -new -x509 -nodes -days 9 -subj "/CN=test key" \
			-newkey rsa:2048 -keyout /var/lib/dkms/mok.key \
			-outform DER -out /var/lib/dkms/mok.pub'
}

# What of the root could be of DRB: names, kinds, rights and contents, without
# package manager's notes, logs and caches. Images are looked into.
snapshot() {
	(
		cd "$root" || exit
		find . \( -path ./proc -o -path ./sys -o -path ./dev \
			-o -path ./var/log -o -path ./var/cache -o -path ./tmp \
			-o -path ./var/lib/dpkg \) -prune -o -printf '%y %m %p %l\n'
		find ./etc ./usr/lib/modules ./usr/lib/modprobe.d -type f \
			-exec sha256sum {} +
		for image in boot/initrd.img-*; do
			inside lsinitramfs "/$image" | sed "s|^|$image |"
		done
		# shellcheck disable=SC2016
		inside dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n'
	) | sort
}

install_packages() {
	cp "$dir"/one/drb-dkms_*.deb "$root/tmp/drb-dkms.deb" &&
		cp "$dir"/one/drb-tools_*.deb "$root/tmp/drb-tools.deb" &&
		inside dpkg -i /tmp/drb-dkms.deb /tmp/drb-tools.deb
}

# Built by DKMS for the kernel of the root, with this version's sources.
built() {
	inside dkms status drb | tee /dev/stderr | grep -q "$kver.*: installed" ||
		return
	for m in drb-core netback-drb netfront-drb; do
		file=$(inside modinfo -k "$kver" -F filename "$m") || return
		[ "${file%/*}" = "/lib/modules/$kver/updates/dkms" ] || return
		inside modinfo -F vermagic "$file" | grep "^$kver " || return
	done
}

signed() {
	inside modinfo -k "$kver" -F signer netfront-drb | grep -x 'test key'
}

files() {
	for f in usr/lib/modprobe.d/drb.conf etc/xen/scripts/vif-drb \
		etc/xen/vif-drb.conf usr/share/initramfs-tools/hooks/drb-dkms \
		usr/share/man/man7/drb.7.gz usr/share/man/man8/vif-drb.8.gz \
		usr/share/doc/drb-dkms/secure-boot.md; do
		[ -f "$root/$f" ] || {
			echo "no $f"
			return 1
		}
	done
	[ -x "$root/etc/xen/scripts/vif-drb" ] &&
		cmp "$root/etc/xen/scripts/vif-drb" "$top/tools/vif-drb"
}

drbctl() {
	inside drbctl --version &&
		[ -f "$root/usr/share/man/man8/drbctl.8.gz" ]
}

# The timer is enabled; without the exporter's directory it does not start.
metrics() {
	[ -L "$root/etc/systemd/system/timers.target.wants/drb-metrics.timer" ] &&
		[ -f "$root/lib/systemd/system/drb-metrics.service" ] &&
		[ -f "$root/usr/share/man/man7/drb-metrics.7.gz" ] &&
		(cd "$top/packaging" && sha256sum -- */drb.rules.yml */drb.json |
			sed 's|  .*/|  |') >"$dir/sums" &&
		(cd "$root/usr/share/doc/drb-tools/examples" && sha256sum -c "$dir/sums")
}

# loads_first STOCK DRB: modprobe would load DRB's driver before the stock one.
loads_first() {
	inside modprobe -S "$kver" --show-depends "$1" >"$dir/order" || return
	cat "$dir/order"
	awk -v stock="/$1.ko" -v drb="/$2.ko" '
		index($0, drb) { seen = 1 }
		index($0, stock) { found = seen }
		END { exit !found }' "$dir/order"
}

# in_image FILE: and its dependency, and the rules that order them.
in_image() {
	inside lsinitramfs "$1" >"$dir/image" || return
	for f in xen-netfront.ko netfront-drb.ko drb-core.ko modprobe.d/drb.conf
	do
		grep -q "/$f\$" "$dir/image" || {
			echo "$f is not in it"
			return 1
		}
	done
}

# One that has no xen-netfront has no need of it.
only_if_wanted() {
	mkdir -p "$root/tmp/conf"
	cp -r "$root/etc/initramfs-tools/." "$root/tmp/conf"
	sed -i 's/^MODULES=.*/MODULES=list/' "$root/tmp/conf/initramfs.conf"
	inside mkinitramfs -d /tmp/conf -o /tmp/small "$kver" &&
		inside lsinitramfs /tmp/small >"$dir/image" &&
		grep -q 'modprobe.d/drb.conf$' "$dir/image" &&
		! grep -e netfront "$dir/image"
}

# What the installation of a kernel does, for which there is nothing yet.
new_kernel() {
	inside dkms unbuild "drb/$version" -k "$kver" &&
		! inside modinfo -k "$kver" netfront-drb &&
		rm "$root/boot/initrd.img-$kver" &&
		inside run-parts --report --exit-on-error --arg="$kver" \
			--arg="/boot/vmlinuz-$kver" /etc/kernel/postinst.d &&
		built && in_image "/boot/initrd.img-$kver"
}

# Not only for the newest kernel: the other one is to fall back to.
each_kernel() {
	for m in drb-core netback-drb netfront-drb; do
		inside modinfo -k "$other" -F vermagic "$m" | grep "^$other " || return
	done
}

# A kernel for which nothing can be built, as with headers that the modules do not
# know yet.
break_headers() {
	headers=$root/usr/src/linux-headers-$other/include/generated/autoconf.h
	cp "$headers" "$dir/autoconf.h" &&
		echo '#error "headers of another time"' >>"$headers"
}

# what_to_do: it is said, and modules for the other kernel are there.
what_to_do() {
	grep "could not be built for Linux $other.*/make.log" "$dir/broken" &&
		grep "run: /usr/lib/drb/drb-build $other" "$dir/broken" &&
		inside modinfo -k "$kver" -F filename netfront-drb
}

# Neither the package, nor the kernel is left half installed.
broken_build() {
	break_headers || return
	# shellcheck disable=SC2016
	inside dpkg -i /tmp/drb-dkms.deb >"$dir/broken" 2>&1 && what_to_do &&
		[ "$(inside dpkg-query -W -f '${db:Status-Abbrev}' drb-dkms)" = "ii " ] &&
		inside run-parts --report --exit-on-error --arg="$other" \
			/etc/kernel/header_postinst.d >"$dir/broken" 2>&1 &&
		what_to_do && ! inside /usr/lib/drb/drb-build "$other" &&
		! inside modinfo -k "$other" netfront-drb
}

mended_build() {
	cp "$dir/autoconf.h" "$headers" &&
		inside /usr/lib/drb/drb-build "$other" && each_kernel
}

purge() {
	echo '# by hand' >"$root/etc/xen/drb-policy.conf"
	inside dpkg --purge drb-dkms drb-tools && rm -rf "${root:?}"/tmp/*
}

# nothing_left: compared with before the installation.
nothing_left() {
	snapshot >"$dir/after"
	diff "$dir/before" "$dir/after"
}

# Or it would not see what they leave either.
sees_packages() {
	! nothing_left >/dev/null
}

dir=${1:?usage: check.sh DIR}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
root=$dir/root
check build build || exit
check reproducible reproducible
check licences licences
check manual manual
have_system || {
	echo "SKIP deb.install: $no_system"
	exit "$failed"
}
check root unpack_root && check key make_key || exit
kver=$(echo "$root"/boot/vmlinuz-*)
kver=${kver##*/vmlinuz-}
for other in "$root"/usr/lib/modules/*; do
	other=${other##*/}
	[ "$other" = "$kver" ] || break
done
version=$(dpkg-deb -f "$dir"/one/drb-dkms_*.deb Version)
# There are only its headers, and no lists of its modules yet.
inside depmod "$other"
snapshot >"$dir/before"
check install install_packages || exit
check dkms built
check signed signed
check files files
check drbctl drbctl
check metrics metrics
check parameters parameters
check order-front loads_first xen-netfront netfront-drb
check order-back loads_first xen-netback netback-drb
check initramfs in_image "/boot/initrd.img-$kver"
check initramfs-without only_if_wanted
check new-kernel new_kernel
check each-kernel each_kernel
check broken-build broken_build
check mended-build mended_build
check differs sees_packages
check purge purge
check nothing-left nothing_left
rm -rf "$root"
exit "$failed"
