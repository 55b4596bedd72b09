# SPDX-License-Identifier: GPL-2.0
# The checkers of check.sh: each prints its complaints, and nothing if it has
# none.
# shellcheck shell=sh

XEN_COLUMNS=80
XEN_FUNCTION=80

# Patches without author, subject, sign-off or explanation.
mail_complaints() {
	for p in "$@"; do
		awk -v name="${p##*/}" '
		/^---$/ || /^diff --git / { exit }
		folded && /^ <.+@.+>$/ { from = 1 }
		{ folded = /^From: .+[^>]$/ }
		/^From: .+ <.+@.+>$/ { from = 1 }
		/^Subject: \[PATCH[^]]*\] [^ ]/ { subject = 1 }
		/^Signed-off-by: .+ <.+@.+>$/ { signed = 1; next }
		message && /[a-z]/ && !/^[A-Z][a-z-]+: / { body = 1 }
		/^$/ { message = 1 }
		END {
			if (!from) print name ": no From"
			if (!subject) print name ": no Subject: [PATCH] ..."
			if (!signed) print name ": no Signed-off-by"
			if (!body) print name ": no word on why"
		}' "$p"
	done
}

# Added lines that Xen's CODING_STYLE does not allow.
line_complaints() {
	for p in "$@"; do
		awk -v name="${p##*/}" -v columns="$XEN_COLUMNS" '
		function complain(what) { print name ": " file ": " what ": " $0 }
		function width(line,   n, i) {
			n = 0
			for (i = 1; i <= length(line); i++)
				n += substr(line, i, 1) == "\t" ? 8 - n % 8 : 1
			return n
		}
		/^diff --git / { file = substr($4, 3); hunk = 0; next }
		/^@@ / { hunk = 1; next }
		!hunk || !/^\+/ { next }
		{ sub(/^\+/, "") }
		/[ \t]$/ { complain("white space at the end") }
		file ~ /\.[chS]$/ && /\t/ { complain("tab") }
		file !~ /\.(md|pandoc)$|^MAINTAINERS$/ && width($0) > columns {
			complain("over " columns " columns")
		}' "$p"
	done
}

# C files, of any directory, that the patches change or add.
touched_c_files() {
	sed -n 's|^+++ b/\(.*\.c\)$|\1|p' "$@" | sort -u
}

# long_xen_functions BEFORE AFTER FILE...: functions that became too long.
# Those that were so before and have grown get a line with a "#".
long_xen_functions() {
	before=$1 after=$2
	shift 2
	{
		for f in "$@"; do
			[ ! -f "$before/$f" ] || (cd "$before" &&
				functions_over "$XEN_FUNCTION" "$f")
		done
		echo
		for f in "$@"; do
			[ ! -f "$after/$f" ] || (cd "$after" &&
				functions_over "$XEN_FUNCTION" "$f")
		done
	} | awk '
		/^$/ { now = 1; next }
		{ key = $1 " " $2; sub(/:[0-9]+:/, "", key) }
		!now { was[key] = $4; next }
		!(key in was) { print; next }
		$4 > was[key] { print "# " $0 ", before " was[key] }'
}

# different_files FILE FILE: how the second differs.
different_files() {
	diff -u "$1" "$2" | head -n 20
}

# new_files DIR PATCH...: the files of the I/O task table, which the patches
# themselves create, in DIR.
new_files() {
	mkdir -p "$1"
	git init -q "$1"
	_new=$1
	shift
	for p in "$@"; do
		git -C "$_new" apply --include=xen/common/iotask.c \
			--include=xen/include/public/iotask.h "$p" 2>/dev/null
	done
	:
}
