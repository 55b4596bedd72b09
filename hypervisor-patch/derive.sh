#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: derive.sh DIR			derives the series of the other versions
#        derive.sh DIR edit VERSION NNNN	stops behind that patch, before its commit
#        derive.sh DIR record VERSION	keeps what was changed there as overrides
# Merges each patch of the master series into the version's tree, as git does in a
# rebase, and writes the version's series. Where a file conflicts, or the merge is
# not what that version needs, derive/VERSION/NNNN/PATH.patch has all that the patch
# changes in that file; it is used in place of the merge. Without a diff in it the
# patch leaves the file alone. Its first line is a hash of the lines that the master
# patch removes from and adds to the file: once these are others, it is to be redone.
# Where a file conflicts and the version has no override, another version's is used
# that fits to the letter.
# $XEN_GIT: a clone of Xen's repository. $XEN_GIT_REF: tags or branches of it to
# derive for, in place of those that testbed/source.sh would take. $XEN_VERSIONS: the
# versions; by default those with a series, the newest release and staging.
# It works in DIR, a git work tree for each version, and leaves it there.
# shellcheck disable=SC2030,SC2031 # clean_master means it
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
# shellcheck source=../testbed/clone.sh
. "$top/testbed/clone.sh"

# ---- the trees -------------------------------------------------------------

# base_of VERSION: the commit to derive for.
base_of() {
	(
		XEN_VERSION=$1 named='' git_commit=''
		# shellcheck source=../testbed/config.sh
		. "$top/testbed/config.sh"
		# shellcheck disable=SC2034 # read by default_commit
		source=$DRB_XEN_SOURCE
		look_into_clone
		[ -z "$git_commit" ] || echo "$git_commit"
	)
}

# The master series as commits, in a repository that sees all of the clone's.
make_master() {
	dir=$parent/master
	[ -e "$dir/.git" ] || [ -z "$(ls -A "$parent")" ] ||
		die "$parent has files that are not of this script's"
	rm -rf "$parent"
	mkdir -p "$dir"
	clean_git init -q -b master
	(cd "$XEN_GIT" && cd "$(git rev-parse --git-path objects)" && pwd) \
		>"$dir/.git/objects/info/alternates"
	base=$(base_of "$XEN_MASTER")
	[ -n "$base" ] || die "$XEN_GIT has no Xen $XEN_MASTER: git fetch --tags in it"
	clean_git config merge.conflictStyle diff3
	clean_git config user.name DRB
	clean_git config user.email drb@localhost
	clean_git checkout -q --detach "$base"
	clean_git tag source
	clean_git am -q -3 --committer-date-is-author-date \
		"$XEN_SERIES/$XEN_MASTER"/[0-9]*.patch >"$parent/log" 2>&1 ||
		die "the series of $XEN_MASTER does not apply to $(
			package_version "$base"): see $dir"
	clean_git tag series
}

# make_tree COMMIT: in $dir, without anything of an earlier time.
make_tree() {
	clean_master worktree add -q --detach "$dir" "$1" >>"$parent/log" 2>&1
}

clean_master() {
	(dir=$parent/master && clean_git "$@")
}

# ---- a patch ---------------------------------------------------------------

# change_of COMMIT FILE: a hash of what it removes and adds.
change_of() {
	clean_git diff "$1^" "$1" -- "$2" | grep -E '^[+-]' | sha256sum |
		cut -c 1-12
}

# fits FILE PATCH: the override's outcome is in $try. Else says why not.
fits() {
	was=$(sed -n '1s/^Replaces: //p' "$2")
	[ "$was" = "$(change_of "$commit" "$1")" ] || {
		echo "the override replaces another change of $1 than the master's"
		return 1
	}
	rm -rf "$try"
	mkdir -p "$(dirname "$try/$1")"
	! clean_git cat-file -e "HEAD:$1" 2>/dev/null ||
		clean_git show "HEAD:$1" >"$try/$1"
	! grep -q '^diff --git ' "$2" || xen_apply "$try" "$2" >>"$parent/log" || {
		echo "the override for $1 does not apply"
		return 1
	}
}

# put FILE: from $try, in place of what the merge has made.
put() {
	if [ -e "$try/$1" ]; then
		cat "$try/$1" >"$dir/$1"
		clean_git add -f -- "$1"
	else
		clean_git rm -q -f --ignore-unmatch -- "$1"
	fi
}

# override FILE PATCH: if it does not fit, the merge stays in its place.
override() {
	why=$(fits "$1" "$2") || stop "$why"
	put "$1"
}

# borrow FILE: another version's override, if one fits.
borrow() {
	for patch in "$XEN_SERIES"/derive/*/"$number/$1.patch"; do
		[ -e "$patch" ] || continue
		if fits "$1" "$patch" >/dev/null; then
			put "$1"
			return
		fi
	done
}

# stop WHY: one line, and the tree to mend it in.
stop() {
	echo "$number $commit" >"$dir.stopped"
	die "$label: patch $number: $*:" \
		"mend it in $dir, then hypervisor-patch/derive.sh $parent record $label"
}

# pick COMMIT: its change, with the overrides of its number.
pick() {
	commit=$1
	number=$(printf %04d "$count")
	clean_git cherry-pick -n "$1" >>"$parent/log" 2>&1 || :
	overrides=$XEN_SERIES/derive/$label/$number
	for file in $(clean_git diff --name-only --diff-filter=U); do
		[ -e "$overrides/$file.patch" ] || borrow "$file"
	done
	clean_git ls-files -s >"$dir.merged"
	find "$overrides" -name '*.patch' 2>/dev/null | sort >"$dir.overrides"
	while read -r patch; do
		file=${patch#"$overrides/"}
		override "${file%.patch}" "$patch"
	done <"$dir.overrides"
	conflicts=$(clean_git diff --name-only --diff-filter=U | tr '\n' ' ')
	[ -z "$conflicts" ] || stop "conflict in ${conflicts% }"
	[ "$number" != "$edit" ] || stop "to be edited"
	if clean_git diff --cached --quiet; then
		say "$label: patch $number changes nothing, and is left out"
	else
		clean_git commit -q -C "$1"
	fi
}

# derive BASE FIRST..LAST: those commits, behind BASE, into $dir.
derive() {
	make_tree "$1"
	count=0
	for commit in $(clean_master rev-list --reverse "$2"); do
		count=$((count + 1))
		pick "$commit"
	done
}

# ---- a version -------------------------------------------------------------

# others: the numbers of the label's patches that change other lines than the
# master's do, wherever these are.
others() {
	for p in "$XEN_SERIES/$label"/[0-9]*.patch; do
		number=${p##*/}
		number=${number%%-*}
		changes "$p" >"$parent/changes"
		changes "$XEN_SERIES/$XEN_MASTER/$number"-*.patch |
			cmp -s - "$parent/changes" || printf ' %s' "$number"
	done
}

changes() {
	grep '^[+-]' "$1" | grep -v '^+++ \|^--- '
}

derive_version() {
	label=$1 dir=$parent/$1 base=$(base_of "$1")
	[ -n "$base" ] || die "$XEN_GIT has no Xen $1: git fetch --tags in it"
	derive "$base" source..series
	write_series "$base" "$XEN_SERIES/$1"
	derived=$base..$(clean_git rev-parse HEAD)
	say "$1: $count patches for $(package_version "$base")," \
		"with other lines in:$(others)"
	grep "^$1 " "$XEN_SERIES/derive/before" 2>/dev/null | while read -r version before ref; do
		derive_before "$version" "$before" "$ref"
	done
}

# derive_before VERSION RELEASE REF: for sources of the version that are older than
# the release, of which REF is one; only the patches that these need. They come of
# the version's own.
derive_before() {
	label=$1/before-$2 folder=$XEN_SERIES/$1/before-$2
	dir=$parent/$1-before-$2 base=$(commit_of "$3") || die "$XEN_GIT has no $3"
	derive "$base" "$derived"
	rm -rf "$folder"
	write_series "$base" "$folder"
	clean_git checkout -q "$base"
	for p in "$XEN_SERIES/$1"/[0-9]*.patch; do
		number=${p##*/}
		number=${number%%-*}
		if takes "$p"; then
			rm -f "$folder/$number"-*.patch
		else
			p=$(echo "$folder/$number"-*.patch)
			takes "$p" || die "$p does not apply behind those before it"
		fi
		xen_apply "$dir" "$p" >/dev/null
	done
	rmdir "$folder" 2>/dev/null ||
		say "$label: $(find "$folder" -name '*.patch' | wc -l) patches for" \
			"$(package_version "$base")"
}

# takes PATCH: so does the tree.
takes() {
	patch -d "$dir" -p1 --fuzz=0 --force --dry-run <"$1" >/dev/null 2>&1
}

# ---- resolutions -----------------------------------------------------------

# merged_blob FILE: what the merge has made of it, if it did not conflict.
merged_blob() {
	awk -v file="$1" '{ blob = $2; stage = $3; sub(/^[^\t]*\t/, "") }
		$0 == file && stage == 0 { print blob }' "$dir.merged"
}

# An override for each file that is not what the merge has made of it.
record() {
	label=$1 dir=$parent/$(echo "$1" | tr / -)
	[ -e "$dir.stopped" ] || die "$dir: nothing has stopped there"
	read -r number commit <"$dir.stopped"
	clean_git add -A
	if clean_git grep -q --cached -e '^<<<<<<< ' -e '^>>>>>>> '; then
		die "$dir: there are marks of conflicts in it"
	fi
	folder=$XEN_SERIES/derive/$label/$number
	rm -rf "$folder"
	{
		clean_git diff --cached --name-only --no-renames HEAD
		sed 's/^[^\t]*\t//' "$dir.merged" | sort | uniq -d
		sed "s|^$folder/||; s|[.]patch\$||" "$dir.overrides"
	} | sort -u | while read -r file; do
		now=$(clean_git rev-parse -q --verify ":$file" || :)
		[ "$now" != "$(merged_blob "$file")" ] || continue
		mkdir -p "$(dirname "$folder/$file")"
		{
			echo "Replaces: $(change_of "$commit" "$file")"
			clean_git diff --cached --no-renames HEAD -- "$file"
		} >"$folder/$file.patch"
		say "$folder/$file.patch"
	done
}

parent=${1:?usage: derive.sh DIR [edit VERSION NNNN | record VERSION]}
mkdir -p "$parent"
parent=$(cd "$parent" && pwd)
try=$parent/try
if [ "${2:-}" = record ]; then
	record "${3:?usage: derive.sh DIR record VERSION}"
	exit
fi
[ -n "${XEN_GIT:-}" ] ||
	die "set XEN_GIT: git clone https://xenbits.xen.org/git-http/xen.git DIR"
edit=
if [ "${2:-}" = edit ]; then
	XEN_VERSIONS=${3:?usage: derive.sh DIR edit VERSION NNNN} edit=${4:?which patch}
fi
wanted=$(xen_versions)
[ -n "${XEN_VERSIONS:-}" ] || wanted=$(printf '%s\n' "$wanted" "$(newest_release)" \
	staging | sort -uV)
# shellcheck disable=SC2086
check_clone $wanted "$XEN_MASTER"
make_master
for v in $wanted; do
	[ "$v" = "$XEN_MASTER" ] || derive_version "$v"
done
