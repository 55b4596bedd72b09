# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091,SC2086

. /drb/drb.sh
. /drb/drbctl-lib.sh

# warns CHECK WORDS: with what to do, and the host is ready all the same.
warns() {
	reports "$1" warn "$2" || return
	jq -e --arg c "$1" 'any(.[]; .check == $c and .result == "warn" and
		(.mend | length) > 10)' $OUT >/tmp/jq.out
}

both_connected() {
	await 20 connected full 0 && await 20 connected guest 0
}

check "both vifs are connected" both_connected
check "a table that is not enabled" warns hypervisor "table is not enabled"
check "a relaxed IOMMU" warns iommu relaxed
check "few mappings left" warns mappings "use 1028 of this domain's 1280"
check "few grant entries left" warns "grant entries" \
	"guest $(domid full): DRB vifs use 514 of 1024"
check "no rule for the next boot" warns "next boot" "no rule"
check "a privileged driver domain" warns "driver domain" "dom0 is privileged"
check "the other guest has room" sh -c "! grep -q 'guest $(domid guest)' $OUT"
