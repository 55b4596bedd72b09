# SPDX-License-Identifier: GPL-2.0
# The script never ends.
# shellcheck shell=sh

pass "something"
sleep 1000
