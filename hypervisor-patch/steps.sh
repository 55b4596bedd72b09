#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: XEN_VERSION=VERSION steps.sh KIND [--all]
# Builds the hypervisor after the last patch of the series, or after each of
# them, in one tree. KIND: release, debug, without (the option off), arm64.
# What was built before, with the same patches, is not built again. Prints a
# line per step: PASS name, or FAIL name: why and lines that start with "#".
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

kind=${1:?usage: steps.sh KIND [--all]}
all=${2:-}
stamps=$DRB_CACHE/xen-check
log=$stamps/$XEN_VERSION-$kind.log

# Without symbols for a debugger a build takes two thirds of the time.
config() {
	echo '# CONFIG_DEBUG_INFO is not set'
	case $kind in
	release | arm64) cat "$here/iotask.config" ;;
	debug) cat "$here/iotask.config" "$here/debug.config" ;;
	without)
		cat "$here/iotask.config"
		echo '# CONFIG_IOTASK is not set'
		;;
	*) die "no kind $kind" ;;
	esac
}

make_kind() {
	if [ "$kind" = arm64 ]; then
		set -- XEN_TARGET_ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- "$@"
	fi
	xen_make "$work" "$@"
}

# Whether the configuration has what this kind is about, once there is such an
# option: a dependency that is not met turns it off in silence.
configured() {
	grep -rqs --include='Kconfig*' '^config IOTASK$' "$work/xen" || return 0
	case $kind in
	release | debug) grep -qx CONFIG_IOTASK=y "$work/xen/.config" ;;
	without) ! grep -q ^CONFIG_IOTASK= "$work/xen/.config" ;;
	esac
}

# The part of the series that is not applied yet, then the build.
build_step() {
	[ -n "$copied" ] || xen_copy_source "$work"
	copied=y
	for patch in $pending; do
		xen_apply "$work" "$patch" || return 1
	done
	pending=
	config >"$work/xen/.config"
	make_kind olddefconfig && make_kind || return 1
	configured || {
		echo "CONFIG_IOTASK is not as $kind wants it"
		return 1
	}
}

# step NAME KEY
step() {
	name=xen.$XEN_VERSION.$kind.$1
	if [ ! -e "$stamps/$2" ]; then
		if ! build_step >>"$log" 2>&1; then
			echo "FAIL $name: see $log"
			tail -n 20 "$log" | sed 's/^/# /'
			exit 1
		fi
		echo "$name" >"$stamps/$2"
	fi
	echo "PASS $name"
}

mkdir -p "$stamps"
xen_take_build_tree
: >"$log"
key=$({ xen_source_version; echo "$kind"; config; } | sha256sum)
pending='' copied=''
last=$(series | tail -n 1)
for p in $(series); do
	key=$({ echo "$key"; cat "$p"; } | sha256sum | cut -c 1-16)
	pending="$pending $p"
	if [ -n "$all" ] || [ "$p" = "$last" ]; then
		step "$(basename "$p" .patch)" "$key"
	fi
done
rm -rf "$work"
