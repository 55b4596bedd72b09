#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: mkimage.sh DIR
# Makes DIR/base.cpio, the part of the initramfs that every domain of every run
# shares, and DIR/base, the tree it was made of; and DIR/vmlinux. Quick when
# none of the inputs has changed.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=config.sh
. "$here/config.sh"

programs='busybox dash bash ip tc bridge ethtool iperf3 sockperf tcpdump jq kmod
	xenstore'
xen_programs='xl xenstored xenconsoled xenconsole xen-init-dom0
	libxl-save-helper xenperf xenctx xentop xen-diag lsevtchn'
modules='xenfs xen-privcmd xen-evtchn xen-gntdev xen-gntalloc xen-netback
	xen-netfront virtio_pci virtio_console bridge 8021q veth dummy tun
	pktgen net_failover bonding e1000e sch_ingress sch_netem sch_tbf cls_matchall
	cls_bpf cls_u32 cls_flower act_gact act_mirred act_pedit'

# What drbctl is linked with, which is put into a run's files, not here.
libraries='libxencall.so.1 libxenstore.so.4 libjson-c.so.5 libnl-3.so.200
	libnl-route-3.so.200 libncurses.so.6 libtinfo.so.6'
terminals='l/linux v/vt100 x/xterm'

kver=$(kernel_version)
xen_bin=usr/lib/xen-$XEN_VERSION/bin

# Debian's packages still spread over / and /usr.
find_in_root() {
	for d in "$@"; do
		shift
		[ -e "$DRB_ROOT/$d" ] || continue
		echo "$DRB_ROOT/$d"
		return
	done
	return 1
}

add_programs() {
	for p in $programs; do
		file=$(find_in_root "bin/$p" "sbin/$p" "usr/bin/$p" \
			"usr/sbin/$p") || die "no program $p"
		cp -L "$file" "$tree/usr/bin/$p"
	done
	for p in $xen_programs; do
		cp -L "$DRB_ROOT/$xen_bin/$p" "$tree/$xen_bin/$p"
		ln -s "/$xen_bin/$p" "$tree/usr/bin/$p"
	done
	for p in "$DRB_ROOT"/usr/bin/xenstore-*; do
		[ -L "$p" ] || ln -s xenstore "$tree/usr/bin/${p##*/}"
	done
	for p in modprobe insmod rmmod lsmod modinfo depmod; do
		ln -s kmod "$tree/usr/bin/$p"
	done
	# Debian's busybox prefers its own applets to the programs in PATH when
	# it is the shell, so it is not.
	ln -s dash "$tree/usr/bin/sh"
	"$tree/usr/bin/busybox" --list | while read -r p; do
		[ -e "$tree/usr/bin/$p" ] || [ -L "$tree/usr/bin/$p" ] ||
			ln -s busybox "$tree/usr/bin/$p"
	done
	# Each library linked dynamically takes milliseconds under emulation at
	# every start; the static libxenstore cannot watch reliably.
	sysroot=
	if [ "$XEN_VERSION" != 4.17 ]; then
		sysroot=--sysroot=$DRB_ROOT
		export PKG_CONFIG_SYSROOT_DIR="$DRB_ROOT"
		export PKG_CONFIG_LIBDIR="$DRB_ROOT/usr/lib/x86_64-linux-gnu/pkgconfig"
	fi
	# shellcheck disable=SC2046
	gcc ${sysroot:+"$sysroot"} -std=gnu11 -O2 -Wall -Wextra -Werror \
		-o "$tree/usr/bin/agent" "$here/agent.c" -lxenstore \
		-Wl,-Bstatic $(pkg-config --static --libs xencontrol) \
		-Wl,-Bdynamic
}

needed() {
	readelf -d "$@" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
		sort -u
}

# Repeats until a round adds nothing. libgcc_s is loaded by name when a thread
# is cancelled, so no file needs it.
add_libraries() {
	libdir=$tree/usr/lib/x86_64-linux-gnu
	todo="$(needed "$tree"/usr/bin/* "$tree/$xen_bin"/*) libgcc_s.so.1
		$libraries"
	while [ -n "$todo" ]; do
		added=
		for lib in $todo; do
			[ ! -e "$libdir/$lib" ] || continue
			file=$(find_in_root "lib/x86_64-linux-gnu/$lib" \
				"usr/lib/x86_64-linux-gnu/$lib") ||
				die "no library $lib"
			cp -L "$file" "$libdir/$lib"
			added="$added $libdir/$lib"
		done
		# shellcheck disable=SC2086
		todo=$([ -z "$added" ] || needed $added)
	done
	mkdir -p "$tree/usr/lib64"
	ln -s ../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "$tree/usr/lib64/"
}

add_modules() {
	dest=$tree/usr/lib/modules/$kver
	mkdir -p "$dest"
	cp "$DRB_KERNEL_ROOT/lib/modules/$kver"/modules.builtin* \
		"$DRB_KERNEL_ROOT/lib/modules/$kver/modules.order" "$dest"
	depmod -b "$DRB_KERNEL_ROOT" "$kver"
	for m in $modules; do
		modprobe -d "$DRB_KERNEL_ROOT" -S "$kver" --show-depends "$m"
	done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | sort -u |
		while read -r file; do
			cp --parents "$file" "$tree/tmp"
		done
	cp -r "$tree/tmp/$DRB_KERNEL_ROOT/lib/modules/$kver/kernel" "$dest"
	rm -rf "${tree:?}"/tmp/*
	# As with the kernel, unpacking them takes long under emulation.
	find "$dest" -name '*.ko.xz' -exec xz -d {} +
	depmod -b "$tree" "$kver"
}

add_files() {
	cp -r "$DRB_ROOT/etc/xen/scripts" "$tree/etc/xen/"
	echo 'autoballoon="off"' >"$tree/etc/xen/xl.conf"
	echo 'root:x:0:0:root:/root:/bin/sh' >"$tree/etc/passwd"
	echo 'root:x:0:' >"$tree/etc/group"
	echo '127.0.0.1 localhost' >"$tree/etc/hosts"
	ln -s ../proc/mounts "$tree/etc/mtab"
	for t in $terminals; do
		mkdir -p "$tree/usr/lib/terminfo/${t%/*}"
		file=$(find_in_root "lib/terminfo/$t" "usr/lib/terminfo/$t" \
			"usr/share/terminfo/$t") || die "no terminal $t"
		cp -L "$file" "$tree/usr/lib/terminfo/$t"
	done
}

make_tree() {
	rm -rf "$tree"
	mkdir -p "$tree/usr/bin" "$tree/$xen_bin" \
		"$tree/usr/lib/x86_64-linux-gnu" "$tree/etc/xen" "$tree/tmp" \
		"$tree/proc" "$tree/sys" "$tree/dev" "$tree/run" "$tree/root" \
		"$tree/var/lib/xen" "$tree/var/lib/xenstored" \
		"$tree/var/log/xen/console"
	for d in bin sbin lib lib64; do
		ln -s "usr/$d" "$tree/$d"
	done
	ln -s bin "$tree/usr/sbin"
	ln -s ../run "$tree/var/run"
	ln -s ../run/lock "$tree/var/lock"
	add_programs
	add_libraries
	add_modules
	add_files
}

# Under emulation xz takes seconds; the loaders take the ELF file as well. What
# was packed with zstd is followed by its length.
unpack_kernel() {
	if own_kernel; then
		cp "$DRB_KERNEL_ROOT/boot/vmlinux-$kver" "$out/vmlinux"
		return
	fi
	python3 - "$(kernel_image "$kver")" "$out/vmlinux" <<-'END'
	import lzma, struct, subprocess, sys
	image = open(sys.argv[1], "rb").read()
	start = (image[0x1f1] + 1) * 512 + struct.unpack_from("<I", image, 0x248)[0]
	length = struct.unpack_from("<I", image, 0x24c)[0]
	packed = image[start:start + length]
	if packed[:4] == b"\x28\xb5\x2f\xfd":
	    elf = subprocess.run(["zstd", "-dc"], input=packed[:-4], check=True,
	                         stdout=subprocess.PIPE).stdout
	else:
	    elf = lzma.LZMADecompressor().decompress(packed)
	assert elf[:4] == b"\x7fELF"
	open(sys.argv[2], "wb").write(elf)
	END
}

out=${1:?usage: mkimage.sh DIR}
mkdir -p "$out"
out=$(cd "$out" && pwd)
tree=$out/base
exec 8>"$out/lock"
flock 8
stamp=$(cat "$0" "$here/agent.c" "$DRB_ROOT.stamp" \
	"$DRB_KERNEL_ROOT.stamp" | sha256sum)
[ "$(cat "$out/base.stamp" 2>/dev/null)" != "$stamp" ] || exit 0
say "making the base image"
rm -f "$out/base.stamp"
make_tree
unpack_kernel
(cd "$tree" && find . | sort | cpio -o -H newc -R 0:0 --quiet) >"$out/base.cpio"
echo "$stamp" >"$out/base.stamp"
