#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Reads every tracked file as a reviewer would.  One line per check: PASS
# name, FAIL name: why, or SKIP name: why; what was complained about follows
# a FAIL in lines that start with "#".  First each checker is given something
# bad, and must complain.
# usage: lint.sh [--self | --tree]	only the one or the other
set -u

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
status=0

# shellcheck source=checkers.sh
. "$here/checkers.sh"
# shellcheck source=self.sh
. "$here/self.sh"

pass() {
	echo "PASS $1"
}

fail() {
	echo "FAIL $1: $2"
	status=1
}

# Tracked files that exist and match the patterns, one a line.
tracked() {
	git -C "$root" ls-files -- "$@" | while IFS= read -r f; do
		[ -f "$root/$f" ] && echo "$f"
	done
}

# tree NAME CHECKER PATTERN...: run CHECKER over the tracked files
tree() {
	name=lint.$1 checker=$2
	shift 2
	if why=$("need_$checker" 2>&1); then
		# File names hold no spaces: lint.names sees to that.
		# shellcheck disable=SC2046
		complaints=$(cd "$root" && "$checker" $(tracked "$@") 2>&1)
		verdict "$name" "$complaints"
	else
		echo "SKIP $name: $why"
	fi
}

# verdict NAME COMPLAINTS
verdict() {
	if [ -z "$2" ]; then
		pass "$1"
		return
	fi
	fail "$1" "$(printf '%s\n' "$2" | wc -l) complaints"
	printf '%s\n' "$2" | sed 's/^/# /'
}

lint_tree() {
	tree names odd_names
	tree checkpatch-kernel checkpatch_kernel \
		'drb-core/*.[ch]' 'netfront-drb/*.[ch]' 'netback-drb/*.[ch]'
	# iotask.h is a file of Xen's, and read as such by hypervisor-patch/check.sh.
	tree checkpatch-shared checkpatch_shared 'include/*.h' \
		':!include/drb/iotask.h'
	# These files have the names and forms of Xen's headers.
	tree checkpatch-host checkpatch_host \
		'tests/*.[ch]' ':!tests/iotask-host/port.h' \
		':!tests/gnttab-host/port.h' ':!tests/gnttab-host/port_mm.h' \
		'bench/*.[ch]' 'tools/*.[ch]' 'testbed/*.[ch]'
	tree shellcheck shellcheck_scripts
	tree spdx spdx_missing
	tree sparse sparse_modules 'drb-core/*.c' 'netfront-drb/*.c' \
		'netback-drb/*.c'
	tree circles call_circles 'drb-core/*.c' 'netfront-drb/*.c' \
		'netback-drb/*.c'
	tree function-length long_functions '*.c' '*.h' '*.sh'
	tree file-length long_files '*.c' '*.h' '*.sh' '*.py'
	tree kernel-version version_ifs '*.c' '*.h'
	tree figures drawn_otherwise docs/figures/headline.svg docs/performance.md
	tree links broken_links '*.md'
	tree not-on negated_on 'tests/boot/*.sh' 'tests/system/*.sh' \
		'testbed/scenarios/*.sh'
	tree private-words private_words
	# shellcheck disable=SC2046
	(cd "$root" && lengthy_functions $(tracked '*.c' '*.h' '*.sh')) |
		sed "s/^/# over $LENGTHY_FUNCTION lines: /"
}

case ${1:-} in
--self) lint_self ;;
--tree) lint_tree ;;
'') lint_self; lint_tree ;;
*) sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2 ;;
esac
exit "$status"
