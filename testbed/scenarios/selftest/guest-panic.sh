# SPDX-License-Identifier: GPL-2.0
# A guest's kernel panics, and the script would not notice.
# shellcheck shell=sh

pass "something"
start guest crash "echo c >/proc/sysrq-trigger"
sleep 60
