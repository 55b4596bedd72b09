# SPDX-License-Identifier: GPL-2.0
# What the tests of the I/O task table share; sourced by their scripts in dom0.
# Each row of the table is an attack.  With control=1 the hypervisor has no I/O
# task table, and the attack must succeed, or grants alone refuse it.
# shellcheck shell=sh disable=SC2034,SC2086

READ=4 HOST=2 DEVICE=1 PTE=16		# GNTMAP_*
WRITE=1					# XEN_IOTASK_WRITE
ALL=0xffffffff SELF=0x7ff0
# What the guest's pages hold while they are granted and afterwards, and what
# the driver domain writes.
PUBLIC=0x5055424c49435055
SECRET=0x5ec2e75ec2e75ec2
TAG=0x7a677a677a677a67

guest=guest
driver=${driver:-}
driver_id=0
[ -z "$driver" ] || driver_id=$(domid "$driver")

# g COMMAND...: the guest's drb-iotest; d: the driver domain's, dom0 by default;
# t: that of a third domain.
g() {
	on "$guest" "/drb/iot $*"
}

d() {
	if [ -n "$driver" ]; then
		on "$driver" "/drb/iot $*"
	else
		/drb/iot "$@"
	fi
}

t() {
	on third "/drb/iot $*"
}

# hv COMMAND...: the program for this very version of Xen.
hv() {
	_hv=/drb/hv-$(cat /sys/hypervisor/version/major).$(cat /sys/hypervisor/version/minor)
	[ -e "$_hv" ] || _hv=/drb/hv
	"$_hv" "$@"
}

# either PATCHED STOCK: what is expected of the hypervisor that we run on.
either() {
	if [ "${control:-0}" = 1 ]; then
		echo "$2"
	else
		echo "$1"
	fi
}

# says WORDS COMMAND...: its answer has each of these words.
says() {
	_words=$1
	shift
	answer=$("$@") || return
	for _word in $_words; do
		case " $answer " in
		*" $_word "*) ;;
		*)
			echo "$*: $answer, wanted $_words"
			return 1
			;;
		esac
	done
}

# refused COMMAND...: Xen does not do it, and that is the answer.
refused() {
	answer=$("$@") || return
	case " $answer" in
	*" rc=-"*) return ;;
	esac
	echo "$*: $answer, wanted a refusal"
	return 1
}

# value KEY: from the last answer.
value() {
	_value=" $answer"
	_value=${_value##* "$1="}
	echo "${_value%% *}"
}

# atleast N KEY, exactly N KEY: of the last answer.
atleast() {
	[ "$(value "$2")" -ge "$1" ] || {
		echo "$2 is less than $1: $answer"
		return 1
	}
}

# register FLAGS COUNT PAGE: makes these pages a task.
register() {
	says "$(either rc=0 rc=-38)" g register "$driver_id" "$1" 0 "$2" \
		$((ref + $3))
}

# share COUNT: that many pages, and one more that stays an ordinary grant,
# which also says whether a revoke is under way.
share() {
	says "nr=$(($1 + 1))" g alloc $(($1 + 1)) || return
	ref=$(value ref) pages=$1
	guest_id=$(domid "$guest")
	g fill $PUBLIC 0 "$pages" >/dev/null &&
		g grant "$driver_id" 0 0 $((pages + 1)) >/dev/null
}

# offer FLAGS COUNT: the same, as a task.
offer() {
	share "$2" && register "$1" "$2" 0
}

# strike: revoke all, and put the secret into the pages at once.
strike() {
	says "$(either rc=0 rc=-38)" g strike $SECRET 0 "$pages"
}

# try PATCHED STOCK FLAGS: map the pages, with that many successes.
try() {
	says "ok=$(either "$1" "$2")" d map "$guest_id" "$3" "$ref" "$pages"
}

# tidy: both sides give all back, whatever has become of the attack; all of it
# must succeed.
tidy() {
	_tidied=0
	says lost=0 d forget || _tidied=1
	strike || _tidied=1
	says busy=0 g end 0 $((pages + 1)) || _tidied=1
	says "$(either rc=0 rc=-38)" g drop $SELF $ALL 0 || _tidied=1
	says lost=0 g free || _tidied=1
	return $_tidied
}

# row NAME FUNCTION: one attack, and the tidying behind it.
row() {
	check "$1" "$2"
	check "$1: tidied up" tidy
	check "$1: no page is lost" as_before
}

# Xen's free pages, exactly; those of a dead domain come some time after it.
note_free() {
	hv free >/tmp/free
	sleep 1
	same_free >/dev/null || note_free
}

same_free() {
	hv free >/tmp/free.now
	cmp -s /tmp/free /tmp/free.now || {
		cat /tmp/free /tmp/free.now | tr '\n' ' '
		return 1
	}
}

as_before() {
	await 5 same_free || same_free
}
