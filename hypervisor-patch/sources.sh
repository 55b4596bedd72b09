#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: sources.sh
# Gives testbed/source.sh, deb.sh and derive.sh a small Xen, as a clone and on a
# mirror of Debian that is made up, with what they are to refuse: each in one line,
# and with nothing left half done. PASS name, or FAIL name: why.
# shellcheck disable=SC2317 # its functions are called by expect
set -u

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0
# shellcheck source=small.sh
. "$here/small.sh"

# expect NAME COMMAND...
expect() {
	name=xen.sources.$1
	shift
	if "$@" >"$scratch/check" 2>&1; then
		echo "PASS $name"
	else
		echo "FAIL $name: $(tail -n 1 "$scratch/check")"
		status=1
	fi
}

take() {
	"$top/testbed/source.sh" >"$scratch/said" 2>&1
}

# with NAME=VALUE COMMAND...
with() {
	(export "${1?}" && shift && "$@")
}

# What is in the cache, but for apt's own files.
cached() {
	(cd "$DRB_CACHE" && find . -path './apt-*' -prune -o -type f \
		! -name '*.lock' -exec sha256sum {} + | sort)
}

# refused WORDS COMMAND...: an exit code, one line with these words, but for what
# it says of the mirrors, and the cache as it was.
refused() {
	words=$1
	shift
	cached >"$scratch/before"
	! "$@" >"$scratch/said" 2>&1 || {
		echo "no exit code"
		return 1
	}
	sed -i '/: asking Debian\|can be asked for/d' "$scratch/said"
	cached | diff "$scratch/before" - || {
		echo "the cache has changed"
		return 1
	}
	if [ "$(wc -l <"$scratch/said")" != 1 ] ||
		! grep -q "$words" "$scratch/said"; then
		echo "wanted one line with '$words': $(cat "$scratch/said")"
		return 1
	fi
}

# now VERSION [WORDS]: it is in the cache, and these have been said.
now() {
	has=$(cd "$DRB_CACHE/xen-source-4.17" && dpkg-parsechangelog -S Version)
	if [ "$has" != "$1" ] || ! grep -q "${2:-}" "$scratch/said"; then
		echo "there is $has, wanted $1 and '${2:-}': $(cat "$scratch/said")"
		return 1
	fi
	! ls -d "$DRB_CACHE"/*.new "$DRB_CACHE"/*.last "$DRB_CACHE/xen-download"
}

# ---- the clone -------------------------------------------------------------

no_clone() {
	with XEN_GIT="$scratch/none" refused 'is no clone of Xen.*git clone' take &&
		git init -q "$scratch/other" &&
		with XEN_GIT="$scratch/other" refused 'is no clone of Xen' take
}

wrong_tag() {
	with XEN_GIT_REF=RELEASE-4.17.99 refused 'no tag or branch RELEASE-4.17.99' take &&
		with XEN_GIT_REF='RELEASE-4.17.1 nonsense' \
			 refused 'no tag or branch nonsense' take &&
		with XEN_GIT_REF=RELEASE-4.16.0 refused 'is of Xen 4.16, which' take
}

# The newest, which does not take the series, is named or is not.
does_not_apply() {
	with XEN_GIT_REF=RELEASE-4.17.2 refused 'does not take 4.17/0001-.*xen-derive' \
		take && take && now 4.17.1 'newer 4.17.2, which does not take'
}

named() {
	with XEN_GIT_REF=RELEASE-4.17.0 take && now 4.17.0 &&
		git clone -q "$XEN_GIT" "$scratch/second" &&
		with XEN_GIT="$scratch/second" with XEN_GIT_REF=stable-4.17 take && now \
		"4.17.1+1-g$(small_git rev-parse --short=10 stable-4.17)"
}

# ---- the mirror ------------------------------------------------------------

fetched_anew() {
	offer 4.17.3-1 carried && take && now 4.17.3-1 'took Xen 4.17.3-1'
}

not_carried() {
	offer 4.17.4-1 '' && take &&
		now 4.17.3-1 'newer 4.17.4-1, which no mirror carries'
}

mirror_does_not_apply() {
	offer 4.17.5-1 carried other && take &&
		now 4.17.3-1 'newer 4.17.5-1, which does not take the series'
}

# Nor is anything to be said or done where nothing is new.
nothing_new() {
	with XEN_ASK_AFTER=9 take && [ ! -s "$scratch/said" ]
}

no_network() {
	mv "$MIRROR" "$MIRROR.off"
	take
	code=$?
	mv "$MIRROR.off" "$MIRROR"
	[ "$code" = 0 ] && now 4.17.3-1 'can be asked'
}

# ---- the package and the derived series ------------------------------------

old_base() {
	refused 'source 4.17.3-1 lacks the updates up to 4.17.5-1, 4.17.4-1: ' \
		"$here/deb.sh" "$scratch/deb" && ! ls "$scratch/deb"/*.deb 2>/dev/null
}

# package_of: the version a package would have.
package_of() {
	XEN_VERSION=4.17 sh -c 'here=$1; . "$here/common.sh"
		. "$here/debversion.sh"; deb_version' sh "$here"
}

newer() {
	dpkg --compare-versions "$1" gt "$2" || {
		echo "$1 is no upgrade of $2"
		return 1
	}
}

# Each change of the series is an upgrade, and so is a newer source, whatever
# the time; Debian's package of a commit is newer than the clone's.
package_version() {
	first=$(package_of) && sleep 1 &&
		echo >>"$XEN_SERIES/4.17/0001-a-add-a-task.patch" &&
		second=$(package_of) && newer "$second" "$first" &&
		[ "${first##*.}" != "${second##*.}" ] &&
		newer 4.17.4-1+drb20200101000000.0 "$second" &&
		newer "$second" 4.17.3-1+drb1 &&
		with XEN_GIT_REF=RELEASE-4.17.1 take &&
		third=$(package_of) && newer 4.17.1-1 "$third" &&
		newer "$third" 4.17.0-1+drb20300101000000.0
}

derive() {
	XEN_VERSIONS=4.17 "$here/derive.sh" "$scratch/derive" "$@" \
		>"$scratch/said" 2>&1
}

conflict() {
	rm -r "$XEN_SERIES/4.17" &&
		refused '4.17: patch 0001: conflict in xen/a.c: mend' derive &&
		[ ! -e "$XEN_SERIES/4.17" ] &&
		refused 'there are marks of conflicts' derive record 4.17
}

resolved() {
	small_file 4.17.2 | sed 's/^int c;$/&\nint task;/' \
		>"$scratch/derive/4.17/xen/a.c"
	derive record 4.17 && derive &&
		grep -q '^+int task;$' "$XEN_SERIES"/4.17/0001-*.patch &&
		with XEN_GIT_REF=RELEASE-4.17.2 take && now 4.17.2
}

# The master's change is another than what was resolved.
stale_override() {
	sed -i 's/int task;/int tasks;/' "$XEN_SERIES"/4.20/0001-*.patch &&
		refused 'the override replaces another change of xen/a.c' derive
}

small_xen "$scratch"
expect no-clone no_clone
expect wrong-tag wrong_tag
expect does-not-apply does_not_apply
expect named named
expect fetched-anew fetched_anew
expect not-carried not_carried
expect mirror-does-not-apply mirror_does_not_apply
expect nothing-new nothing_new
expect no-network no_network
expect old-base old_base
expect package-version package_version
expect conflict conflict
expect resolved resolved
expect stale-override stale_override
exit "$status"
