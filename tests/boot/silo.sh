# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091,SC2086,SC2154

. /drb/task.sh

# offered_to DOMAIN ANSWER: pages granted to it, and what registering says.
offered_to() {
	g alloc 8 && g grant "$1" 0 0 8 && says nr=8 g refs || return
	says "$2" g register "$1" $WRITE 0 8 "$(value ref)"
}

given_back() {
	says rc=0 g revoke $SELF $ALL 0 && says busy=0 g end 0 8 &&
		says rc=0 g drop $SELF $ALL 0 && says lost=0 g free
}

# acts_on_another OPERATION...: as an unprivileged domain.
acts_on_another() {
	says rc=-1 t "$@" "$(domid guest)" $ALL 0
}

check "a task for another guest is refused" \
	offered_to "$(domid third)" rc=-1
check "nothing of it stays" given_back
check "a task for dom0 is not" offered_to 0 rc=0
check "another guest can not revoke it" acts_on_another revoke
check "nor drop it" acts_on_another drop
check "dom0 can" says rc=0 d revoke "$(domid guest)" $ALL 0
check "it is given back" given_back
