# SPDX-License-Identifier: GPL-2.0
# The version of the hypervisor's package, and whether its source is recent enough;
# sourced behind common.sh.
# shellcheck shell=sh disable=SC2154

# What goes into the package beside the source.
deb_parts() {
	series
	printf '%s\n' "$here/iotask.config" "$here/deb.sh" "$here"/debian/*
}

# When these were last changed: a commit's time, or now while there is a change
# without a commit.
deb_time() {
	# shellcheck disable=SC2046
	set -- $(deb_parts)
	if [ -z "$(git -C "$top" status --porcelain -- "$@" 2>&1)" ]; then
		TZ=UTC git -C "$top" log -1 --date=format-local:%Y%m%d%H%M%S \
			--format=%cd -- "$@"
	else
		TZ=UTC date +%Y%m%d%H%M%S
	fi
}

# The source's version, then the time, so that each change is an upgrade, then a
# hash that tells what it is. What comes of a clone sorts before a package of
# Debian's of the same commit.
deb_version() {
	case $(cd "$DRB_XEN_SOURCE" && dpkg-parsechangelog -S Distribution) in
	UNRELEASED) join='-0~' ;;
	*) join=+ ;;
	esac
	# shellcheck disable=SC2002,SC2046
	hash=$(cat $(deb_parts) | sha256sum | cut -c 1-8)
	echo "$(xen_source_version)${join}drb$(deb_time).$hash"
}

# missed: what Debian offers that is newer than the source, one a line.
missed() {
	base=$(xen_source_version)
	while read -r offered; do
		# The clone's commit may be the one that the package is made of.
		if [ "${offered%-*}" != "$base" ] &&
			dpkg --compare-versions "$offered" gt "$base"
		then
			echo "$offered"
		fi
	done <"$DRB_XEN_SOURCE.offered"
}

# recent_base: false, and says why, where the source lacks security updates.
recent_base() {
	what="Xen $XEN_VERSION: the source $(xen_source_version)"
	if [ ! -s "$DRB_XEN_SOURCE.offered" ]; then
		lacks='may lack security updates, as Debian could not be asked'
	elif [ -n "$(missed)" ]; then
		lacks="lacks the updates up to $(missed | tr '\n' ' ' | sed 's/ $//; s/ /, /g')"
	else
		return 0
	fi
	if [ -n "${XEN_OLD_BASE:-}" ]; then
		say "$what $lacks"
		return
	fi
	say "$what $lacks: XEN_GIT=DIR with a newer clone, or XEN_OLD_BASE=1"
	return 1
}
