#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: debugkernel.sh NAME...
# Builds kernels of testbed/kernel/NAME.config from the source of Debian's that is in
# the cache (make deps-debug), into roots of the same layout as an unpacked package has.
# Does nothing for one that is there and has been made of the same.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=config.sh
. "$here/config.sh"
source=$DRB_CACHE/linux-source

# make_in ARGUMENT...: in the object directory of this kernel. Neither the machine's
# name nor its clock get into the result.
make_in() {
	CCACHE_DIR=$DRB_CACHE/ccache CCACHE_MAXSIZE=4G \
		PATH=/usr/lib/ccache:$PATH KBUILD_BUILD_USER=drb \
		KBUILD_BUILD_HOST=drb KBUILD_BUILD_TIMESTAMP=@0 \
		make -s -C "$source" O="$objects" "$@"
}

# wanted: the lines of the fragments, without their comments.
wanted() {
	grep -h '^CONFIG_' "$here/kernel/base.config" "$here/kernel/$name.config"
}

# has LINE: has the configuration taken this line of a fragment?
has() {
	case $1 in
	*=n) ! grep -q "^${1%=n}=" "$objects/.config" ;;
	*) grep -qxF "$1" "$objects/.config" ;;
	esac
}

# A line that kconfig drops, for another that it depends on is missing, is a mistake
# in the fragment: what it was to find would not be looked for.
configure() {
	make_in tinyconfig &&
		"$source/scripts/kconfig/merge_config.sh" -m -O "$objects" \
			"$objects/.config" "$here/kernel/base.config" \
			"$here/kernel/$name.config" &&
		"$source/scripts/config" --file "$objects/.config" \
			--set-str LOCALVERSION "-drb-$name" &&
		make_in olddefconfig || return
	wanted | while IFS= read -r line; do
		has "$line" || die "the kernel $name cannot have $line"
	done
}

# How much is done, while it is done and this script runs.
tell_progress() {
	while sleep 30 && kill -0 $$; do
		say "kernel $name: $(find "$objects" -name '*.o' | wc -l) files" \
			"compiled in $(($(date +%s) - began)) s"
	done
}

compile() {
	more=
	[ "$name" != kcsan ] || more=KCSAN_SANITIZE=n
	tell_progress 2>&3 &
	teller=$!
	code=0
	# shellcheck disable=SC2086
	make_in -j"$(nproc)" $more vmlinux modules || code=$?
	kill "$teller"
	return "$code"
}

# What modules for it are built with stays; objects and debug information do not.
fill_root() {
	rm -rf "${root:?}/boot" "${root:?}/lib"
	mkdir -p "$root/boot"
	make_in INSTALL_MOD_PATH="$root" modules_install || return
	version=$(ls "$root/lib/modules")
	objcopy --strip-debug "$objects/vmlinux" "$root/boot/vmlinux-$version" || return
	find "$objects" \( -name '*.o' -o -name '*.ko' -o -name '*.a' \
		-o -name '.*.cmd' \) ! -path '*/scripts/*' ! -path '*/tools/*' \
		-delete
	rm -f "$objects"/.tmp_vmlinux* "$objects/vmlinux.unstripped"
}

# is_there: sets the names for the kernel, too.
is_there() {
	DRB_KERNEL=$name
	# shellcheck source=config.sh
	. "$here/config.sh"
	root=$DRB_KERNEL_ROOT objects=$DRB_KERNEL_ROOT/build
	stamp=$({
		cat "$source.stamp"
		wanted
		gcc --version
	} | sha256sum)
	[ "$(cat "$root.stamp" 2>/dev/null)" = "$stamp" ]
}

# All builds share the compiler's cache and the CPUs: one at a time.
build() {
	exec 9>"$source.lock"
	flock 9
	! is_there || return 0
	began=$(date +%s)
	rm -rf "$root.stamp" "$root"
	mkdir -p "$objects"
	say "building the kernel $name, see $root.log"
	{ configure && compile && fill_root; } 3>&2 >"$root.log" 2>&1 ||
		die "no kernel $name: $root.log says why"
	echo "$stamp" >"$root.stamp"
	say "kernel $name is there, after $(($(date +%s) - began)) s"
}

[ $# -gt 0 ] || die "usage: debugkernel.sh NAME..."
[ -e "$source.stamp" ] ||
	die "no source of Debian's kernel: make deps-debug, which says why"
for name; do
	[ -e "$here/kernel/$name.config" ] || die "no $here/kernel/$name.config"
	is_there || build
done
