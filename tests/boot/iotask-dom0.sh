# SPDX-License-Identifier: GPL-2.0
# What a domain that is alone can ask the I/O task table for.
# shellcheck shell=sh disable=SC1091,SC2086,SC2154

. /drb/task.sh

# No driver domain has that number.
NOBODY=5

grants() {
	says nr=16 d alloc 16 && ref=$(value ref) &&
		d grant $NOBODY 0 0 8 >/dev/null
}

check "pages are granted" grants
check "there is no task" says rc=-2 d query $SELF 0 0
check "none is registered for nobody" says rc=-3 d register $NOBODY 0 0 8 "$ref"
check "none is registered for oneself" says rc=-22 d register 0 0 0 8 "$ref"
check "all of none are revoked" says rc=0 d revoke $SELF $ALL 0
check "all of none are dropped" says rc=0 d drop $SELF $ALL 0
check "grants end, and pages are freed" says busy=0 d end 0 8
