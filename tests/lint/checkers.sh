#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The checkers: each prints its complaints about the files it is given, and
# nothing if it has none.  need_CHECKER says on stderr what is missing.

LONG_FUNCTION=100
LENGTHY_FUNCTION=50
LONG_FILE=700

need_command() {
	command -v "$1" >/dev/null || {
		echo "$1 is not installed" >&2
		return 1
	}
}

# ---- file names ------------------------------------------------------------

need_odd_names() { :; }

# Names that a script could not handle without care.
odd_names() {
	for f in "$@"; do
		case $f in
		*[!A-Za-z0-9._/+@-]*) echo "$f" ;;
		esac
	done
}

# ---- checkpatch ------------------------------------------------------------

# Where testbed/deps.sh puts it: beside the word lists or in scripts/.
find_checkpatch() {
	dir=${DRB_CACHE:-$HOME/.cache/drb}/checkpatch
	for f in "$dir/scripts/checkpatch.pl" "$dir/checkpatch.pl"; do
		[ -f "$f" ] && echo "$f" && return
	done
	return 1
}

need_checkpatch_kernel() {
	find_checkpatch >/dev/null || {
		echo "checkpatch.pl is not in the cache: run make deps" >&2
		return 1
	}
	need_command perl
}

need_checkpatch_shared() { need_checkpatch_kernel; }
need_checkpatch_host() { need_checkpatch_kernel; }

# checkpatch IGNORED FILE...
checkpatch() {
	ignored=$1
	shift
	[ $# -gt 0 ] || return 0
	perl "$(find_checkpatch)" --no-tree --no-summary --terse --strict \
		--max-line-length=100 --ignore "$ignored" -f "$@" |
		grep -E ':[0-9]+: (ERROR|WARNING|CHECK):'
}

# Ignored everywhere:
#  LINUX_VERSION_CODE: modules outside the tree, for many kernels; where it
#	may be asked is the business of version_ifs
#  CONSTANT_COMPARISON: takes LINUX_VERSION_CODE for a constant
#  SPDX_LICENSE_TAG: knows only some file types; spdx_missing looks at all
#  PREFER_KERNEL_TYPES: the shared headers compile in user space too
#  CAMELCASE: the names are Xen's (XenbusStateClosed), C's (_Alignas) and
#	libFuzzer's
#  ENOSYS: what Xen, too, says to who calls what it does not have
ALWAYS=LINUX_VERSION_CODE,CONSTANT_COMPARISON,SPDX_LICENSE_TAG
ALWAYS=$ALWAYS,PREFER_KERNEL_TYPES,CAMELCASE,ENOSYS

checkpatch_kernel() {
	checkpatch "$ALWAYS" "$@"
}

# Ignored besides in headers that user space compiles too, which has to do
# without the kernel's helpers or, in drb_port.h, make its own:
#  ARRAY_SIZE, VOLATILE, BIT_MACRO: there is none, no READ_ONCE(), no BIT()
#  MEMORY_BARRIER: wrappers of barriers; their users have the comments
#  MACRO_ARG_REUSE: min()
SHARED=ARRAY_SIZE,VOLATILE,BIT_MACRO,MEMORY_BARRIER,MACRO_ARG_REUSE

checkpatch_shared() {
	checkpatch "$ALWAYS,$SHARED" "$@"
}

# Ignored besides in programs:
#  ARRAY_SIZE, VOLATILE, BIT_MACRO: as above
#  ARCH_DEFINES: there is no cpu_relax() either
#  PREFER_DEFINED_ATTRIBUTE_MACRO: nor __printf()
#  AVOID_EXTERNS: the check takes a declaration between macros for one in C
#  EMBEDDED_FUNCTION_NAME: words in messages that happen to name a function
PROGRAM=ARRAY_SIZE,VOLATILE,BIT_MACRO,ARCH_DEFINES,AVOID_EXTERNS
PROGRAM=$PROGRAM,PREFER_DEFINED_ATTRIBUTE_MACRO,EMBEDDED_FUNCTION_NAME

checkpatch_host() {
	checkpatch "$ALWAYS,$PROGRAM" "$@"
}

# ---- shell -----------------------------------------------------------------

need_shellcheck_scripts() { need_command shellcheck; }

is_shell() {
	case $1 in
	*.sh) return 0 ;;
	esac
	head -n 1 "$1" | tr -d '\0' | grep -qE '^#!.*[/ ](sh|bash|dash)( |$)'
}

shellcheck_scripts() {
	for f in "$@"; do
		# Sourced files are read where their own directive says.
		is_shell "$f" && shellcheck -f gcc -x -P SCRIPTDIR "$f"
	done
	return 0
}

# ---- licences --------------------------------------------------------------

need_spdx_missing() { :; }

# Not asked of: formats without comments, licence texts, patches (each of
# whose files has its own), test vectors and other binary files.
spdx_missing() {
	for f in "$@"; do
		case $f in
		*.json | *.patch | *.diff | LICENSE* | COPYING* | \
			*/LICENSE* | */COPYING*) continue ;;
		debian/changelog | debian/source/format) continue ;;
		esac
		# Neither empty nor binary.
		grep -qI . "$f" || continue
		head -n 5 "$f" | grep -q 'SPDX-License-Identifier: ' ||
			echo "$f: no SPDX line"
	done
}

# ---- sparse ----------------------------------------------------------------

# The kernel whose headers the modules are built with: KDIR, or the newest.
find_kdir() {
	if [ -n "${KDIR:-}" ]; then
		echo "$KDIR"
		return
	fi
	for d in /lib/modules/*/build; do
		[ -f "$d/Makefile" ] && echo "$d"
	done | sort -V | tail -n 1
}

need_sparse_modules() {
	need_command sparse || return 1
	[ -f "$(find_kdir)/Makefile" ] || {
		echo "no kernel headers: set KDIR" >&2
		return 1
	}
}

# What sparse and the compiler say in log $1 of files under directory $2.
sparse_complaints() {
	grep -E ': (warning|error):' "$1" | grep -F "$2/" | sed "s|$2/||" |
		sort -u
	grep -E '^make.*Error|No rule to make' "$1" | head -n 1
}

# The modules, copied and built by the top Makefile (called where it is), in
# a directory that nobody else's build writes to.
sparse_modules() {
	[ $# -gt 0 ] || return 0
	mkdir -p build/lint
	make MODDIR=build/lint/modules KDIR="$(find_kdir)" C=2 modules \
		>build/lint/sparse.log 2>&1
	sparse_complaints build/lint/sparse.log "$PWD/build/lint/modules"
	for f in "$@"; do
		grep -q "CHECK.*/$f\$" build/lint/sparse.log ||
			echo "$f: sparse was not run on it"
	done
}

# One directory with a Kbuild file of its own.
sparse_directory() {
	make -C "$(find_kdir)" M="$1" C=2 modules >"$1/sparse.log" 2>&1
	sparse_complaints "$1/sparse.log" "$1"
}

# ---- circles ---------------------------------------------------------------

need_call_circles() { need_sparse_modules && need_command nm; }
need_object_circles() { need_command nm; }

# calls OBJECT...: "a.o b.o" a line where a.o uses what b.o defines.
calls() {
	nm -A "$@" | awk '
		{ sub(/:.*/, "", $1); kind = $(NF - 1); name = $NF }
		kind ~ /^[TDBRV]$/ { home[name] = $1 }
		kind == "U" { uses[$1 " " name] }
		END {
			for (use in uses) {
				split(use, part, " ")
				to = home[part[2]]
				if (to != "" && to != part[1])
					print part[1], to
			}
		}' | sort -u
}

# Objects that call each other in a circle.
object_circles() {
	calls "$@" | tsort 2>&1 >/dev/null | sed 's/^tsort: //'
}

# Files of one module, by the objects that sparse_modules has left.
call_circles() {
	for f in "$@"; do
		[ -f "build/lint/modules/${f%.c}.o" ] || echo "$f: not built"
	done
	for dir in $(dirname "$@" | sort -u); do
		(
			cd "build/lint/modules/$dir" || exit
			# shellcheck disable=SC2046
			object_circles $(printf '%s\n' "$@" | grep "^$dir/" |
				sed 's|.*/||; s/c$/o/') | sed "s|^|$dir: |"
		)
	done
}

# ---- length ----------------------------------------------------------------

need_long_functions() { :; }
need_long_files() { :; }

# functions_over LINES FILE...: in C, a body is what stands between braces in
# the first column; in shell, from name() { to the brace in the first column.
functions_over() {
	limit=$1
	shift
	[ $# -gt 0 ] || return 0
	awk -v limit="$limit" '
		FNR == 1 { start = 0; head = "" }
		!start && FILENAME ~ /\.sh$/ && /^[A-Za-z_0-9]+\(\) *\{/ {
			start = FNR; name = $1
		}
		!start && FILENAME !~ /\.sh$/ && /^[A-Za-z_].*\(/ {
			head = $0
		}
		!start && FILENAME !~ /\.sh$/ && /^\{/ {
			start = FNR; name = head
			sub(/\(.*/, "()", name); sub(/.*[ *]/, "", name)
		}
		start && /^}/ {
			if (FNR - start - 1 > limit)
				print FILENAME ":" start ": " name " has " \
					FNR - start - 1 " lines"
			start = 0
		}' "$@"
}

long_functions() { functions_over "$LONG_FUNCTION" "$@"; }
lengthy_functions() { functions_over "$LENGTHY_FUNCTION" "$@"; }

long_files() {
	for f in "$@"; do
		n=$(wc -l <"$f")
		[ "$n" -le "$LONG_FILE" ] || echo "$f: $n lines"
	done
}

# ---- documents ---------------------------------------------------------------

need_drawn_otherwise() { need_command python3; }
need_broken_links() { :; }

# A picture or a table that is not what the reports in docs/results make of it.
# shellcheck disable=SC2154 # lint.sh sets root
drawn_otherwise() {
	export PYTHONDONTWRITEBYTECODE=1
	for f in "$@"; do
		drawn=$(mktemp) || return
		case $f in
		*.svg) "$root/bench/figure.py" >"$drawn" ;;
		*) cp "$f" "$drawn" && "$root/bench/table.py" "$drawn" ;;
		esac
		cmp -s "$drawn" "$f" || echo "$f: not what docs/results say: make figure"
		rm "$drawn"
	done
}

# Links from a Markdown file to a file that is not there, and source files that it
# names.
# shellcheck disable=SC2016,SC2154 # lint.sh sets root
broken_links() {
	for f in "$@"; do
		grep -oE '\]\([^):# ]+[)#]' "$f" | tr -d '])(#' |
			while IFS= read -r to; do
				[ -e "$(dirname "$f")/$to" ] ||
					echo "$f: no file $to"
			done
		grep -oE '`(drb-core|net(front|back)-drb)/[a-z_]+\.[ch]`' "$f" |
			tr -d '`' | while IFS= read -r to; do
				[ -e "$root/$to" ] || echo "$f: no file $to"
			done
	done
}

# ---- words -----------------------------------------------------------------

need_version_ifs() { :; }
need_negated_on() { :; }
need_private_words() { :; }

# Kernel versions are compared in compat.h and nowhere else.
version_ifs() {
	for f in "$@"; do
		[ "$(basename "$f")" = compat.h ] && continue
		grep -HnE '^[[:space:]]*#[[:space:]]*(el)?if.*(LINUX_VERSION_CODE|KERNEL_VERSION|RHEL_RELEASE)' \
			"$f"
	done
	return 0
}

# What is not to happen in a domain does not happen either where the agent fails:
# fails_on can tell the two.
negated_on() {
	[ $# -gt 0 ] || return 0
	grep -HnE '(^|[^"[:alnum:]])! *(on|agent) ' "$@"
	return 0
}

# Hosts of package mirrors, paths of one machine, and words about how a text
# came to be.  Written so that this file does not contain what it looks for.
private_words() {
	[ $# -gt 0 ] || return 0
	grep -HnIE \
		-e '(deb|snapshot|security|ftp|archive)[.](debian|ubuntu)[.](org|com)' \
		-e '/wor[k]/(main|shared|steering)|[.]librar[y]/|/tm[p]/bash_jobs' \
		-e '/roo[t]/[.]cache|/hom[e]/[a-z]+/' "$@"
	grep -HnIiwE \
		-e 'claud[e]|anthropi[c]|chatgp[t]|copilo[t]|ll[m]s?' \
		-e 'issu[e] #?[0-9]+|(this|previous|earlier|next|last) sessio[n]' \
		"$@"
	return 0
}
