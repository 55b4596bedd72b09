#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2086,SC2154,SC2317 # functions are called by way of check
# usage: run.sh
# drbctl and drb-bench on a machine without Xen: documentation, wrong input, a
# xenstore full of what guests should not write, hosts that are not there, reports,
# peers that misbehave.  PASS name, or FAIL name: why.
set -u

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$root/build/tools
drbctl=$build/asan/drbctl
page=$root/docs/man/drbctl.8
completion=$root/packaging/bash-completion/drbctl
work=$(mktemp -d)
tools=$here
# shellcheck source=hosts.sh
. "$here/hosts.sh"
store=
hosts=
served=
other_store=
# shellcheck source=net.sh
. "$here/net.sh"
trap 'for p in $store $hosts $other_store $served; do kill "$p"; done; net_down; rm -rf "$work" "$work.programs"' EXIT
status=0

# check NAME COMMAND...: its last line says why it failed.
check() {
	name=tools.$1
	shift
	if "$@" >"$work/check" 2>&1; then
		echo "PASS $name"
	else
		echo "FAIL $name: $(tail -n 1 "$work/check" | cut -c 1-300)"
		status=1
	fi
}

# fails CODE WORDS COMMAND...: that exit code, nothing on standard output, one
# line of error, which has these words. $as: the tool, if it is not the command.
fails() {
	wanted=$1 words=$2 tool=$(basename "${as:-$3}")
	shift 2
	"$@" >"$work/out" 2>"$work/err"
	code=$?
	if [ "$code" != "$wanted" ]; then
		echo "$*: exit code $code, wanted $wanted: $(head -c 300 "$work/err")"
		return 1
	fi
	if [ -s "$work/out" ] || [ "$(wc -l <"$work/err")" != 1 ] ||
		! grep -q "^$tool: .*$words" "$work/err"; then
		echo "$*: wanted one line with '$words': $(cat "$work/err")"
		return 1
	fi
}

# await COMMAND...: until it succeeds, for ten seconds.
await() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || return
		sleep 0.1
	done
}

# Wrong use of the memory ends the program, and says so on more than one line.
build_tool() {
	make -s -C "$root" TOOLS="$build/asan" LDFLAGS="$1" \
		CFLAGS="-g -O1 -fno-omit-frame-pointer $1" \
		"$build/asan/drbctl" "$build/asan/drb-bench" \
		"$build/asan/serve_dev" "$build/asan/updates"
}

# ---- documentation ---------------------------------------------------------

options() {
	"$here/options.py" "$drbctl" "$1" "$2"
}

# An option more or less in either must be noticed.
options_noticed() {
	sed '/It Fl n , Fl .-no-wait/d' "$page" >"$work/page"
	! options "$work/page" "$completion" >"$work/out" &&
		grep -q '^FAIL tools.options.attach' "$work/out" || return
	sed 's/It Fl p , Fl .-prometheus/&\n.It Fl z , Fl \\-zebra/' "$page" \
		>"$work/page"
	! options "$work/page" "$completion" >"$work/out" &&
		grep -q '^FAIL tools.options.stats.*zebra' "$work/out" || return
	sed 's/ -R --revoke//' "$completion" >"$work/drbctl.completion"
	! options "$page" "$work/drbctl.completion" >"$work/out" &&
		grep -q '^FAIL tools.options.policy' "$work/out"
}

# What is referred to is in other packages.
page_is_clean() {
	mandoc -T lint -W warning "$1" && groff -mdoc -ww -z "$1" 2>"$work/groff" &&
		! grep . "$work/groff"
}

page_lint_notices() {
	sed 's/^\.Sh NAME/.Sh NAME\n.Bl -tag/' "$page" >"$work/page"
	! page_is_clean "$work/page"
}

# Each exit code is documented.
exit_codes() {
	for code in 0 1 2 3 4; do
		grep -q "^\.It $code\$" "$page" || {
			echo "exit code $code is not in the manual page"
			return 1
		}
	done
}

completes() {
	bash -c '. "$1"; COMP_WORDS=($2); COMP_CWORD=$(($# - 2))
		COMP_WORDS=("${@:2}"); COMP_CWORD=$(($# - 2)); _drbctl
		printf "%s\n" "${COMPREPLY[@]}"' bash "$completion" "$@"
}

completion_completes() {
	[ "$(completes drbctl po)" = "policy
policyd" ] && [ "$(completes drbctl stats --pro)" = --prometheus ] &&
		[ "$(completes drbctl revoke x al)" = all ]
}

# ---- wrong input -----------------------------------------------------------

usage() {
	fails 2 "which command" "$drbctl" &&
		fails 2 "no such command" "$drbctl" lsit &&
		fails 2 "no such option" "$drbctl" --foo &&
		fails 2 "no such option" "$drbctl" list --foo &&
		fails 2 "no such option" "$drbctl" list -x &&
		fails 2 "wants an argument" "$drbctl" top --interval &&
		fails 2 "usage: drbctl show" "$drbctl" show &&
		fails 2 "usage: drbctl list" "$drbctl" list all &&
		fails 2 "usage: drbctl revoke" "$drbctl" revoke a b c &&
		fails 2 "one command" "$drbctl" help list show &&
		fails 2 "no such command" "$drbctl" help lsit
}

numbers() {
	for n in -1 x 0x10 1e3 '' ' 1' 1x 128 99999999999999999999; do
		fails 2 "max-tasks" "$drbctl" policy g --max-tasks "$n" || return
	done
	for n in -1 x 0x1p3 inf nan '' ' 1' 1s 0 0.05 1.2.3 99999999; do
		fails 2 "interval" "$drbctl" stats --interval "$n" || return
	done
	fails 2 "count" "$drbctl" stats --count 1.5 &&
		fails 2 "number of a task" "$drbctl" revoke 1 -- -5
}

together() {
	fails 2 "one of them" "$drbctl" stats --json --prometheus &&
		fails 2 "neither" "$drbctl" stats -p -i 1 &&
		fails 2 "only with" "$drbctl" stats --output x &&
		fails 2 "do not go together" "$drbctl" policy g --save &&
		fails 2 "do not go together" "$drbctl" policy g -f -t 1 &&
		fails 2 "do not go together" "$drbctl" policy g --revoke &&
		fails 2 "no other option" "$drbctl" policy apply g -t 1 &&
		fails 2 "drivers.*empty" "$drbctl" policy g --drivers a,,b &&
		fails 2 "more than 8" "$drbctl" policy g -d 1,2,3,4,5,6,7,8,9
}

# Nothing of Xen is here: neither xenstored nor /proc/xen nor privcmd.
without_xen() {
	for command in list 'show vif1.0' stats top check; do
		fails 1 "cannot reach xenstore: this is no Xen domain" \
			"$drbctl" $command || return
	done
	for command in tasks policyd 'policy g' 'policy apply g' 'revoke g'; do
		fails 1 "no /dev/xen/privcmd" "$drbctl" $command || return
	done
	fails 4 "by dom0" "$drbctl" attach g mac=x &&
		fails 4 "by dom0" "$drbctl" detach g 1
}

unwritable_output() {
	for command in help --version 'list --help' list 'list --json' \
		'show 1:0' 'stats --prometheus'; do
		"$drbctl" $command >/dev/full 2>"$work/err"
		code=$?
		if [ "$code" != 1 ] || [ "$(wc -l <"$work/err")" != 1 ] ||
			! grep -q '^drbctl: .*standard output' "$work/err"; then
			echo "$command: exit code $code: $(cat "$work/err")"
			return 1
		fi
	done
}

# ---- a xenstore to be wary of ----------------------------------------------

start_store() {
	"$here/hostile.py" >"$work/tree.json" && store_in "$work" || return
	store=$!
	export XENSTORED_PATH="$work/socket"
}

# holds FILTER COMMAND...: its JSON satisfies that.
holds() {
	filter=$1
	shift
	"$@" >"$work/out" 2>"$work/err" || {
		echo "$*: exit code $?: $(cat "$work/err")"
		return 1
	}
	jq -e "$filter" "$work/out" >"$work/jq" || {
		echo "not: $filter: $(jq -c . "$work/out" | cut -c 1-250)"
		return 1
	}
}

good_vifs() {
	holds 'map(select(.guest.id < 3)) as [$a, $b] |
		$a.vif == "vif1.0" and $a.guest.name == "web" and
		$a.mode == "grants" and $a.queues == 2 and
		$a.limit_bps == 20000000 and $a.state == "connected" and
		$b.mode == "stock" and $b.queues == 1 and $b.limit_bps == null' \
		"$drbctl" list --json
}

# What is no number is none, and no directory of that name is a vif.
bad_numbers() {
	holds 'map(.vif) == ["vif1.0", "vif2.0", "vif3.0", "vif4.0", "vif4.1",
			"vif5.0"] and
		map(select(.guest.id == 4)) == [.[3], .[4]] and
		all(.[3:5][]; .queues == null and .limit_bps == null) and
		.[3].state == "connected/unknown" and .[4].state == "unknown"' \
		"$drbctl" list --json
}

# Whatever is printed, it is printable ASCII.
bad_texts() {
	for command in list 'show 3:0' 'show 5:0' 'list --json' 'show --json 3:0' \
		'stats --prometheus'; do
		"$drbctl" $command >"$work/out" 2>"$work/err" || {
			echo "$command: exit code $?: $(cat "$work/err")"
			return 1
		}
		if LC_ALL=C grep -n '[^ -~]' "$work/out"; then
			echo "$command: unprintable"
			return 1
		fi
	done
	holds '.[2].guest.name == "a\\x1b[31mb\"\\\\\\x0a\\x00\\xff{}" and
		.[2].mode == null' "$drbctl" list --json
}

bad_lengths() {
	holds '.script | length < 256 and endswith("...")' \
		"$drbctl" show --json 5:0 &&
		holds '.guest_end.xenstore | length <= 65 and
			.["..."] == "there are more" and
			all(.[] | strings; length < 256)' \
			"$drbctl" show --json vif5.0
}

# drb-bench's token is not for who reads what drbctl says.
secret_is_kept() {
	holds '.guest_end.xenstore."drb-bench-token" == "not shown"' \
		"$drbctl" show --json vif1.0 &&
		"$drbctl" show vif1.0 >>"$work/out" && ! grep 5ec2e7 "$work/out"
}

no_such_vif() {
	for vif in vif9.0 vif1.1 1:7 vif1 eth99 vif1.0x vif01.0 1:-1 \
		"$(printf 'x\033[31m')" ../../x; do
		fails 3 "no such vif\\|has no vif" "$drbctl" show "$vif" || return
	done
	fails 3 "no device in this domain" "$drbctl" stats 1:0 &&
		fails 3 "no such domain" "$drbctl" show nobody:0
}

# ---- saved policies --------------------------------------------------------

saved_policies() {
	file=$work/policy.conf
	printf '# mine\nother drivers=any\n' >"$file"
	"$drbctl" policy 'my guest,#1' -d 'net dd,0' -t 8 --save -F "$file" &&
		"$drbctl" policy 'my guest,#1' -r 99 --save -F "$file" &&
		grep -qxF '# mine' "$file" && grep -qx 'other drivers=any' "$file" &&
		grep -qxF 'my\x20guest\x2c\x231 drivers=net\x20dd,0 max-tasks=8 max-refs=99' \
			"$file" && [ "$(wc -l <"$file")" = 3 ] &&
		"$drbctl" policy other --forget -F "$file" &&
		! grep other "$file" && [ "$(wc -l <"$file")" = 2 ]
}

policy_file_in_the_way() {
	mkfifo "$work/pipe" && mkdir -p "$work/dir" && echo kept >"$work/dir/file" &&
		fails 1 "not been changed" \
			"$drbctl" policy g -t 1 --save -F "$work/dir" &&
		fails 1 "not been changed" \
			"$drbctl" policy g -t 1 --save -F "$work/none/x" &&
		fails 1 "not been changed" \
			"$drbctl" policy g -t 1 --save -F "$work/pipe" &&
		[ "$(cat "$work/dir/file")" = kept ]
}

# Two at a time do not lose each other's lines.
policies_at_once() {
	file=$work/many.conf
	for i in 1 2 3 4 5 6 7 8; do
		"$drbctl" policy "guest-$i" -t "$i" --save -F "$file" &
		pids="${pids:-} $!"
	done
	for pid in $pids; do
		wait "$pid" || return
	done
	[ "$(sort -u "$file" | wc -l)" = 8 ]
}

if ! build_tool "-fsanitize=address,undefined -fno-sanitize-recover=all" \
	>"$work/build" 2>&1; then
	echo "FAIL tools.build: $(grep -m 1 error "$work/build")"
	exit 1
fi
# What is in use when a program ends need not be freed.
export ASAN_OPTIONS=detect_leaks=0

options "$page" "$completion" || status=1
check options-noticed options_noticed
check manual-page page_is_clean "$page"
check manual-page-noticed page_lint_notices
check exit-codes exit_codes
check completion completion_completes
check usage usage
check numbers numbers
check together together
check without-xen without_xen
check store start_store
check good-vifs good_vifs
check bad-numbers bad_numbers
check bad-texts bad_texts
check bad-lengths bad_lengths
check secret-is-kept secret_is_kept
check no-such-vif no_such_vif
check unwritable-output unwritable_output
check top "$here/screen.py" "$drbctl" vif1.0
check saved-policies saved_policies
check policy-file-in-the-way policy_file_in_the_way
check policies-at-once policies_at_once
# shellcheck source=stats.sh
. "$here/stats.sh"
# shellcheck source=checks.sh
. "$here/checks.sh"
# shellcheck source=updates.sh
. "$here/updates.sh"
"$here/benchstates.py" || status=1
# shellcheck source=bench.sh
. "$here/bench.sh"
exit "$status"
