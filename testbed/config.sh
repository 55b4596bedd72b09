# SPDX-License-Identifier: GPL-2.0
# Names shared by the scripts of the test bed; sourced, not run.
# shellcheck shell=sh disable=SC2034

DRB_CACHE=${DRB_CACHE:-$HOME/.cache/drb}
DRB_ROOT=$DRB_CACHE/root		# the domains' packages, unpacked
DRB_XEN_SOURCE=$DRB_CACHE/xen-source	# Debian's Xen, patched by Debian only

# The kernel of every domain is the one whose headers are installed here, so
# that modules built on this machine load there.
kernel_version() {
	dpkg-query -W -f '${Depends}' linux-headers-amd64 |
		sed -n 's/.*linux-headers-\([^ ,]*\).*/\1/p'
}

say() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
	say "$*"
	exit 1
}
