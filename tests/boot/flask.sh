# SPDX-License-Identifier: GPL-2.0
# Whatever FLASK refuses is tried a second time while it is permissive, and must
# succeed: it was FLASK that refused, and nothing else.
# shellcheck shell=sh disable=SC1091,SC2034,SC2086,SC2154

. /drb/task.sh

# i COMMAND...: the isolated domain's drb-iotest.
i() {
	on isolated "/drb/iot $*"
}

enforcing() {
	[ "$(xl getenforce)" = Enforcing ]
}

labelled() {
	xl list -Z | grep "^$1 .* $2\$"
}

# refused RC PERMISSION COMMAND...: the answer has that code, and this is the
# permission that FLASK missed.
refused() {
	_code=$1 _permission=$2
	shift 2
	xl dmesg -c >/dev/null
	says "rc=$_code" "$@" &&
		xl dmesg | grep "avc:  denied  { $_permission } .* tclass=grant"
}

permitted() {
	xl setenforce 0 || return
	says rc=0 "$@"
	_permitted=$?
	xl setenforce 1 && return $_permitted
}

# attempt NAME RC PERMISSION COMMAND...
attempt() {
	_attempt=$1
	shift
	check "$_attempt: refused" refused "$@"
	shift 2
	check "$_attempt: done where FLASK is permissive" permitted "$@"
}

# dom0 WORDS COMMAND...: what dom0 does to the guest, whose ID comes first.
dom0() {
	_wanted=$1 _command=$2
	shift 2
	says "$_wanted" /drb/iot "$_command" "$guest_id" "$@"
}

# Xen's own policy does not let dom0 map the console of a domain that is being
# built under a label of its own.
built_relabelled() {
	xl setenforce 0 && start_domain nomigrate && await_domain nomigrate &&
		xl setenforce 1 &&
		labelled nomigrate system_u:system_r:nomigrate_t
}

# kept_apart DOMAIN: it can have no tasks for the driver domain.
kept_apart() {
	guest=$1
	check "$guest grants pages to another domain" share 8
	attempt "$guest registers a task for it" \
		-13 iotask_register g register "$driver_id" $WRITE 0 8 $ref
	check "$guest gets them back" tidy
}

# served DOMAIN: it has tasks for dom0, which may do all to them.
served() {
	guest=$1
	check "$guest registers a task for dom0" offer $WRITE 8
	check "$guest: dom0 maps it" try 8 8 $HOST
	check "$guest: dom0 sees it" dom0 "rc=0 mapped=8" query 0
	check "$guest: dom0 sets the policy" dom0 rc=0 policy 1 4 32 $ALL
	check "$guest: dom0 sees the policy" dom0 "rc=0 max_refs=32" policy 0
	check "$guest: dom0 revokes it" dom0 rc=0 revoke $ALL
	check "$guest: now it is revoked" dom0 "rc=0 state=3 diverted=8" query 0
	check "$guest: dom0 drops it" dom0 rc=0 drop $ALL
	check "$guest gets its pages back" tidy
}

check "FLASK is enforcing" enforcing
check "the default label" labelled guest system_u:system_r:domU_t
check "the isolated domain's" labelled isolated system_u:system_r:isolated_domU_t
check "the driver domain's" labelled driver user_1:vm_r:domU_t
check "the one built under another label" built_relabelled

check "a guest registers a task for a domain of its type" offer $WRITE 8
check "which maps it" try 8 8 $HOST
check "and sees it" says "rc=0 mapped=8" d query "$guest_id" 0
check "the guest sees it, too" says "rc=0 mapped=8" g query $SELF 0
check "and its policy" says "rc=0 tasks=1" g policy $SELF 0
attempt "a third domain asks about it" -13 iotask_query i query "$guest_id" 0
attempt "a third domain asks about the policy" \
	-13 iotask_query i policy "$guest_id" 0
attempt "a third domain sets the policy" \
	-13 iotask_policy i policy "$guest_id" 1 2 8 $ALL
check "now it is another one" dom0 "rc=0 max_tasks=2 max_refs=8" policy 0
attempt "the guest sets its own" -13 iotask_policy g policy $SELF 1 3 9 $ALL
attempt "the driver domain revokes it" \
	-13 iotask_revoke d revoke "$guest_id" $ALL
check "now it is revoked" dom0 "rc=0 state=3 diverted=8" query 0
attempt "the driver domain drops it" -13 iotask_revoke d drop "$guest_id" $ALL
check "now it is gone" dom0 rc=-2 query 0
check "the guest gets its pages back" tidy
kept_apart isolated
kept_apart user

driver='' driver_id=0
served guest
served isolated
served nomigrate
check "FLASK still is enforcing" enforcing
