# SPDX-License-Identifier: GPL-2.0
# drbctl check's warning of a Xen that lacks updates; sourced by run.sh.
# shellcheck shell=sh disable=SC2016,SC2154,SC2317

# What stands in for the package manager; dpkg itself compares.
packages_are() {
	mkdir -p "$work/bin"
	cat >"$work/bin/dpkg-query" <<-END
	#!/bin/sh
	case "\$*" in
	*-amd64) [ -n '$1' ] && echo 'installed: $1' ;;
	*-drb) [ -n '$3' ] && echo 'installed: $3' ;;
	esac
	END
	cat >"$work/bin/apt-cache" <<-END
	#!/bin/sh
	printf 'x:\n  Installed: (none)\n  Candidate: %s\n' '${2:-(none)}'
	END
	chmod +x "$work"/bin/*
}

# updates RUNNING INSTALLED CANDIDATE DRB WORDS: all that is reported has these.
updates() {
	packages_are "$2" "$3" "$4"
	PATH=$work/bin:$PATH "$build/asan/updates" "$1" >"$work/out" 2>&1
	if [ -z "$5" ] && [ ! -s "$work/out" ]; then return; fi
	if [ -z "$5" ] || ! grep -qE "^updates $5" "$work/out"; then
		echo "$*: $(cat "$work/out")"
		return 1
	fi
}

updates_missing() {
	deb=4.17.7+13-g2445b30a44-0+deb12u1 old=4.17.5+72-g01140da4e8-1
	updates 4.17.5 $old $deb '' "warn: Xen 4.17.5 runs, .*-amd64 is 4.17.7" &&
		updates 4.17.5 '' $deb '' 'warn: Xen 4.17.5 runs' &&
		updates 4.17.5 $deb '' '' 'warn: Xen 4.17.5 runs.*> upgrade' &&
		updates 4.17.5 $old $deb $old+drb20261101000000.abcdef01 'warn: Xen' &&
		updates 4.17.7 $deb '' 4.17.7-0~drb20261101000000.abcdef01 \
			'warn: .*-drb is made of 4.17.7, .*> make deps xen-deb'
}

# Debian's own is not told apart by its patches, nor is one without a package.
updates_there() {
	deb=4.17.7+13-g2445b30a44-0+deb12u1
	updates 4.17.7 $deb $deb '' 'ok: Xen 4.17.7 runs' &&
		updates 4.17.8 $deb $deb '' 'ok: ' &&
		updates 4.17.7 '' $deb $deb+drb20261101000000.abcdef01 'ok: ' &&
		updates 4.17.7 '' $deb \
			4.17.7+13-g2445b30a44-0~drb20261101000000.abcdef01 'ok: '
}

updates_unknown() {
	updates 4.17.7 '' '' '' '' && updates 4.17.7 '' x '' '' &&
		updates '' '' 4.17.7-1 '' '' && updates x.y.z '' 4.17.7-1 '' '' &&
		updates 4.17.7 '' "4.17.$(printf %04000d 1)" '' '(ok|warn)'
}

check updates-missing updates_missing
check updates-there updates_there
check updates-unknown updates_unknown
