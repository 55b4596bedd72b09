# SPDX-License-Identifier: GPL-2.0
# A crash that was announced is no failure.
# shellcheck shell=sh

check "a warning ends dom0" grep -qx 1 /proc/sys/kernel/panic_on_warn
check "a warning ends a guest" on guest \
	"grep -qx 1 /proc/sys/kernel/panic_on_warn"
expect_crash guest
start guest crash "echo c >/proc/sysrq-trigger"
guest_is_gone() {
	! on_timeout=5 on guest true
}
check "the guest answers no more" await 20 guest_is_gone
