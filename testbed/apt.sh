# SPDX-License-Identifier: GPL-2.0
# Packages and sources of a release of Debian, whatever this machine runs; sourced
# behind config.sh.
# shellcheck shell=sh disable=SC2034

release=bookworm	# this machine's
lists_read=

# Every call of apt works in a root of its own, one for each release of
# Debian: with source lists the machine need not have, and with an empty package
# status, so that the whole closure of a package is fetched whatever is
# installed here.
private_apt() {
	tool=$1
	shift
	"$tool" -q -o Dir::Etc::SourceList="$apt_root/sources.list" \
		-o Dir::Etc::SourceParts=- \
		-o Dir::State="$apt_root/state" \
		-o Dir::State::status="$apt_root/status" \
		-o Dir::Cache="$apt_root/cache" \
		-o APT::Sandbox::User=root -o Debug::NoLocking=1 "$@"
}

# use_release RELEASE: what this machine has as mirrors of Debian, for RELEASE.
# Unstable is one archive, without updates beside it.
use_release() {
	apt_root=$DRB_CACHE/apt-$1
	case " $lists_read " in
	*" $1 "*) return ;;
	esac
	say "reading the package lists of $1"
	mkdir -p "$apt_root/state/lists/partial" \
		"$apt_root/cache/archives/partial"
	: >"$apt_root/status"
	keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	archive=$release
	[ "$1" != sid ] || archive="$release "
	# shellcheck disable=SC2016
	apt-get indextargets --format \
		'$(CREATED_BY)|$(ORIGIN)|$(REPO_URI) $(CODENAME) $(COMPONENT)' |
		sed -n "s/^Packages|Debian|\([^ ]*\) $archive/\1 $1${archive#"$release"}/p" |
		sort -u | while read -r target; do
			echo "deb [signed-by=$keyring] $target"
			echo "deb-src [signed-by=$keyring] $target"
		done >"$apt_root/sources.list"
	[ -s "$apt_root/sources.list" ] || {
		say "apt knows no mirror of Debian"
		return 1
	}
	private_apt apt-get update || return 1
	lists_read="$lists_read $1"
}
