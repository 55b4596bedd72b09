# SPDX-License-Identifier: GPL-2.0
# The script ends with an error after a pass.
# shellcheck shell=sh

pass "something"
exit 3
