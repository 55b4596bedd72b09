# SPDX-License-Identifier: GPL-2.0
# The machine is switched off before the end.
# shellcheck shell=sh

pass "something"
poweroff -f
sleep 60
